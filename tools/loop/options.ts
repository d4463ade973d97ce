import { parseArgs } from 'node:util';

/** What one loop is to do. Kept beside its results, and compared when it is resumed. */
export interface LoopOptions {
  model: string;
  rule: string;
  seed: number;
  labels: number;
  iterations: number;
  beta: number | 'adaptive';
  /** Rank of the policy's adapter; 0 trains all of it. */
  lora: number;
  evaluate: number;
  /** Folder of an earlier loop whose labels and reward model serve again. */
  reuseReward: string | null;
}

export interface Invocation {
  options: LoopOptions;
  out: string;
  node: boolean;
}

/** Small enough for ten minutes on two cores without a GPU, large enough to see every step work. */
const DEFAULTS = { model: 'small', rule: 'long-words', seed: '1', labels: '1800', iterations: '36', beta: 'adaptive', lora: '0', evaluate: '256' };

export const HELP = `npm run loop -- [options]

The whole chain with a simulated labeler: sample pairs, label them by a rule,
train a reward model, run PPO against it, evaluate on prompts never trained on.
Leaves report.json, curves.png and run.nudge (which the Library opens). Run it
again with the same --out and it goes on where it was.

  --model NAME         shipped model                             (${DEFAULTS.model})
  --rule NAME          rule of the simulated labeler             (${DEFAULTS.rule})
  --seed N             seed of everything drawn                  (${DEFAULTS.seed})
  --labels N           pairs to label; a fifth is held out       (${DEFAULTS.labels})
  --iterations N       PPO iterations of 32 responses            (${DEFAULTS.iterations})
  --beta X|adaptive    fixed KL coefficient, 0 for no leash      (${DEFAULTS.beta})
  --lora RANK          tune by an adapter of this rank, 0: whole (${DEFAULTS.lora})
  --evaluate N         held-out samples, of each policy          (${DEFAULTS.evaluate})
  --reuse-reward DIR   labels and reward model of an earlier loop
  --out FOLDER         where the results go                      (out/MODEL-RULE-SEED-BETA[-loraRANK])
  --node               the same engine in Node on Dawn; without any browser
                       the picture is curves.svg
`;

/** Read the command line. Throws an error that names the option that is wrong. */
export function readOptions(args: string[]): Invocation | 'help' {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args,
    options: {
      ...{ model: text, rule: text, seed: text, labels: text, iterations: text, beta: text, lora: text, evaluate: text, out: text },
      'reuse-reward': text,
      node: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return 'help';
  const given = { ...DEFAULTS, ...values };
  const options: LoopOptions = {
    model: given.model,
    rule: given.rule,
    seed: whole('seed', given.seed, 0),
    labels: whole('labels', given.labels, 10),
    iterations: whole('iterations', given.iterations, 1),
    beta: given.beta === 'adaptive' ? 'adaptive' : coefficient(given.beta),
    lora: whole('lora', given.lora, 0),
    evaluate: whole('evaluate', given.evaluate, 2),
    reuseReward: values['reuse-reward'] ?? null,
  };
  const out = values.out ?? `out/${options.model}-${options.rule}-${options.seed}-${options.beta}${options.lora > 0 ? `-lora${options.lora}` : ''}`;
  return { options, out, node: values.node ?? false };
}

function whole(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least) throw new Error(`--${name} must be a whole number of at least ${least}, not "${text}".`);
  return value;
}

function coefficient(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0) || !Number.isFinite(value)) throw new Error(`--beta must be a number of at least 0, or "adaptive", not "${text}".`);
  return value;
}
