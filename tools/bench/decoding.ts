import { COMPARED_SIZE } from '../../tests/bench/models';
import type { Work } from '../../tests/bench/work';
import type { ProgressLine } from '../terminal';
import { takeTurns, timesAsLong, type Measured } from './measure';
import type { BenchOptions } from './options';
import type { RealmHost } from './realms';
import { spreadOf, type Spread } from './spread';
import { rowsOf, seconds, table } from './table';

const ROWS = { full: 64, quick: 4 };
const PROMPT = 16;
const TOKENS = 48;

/** Share of tokens that must be drawn alike: a draw whose two best scores differ by a rounding may fall either way, and takes its row with it. */
const ALIKE = 0.9;

export interface DecodingReport {
  launches_per_token: number;
  tokens_per_s: number;
  vs_recompute: number;
  vs_tfjs: number;
  readbacks: number;
  /** Time of the last quarter of the tokens against the first. */
  last_quarter_against_first: Spread;
  seconds: Record<'ours' | 'recomputed' | 'tfjs', Spread>;
  /** Shares of the tokens that are ours. */
  alike: Record<'recomputed' | 'tfjs', number>;
}

/** (b): the same responses from the lab's model, sampled with a cache, without one, and by plain tfjs with a cache. */
export async function benchDecoding(ours: RealmHost, tfjs: RealmHost, { rounds, quick }: BenchOptions, line: ProgressLine): Promise<DecodingReport> {
  const rows = quick ? ROWS.quick : ROWS.full;
  const work = (how: 'cached' | 'quarters' | 'recomputed', tokens = TOKENS) =>
    ({ kind: 'generate', how, size: COMPARED_SIZE, rows, prompt: PROMPT, tokens }) satisfies Work;
  const what = 'generation';
  const turns = [
    { name: 'ours, with cache', realm: ours, work: work('cached') },
    { name: 'ours, recomputed', realm: ours, work: work('recomputed') },
    { name: 'plain tfjs, with cache', realm: tfjs, work: work('cached') },
  ];
  const [cached, recomputed, plain] = await takeTurns(what, turns, { warmUp: 1, rounds }, line);
  const [one] = await takeTurns(what, [{ name: '', realm: ours, work: work('cached', 1) }], { warmUp: 0, rounds: 1 }, line);
  const [quarters] = await takeTurns(what, [{ name: '', realm: ours, work: work('quarters') }], { warmUp: 1, rounds }, line);

  const alike = { recomputed: shareAlike(cached, recomputed), tfjs: shareAlike(cached, plain) };
  for (const [name, share] of Object.entries(alike)) if (share < ALIKE) throw new Error(`${name} draws other tokens than ours: only ${(share * 100).toFixed(0)} % are alike.`);
  const { counts } = cached.samples[0];
  const launches = (counts.launches - one.samples[0].counts.launches) / (TOKENS - 1);
  const slope = spreadOf(quarters.samples.map(({ parts }) => parts['quarter 4'] / parts['quarter 1']));

  line.say(`\n(b) ${rows} responses of ${TOKENS} tokens to prompts of ${PROMPT}, by the lab’s Llama of (a), sampled at temperature 1:`);
  line.say(`    drawn alike: ${(alike.recomputed * 100).toFixed(1)} % without the cache, ${(alike.tfjs * 100).toFixed(1)} % by plain tfjs.`);
  line.say(table(rowsOf([cached, recomputed, plain], (measured) => (measured === cached ? '' : seconds.ratio(timesAsLong(measured, cached))))));
  line.say(`    ${launches.toFixed(1)} launches a token of the whole batch, ${((rows * TOKENS) / cached.seconds.median).toFixed(0)} tokens/s; the last quarter takes ${seconds.ratio(slope)} the first.`);
  return {
    launches_per_token: launches,
    tokens_per_s: (rows * TOKENS) / cached.seconds.median,
    vs_recompute: timesAsLong(recomputed, cached).median,
    vs_tfjs: timesAsLong(plain, cached).median,
    readbacks: counts.readBacks,
    last_quarter_against_first: slope,
    seconds: { ours: cached.seconds, recomputed: recomputed.seconds, tfjs: plain.seconds },
    alike,
  };
}

function shareAlike(a: Measured, b: Measured): number {
  const [ours, theirs] = [a, b].map(({ warmUp }) => warmUp[0].values);
  return ours.length === theirs.length ? ours.filter((token, i) => token === theirs[i]).length / ours.length : 0;
}
