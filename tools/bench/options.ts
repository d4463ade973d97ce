import { parseArgs } from 'node:util';

export const PARTS = ['a', 'b', 'c', 'd', 'store'] as const;
export type Part = (typeof PARTS)[number];

export interface BenchOptions {
  parts: readonly Part[];
  node: boolean;
  /** Repetitions of each measurement; fewer of one that takes long. */
  rounds: number;
  /** Smaller sizes and fewer iterations, to see that everything runs. */
  quick: boolean;
  json: string | null;
  picture: string | null;
}

export const HELP = `npm run bench -- [options]

The lab's engine beside plain TensorFlow.js and jax-js, on this machine's WebGPU
adapter: all in one run, turn and turn about. Every loss and token that should
be the same is compared before anything is timed.

  (a) one training step of a GPT and of the lab's own architecture
  (b) generation with a cache, and without one
  (c) a whole PPO iteration; device memory over 200 of them; the page's longest task
  (d) how time and memory grow with parameters, context and batch
  (store) the built page with 100,000 imported pairs: import, scrolling, search,
      and a judgement until it is on the disk; at rest, and while a model trains

  --only a,b,c,d,store  these parts                               (all)
  --rounds N       repetitions of each measurement, fewer where
                   one takes long                                 (5)
  --quick          less of everything: a look, no figures to go by
  --json FILE      the figures for machines
  --picture FILE   the curves of (d), a PNG or an SVG
  --node           in Node on Dawn instead of Chromium: no page, so no longest task
                   and no part store; jax-js needs Node 22 there
`;

/** Read the command line. Throws an error that names the option that is wrong. */
export function readOptions(args: string[]): BenchOptions | 'help' {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args,
    options: { only: text, rounds: text, json: text, picture: text, node: { type: 'boolean' }, quick: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) return 'help';
  const possible = PARTS.filter((part) => part !== 'store' || !values.node);
  const parts = (values.only ?? possible.join()).split(',') as Part[];
  for (const part of parts) if (!possible.includes(part)) throw new Error(`--only takes parts from ${possible.join()}, not "${part}".`);
  const rounds = Number(values.rounds ?? 5);
  if (!Number.isSafeInteger(rounds) || rounds < 1) throw new Error(`--rounds must be a whole number of at least 1, not "${values.rounds}".`);
  if (values.picture && !parts.includes('d')) throw new Error('--picture draws part d, which --only leaves out.');
  return { parts, node: values.node ?? false, quick: values.quick ?? false, rounds, json: values.json ?? null, picture: values.picture ?? null };
}
