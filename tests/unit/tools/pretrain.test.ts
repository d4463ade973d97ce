import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { unpackCheckpoint } from '../../../tools/pretrain/checkpoint';
import { readOptions, UsageError } from '../../../tools/pretrain/options';

let folder: string;
let training: ChildProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nudge-pretrain-'));
});
afterEach(() => {
  training?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

it('needs no option but the corpus', () => {
  expect(readOptions(['--corpus', 'text.txt'])).toMatchObject({ corpus: 'text.txt', out: 'out/pretrain' });
  expect(() => readOptions(['--out', 'x'])).toThrow(UsageError);
  for (const bad of ['0', '-1', 'often']) expect(() => readOptions(['--corpus', 'x', `--save-every=${bad}`])).toThrow(/--save-every/);
});

it('goes on near where it was killed, however far the next validation is', async () => {
  const corpus = join(folder, 'corpus.txt');
  writeFileSync(corpus, Array.from({ length: 60 }, (_, i) => `Tom saw ${i} birds in the tree and was happy.\n<|endoftext|>\n`).join(''));
  const sizes = { vocabulary: 300, width: 8, depth: 1, heads: 2, ffn: 8, context: 16, batch: 2, steps: 1_000_000, 'eval-every': 1_000_000 };
  const options = Object.entries({ corpus, out: folder, ...sizes, 'save-every': 0.001, backend: 'cpu' }).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const checkpoint = join(folder, 'checkpoint.safetensors');

  await train(options, () => existsSync(checkpoint));
  const { state, history } = unpackCheckpoint(readFileSync(checkpoint));
  expect(state.step).toBeGreaterThan(0);
  expect(history).toEqual([]);
  const said = await train(options, (output) => /going on at step (\d+)/.test(output));
  expect(said).toContain(`going on at step ${state.step}\n`);
});

/** Trains in a process of its own until something is so, then kills it; returns what it printed. */
async function train(options: string[], until: (output: string) => boolean): Promise<string> {
  let output = '';
  // Not by the command `tsx`, which would start another process that outlives the kill.
  const child = (training = spawn(process.execPath, ['--import', 'tsx', 'tools/pretrain.ts', ...options]));
  const ended = new Promise((done) => child.once('close', done));
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += String(chunk)));
  while (!until(output)) {
    if (child.exitCode !== null) throw new Error(output);
    await new Promise((next) => setTimeout(next, 20));
  }
  child.kill('SIGKILL');
  await ended;
  return output;
}
