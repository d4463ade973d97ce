import { parseArgs } from 'node:util';
import { EXPERIMENTS } from '../../src/experiments';

export interface Invocation {
  name: string;
  /** Seeds 1 to this one. */
  seeds: number;
  model: string;
  rule: string;
  out: string;
  node: boolean;
}

const DEFAULTS = { seeds: '3', model: 'small', rule: 'long-words', out: 'out/experiments' };

export const HELP = `npm run experiment -- NAME [options]

An experiment with a simulated labeler over several seeds. Leaves NAME/report.json
and NAME/figure.png in the results' folder. Run it again with the same --out and
it goes on where it was; experiments in one folder share the steps that they have
in common. NAME is one of:

${EXPERIMENTS.map(({ name, title }) => `  ${name.padEnd(20)} ${title}`).join('\n')}

  --seeds N            seeds 1 to N                 (${DEFAULTS.seeds})
  --model NAME         shipped model                (${DEFAULTS.model})
  --rule NAME          rule of the labeler          (${DEFAULTS.rule})
  --out FOLDER         where the results go         (${DEFAULTS.out})
  --node               in Node on Dawn, in place of Chromium
`;

/** Read the command line. Throws an error that names what is wrong. */
export function readOptions(args: string[]): Invocation | 'help' {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { seeds: text, model: text, rule: text, out: text, node: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help || positionals.length === 0) return 'help';
  if (positionals.length > 1) throw new Error(`One experiment at a time: not ${positionals.join(' and ')}.`);
  const { seeds: given, model, rule, out } = { ...DEFAULTS, ...values };
  const seeds = Number(given);
  if (!Number.isSafeInteger(seeds) || seeds < 1) throw new Error(`--seeds must be a whole number of at least 1, not "${given}".`);
  return { name: positionals[0], seeds, model, rule, out, node: values.node ?? false };
}
