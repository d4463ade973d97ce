import { describe, expect, it } from 'vitest';
import { LabClient, type LabPort } from '../../../src/lab/client';
import type { CommandMessage, Event } from '../../../src/lab/protocol';

/** A worker that only remembers what it was told, and says what a test lets it say. */
class FakePort implements LabPort {
  readonly sent: CommandMessage[] = [];
  private message: (event: { data: Event }) => void = () => undefined;
  private error: (event: { message?: string }) => void = () => undefined;

  postMessage(message: unknown): void {
    this.sent.push(structuredClone(message) as CommandMessage);
  }
  addEventListener(type: 'message' | 'error', listener: never): void {
    this[type] = listener;
  }
  say(event: Event): void {
    this.message({ data: event });
  }
  die(message?: string): void {
    this.error({ message });
  }
}

const open = () => {
  const port = new FakePort();
  return { port, client: new LabClient(port) };
};

describe('LabClient', () => {
  it('answers each command with its own reply, whatever the order', async () => {
    const { port, client } = open();
    const first = client.send('history', { runId: 'a' });
    const second = client.send('createDataset', { name: 'mine', seed: 3 });
    expect(port.sent).toEqual([
      { id: first.command, type: 'history', runId: 'a' },
      { id: second.command, type: 'createDataset', name: 'mine', seed: 3 },
    ]);
    expect(first.command).not.toBe(second.command);
    port.say({ type: 'reply', to: second.command, ok: true, result: { datasetId: 'd' } });
    await expect(second).resolves.toEqual({ datasetId: 'd' });
    port.say({ type: 'reply', to: first.command, ok: false, error: { name: 'NotFoundError', message: 'There is no run "a".' } });
    await expect(first).rejects.toMatchObject({ name: 'NotFoundError', message: 'There is no run "a".' });
  });

  it('reports progress to the command that it belongs to, and to no other', () => {
    const { port, client } = open();
    const heard: string[] = [];
    const first = client.send('step', { runId: 'a' }, ({ phase, done, total, secondsLeft }) => heard.push(`first ${phase} ${done}/${total} ${secondsLeft}`));
    void client.send('step', { runId: 'b' }, () => heard.push('second'));
    port.say({ type: 'progress', to: first.command, phase: 'rollout', done: 2, total: 5, secondsLeft: 9 });
    expect(heard).toEqual(['first rollout 2/5 9']);
  });

  it('tells listeners of their type of event until they stop', () => {
    const { port, client } = open();
    const lost: string[] = [];
    const stop = client.on('deviceLost', ({ message }) => lost.push(message));
    port.say({ type: 'deviceLost', message: 'one', adapter: null });
    port.say({ type: 'phase', runId: 'a', iteration: 1, phase: 'score' });
    stop();
    port.say({ type: 'deviceLost', message: 'two', adapter: null });
    expect(lost).toEqual(['one']);
  });

  it('asks the worker to give a command up, once, and only while it is under way', async () => {
    const { port, client } = open();
    const pending = client.send('step', { runId: 'a' });
    pending.cancel();
    expect(port.sent.at(-1)).toMatchObject({ type: 'cancel', command: pending.command });
    port.say({ type: 'reply', to: pending.command, ok: false, error: { name: 'Cancelled', message: 'Given up.' } });
    await expect(pending).rejects.toMatchObject({ name: 'Cancelled' });
    const before = port.sent.length;
    pending.cancel();
    expect(port.sent).toHaveLength(before);
  });

  it('fails what waits and what comes after when the worker dies', async () => {
    const { port, client } = open();
    const waiting = client.send('step', { runId: 'a' });
    port.die();
    await expect(waiting).rejects.toMatchObject({ name: 'WorkerFailed' });
    await expect(client.send('step', { runId: 'a' })).rejects.toMatchObject({ name: 'WorkerFailed' });
  });

  it('refuses what cannot be sent, and keeps working', async () => {
    const { port, client } = open();
    await expect(client.send('createDataset', { name: (() => 1) as never, seed: 1 })).rejects.toMatchObject({ name: 'BadCommand' });
    const good = client.send('createDataset', { name: 'x', seed: 1 });
    port.say({ type: 'reply', to: good.command, ok: true, result: { datasetId: 'd' } });
    await expect(good).resolves.toEqual({ datasetId: 'd' });
  });
});
