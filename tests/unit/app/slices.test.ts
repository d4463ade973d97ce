import { describe, expect, it } from 'vitest';
import { inSlices } from '../../../src/app/shell/slices';

/** Takes a millisecond of the processor at each step. */
function* work(steps: number, seen: number[] = []): Generator<void, string> {
  for (let i = 0; i < steps; i++) {
    const end = performance.now() + 1;
    while (performance.now() < end);
    seen.push(i);
    yield;
  }
  return 'done';
}

describe('long work in slices', () => {
  it('comes to its end, and lets other tasks in between', async () => {
    let others = 0;
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      others++;
      port2.postMessage(null);
    };
    port2.postMessage(null);
    expect(await inSlices(work(60), () => true)).toBe('done');
    port1.close();
    expect(others).toBeGreaterThanOrEqual(5);
  });

  it('is given up at the next pause once nobody wants it', async () => {
    const seen: number[] = [];
    let wanted = true;
    const result = inSlices(work(1000, seen), () => wanted);
    wanted = false;
    expect(await result).toBeNull();
    expect(seen.length).toBeLessThan(30);
  });

  it('that is short takes one task', async () => {
    expect(await inSlices(work(0), () => expect.unreachable('it paused'))).toBe('done');
  });
});
