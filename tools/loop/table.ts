import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoopReport } from './report';

/*
 * `npm run loop:table -- FOLDER…`: the reports of several loops as one
 * Markdown table, a row each, for the README.
 */

const COLUMNS = ['rule', 'seed', 'labels', 'iterations', 'β', 'held-out accuracy [95 %]', 'ceiling', 'gold, base → tuned [95 %]', 'gain in sd', 'KL, last quarter', 'distinct-2', 'reference nats a token'];

const fixed = (value: number, digits = 2) => value.toFixed(digits);
const percent = (value: number) => fixed(value * 100, 1);

function row({ rule, seed, labels, iterations, beta, lora, accuracy, ceiling, gold, kl, distinct_2, reference_nll }: LoopReport): string[] {
  const interval = ({ mean, low, high }: { mean: number; low: number; high: number }) => `${fixed(mean)} [${fixed(low)}, ${fixed(high)}]`;
  return [
    rule,
    String(seed),
    String(labels),
    String(iterations),
    lora ? `${beta}, LoRA of rank ${lora}` : String(beta),
    accuracy ? `${percent(accuracy.value)} % [${percent(accuracy.low)}, ${percent(accuracy.high)}], ${accuracy.n} pairs` : '–',
    `${percent(ceiling)} %`,
    gold ? `${interval(gold.base)} → ${interval(gold.tuned)}` : '–',
    gold ? fixed((gold.tuned.mean - gold.base.mean) / gold.base.std) : '–',
    fixed(kl.last_quarter),
    `${fixed(distinct_2.base)} → ${fixed(distinct_2.tuned)}`,
    `${fixed(reference_nll.base)} → ${fixed(reference_nll.tuned)}`,
  ];
}

const folders = process.argv.slice(2);
if (folders.length === 0) throw new Error('Name the folders of some loops: npm run loop:table -- FOLDER…');
const rows = folders.map((folder) => row(JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as LoopReport));
for (const cells of [COLUMNS, COLUMNS.map(() => '---'), ...rows]) console.log(`| ${cells.join(' | ')} |`);
