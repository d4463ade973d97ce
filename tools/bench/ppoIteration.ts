import type { ProgressLine } from '../terminal';
import { agreement, takeTurns, timesAsLong } from './measure';
import type { BenchOptions } from './options';
import type { RealmHost } from './realms';
import { spreadOf, type Spread } from './spread';
import { megabytes, rowsOf, seconds, table } from './table';

const PHASES = { rollout: 'rollout', score: 'reference and scores', train: 'update' } as const;

/** Of the first iteration's mean score and mean gradient norm over its epochs; one response drawn otherwise moves the mean by a few hundredths. */
const TOLERANCE = 0.05;

export interface PpoReport {
  vs_tfjs: number;
  seconds: number;
  spread: Record<'ours' | 'tfjs', Spread>;
  /** Medians in seconds. */
  breakdown: Record<'ours' | 'tfjs', Record<string, number>>;
}

/** (c): one whole iteration of the shipped small model in the lean preset, reward model included. */
export async function benchPpo(ours: RealmHost, tfjs: RealmHost, rounds: number, line: ProgressLine): Promise<PpoReport> {
  const turns = [ours, tfjs].map((realm, i) => ({ name: i === 0 ? 'ours' : 'plain tfjs', realm, work: { kind: 'ppo', scale: 'small' } as const }));
  const measured = await takeTurns('PPO iterations', turns, { warmUp: 1, rounds }, line);
  const difference = agreement(measured, TOLERANCE);
  const ratio = timesAsLong(measured[1], measured[0]);
  const breakdown = measured.map(({ samples }) =>
    Object.fromEntries(Object.keys(PHASES).map((phase) => [phase, spreadOf(samples.map(({ parts }) => parts[phase])).median])),
  );
  line.say('\n(c) One PPO iteration of the shipped small model, lean preset: 32 responses of 24 tokens, reference, reward model, 4 epochs:');
  line.say(`    mean score and gradient norm of the first iteration agree to ${difference.toExponential(0)}.`);
  line.say(table(rowsOf(measured, (one) => (one === measured[0] ? '' : seconds.ratio(ratio)))));
  measured.forEach(({ name }, i) => line.say(`    ${name}: ${Object.entries(PHASES).map(([phase, words]) => `${words} ${seconds.time(breakdown[i][phase])}`).join(', ')}`));
  return {
    vs_tfjs: ratio.median,
    seconds: measured[0].seconds.median,
    spread: { ours: measured[0].seconds, tfjs: measured[1].seconds },
    breakdown: { ours: breakdown[0], tfjs: breakdown[1] },
  };
}

export interface MemoryReport {
  iteration_20: number;
  iteration_200: number;
}

const EARLY = { full: 20, quick: 4 };
const LATE = { full: 200, quick: 12 };

/** Bytes of all the device's buffers after so many iterations of a tiny model with short rollouts. */
export async function benchMemory(ours: RealmHost, { quick }: BenchOptions, line: ProgressLine): Promise<MemoryReport> {
  const [early, late] = [EARLY, LATE].map(({ full, quick: few }) => (quick ? few : full));
  const turn = { name: 'ours', realm: ours, work: { kind: 'ppo', scale: 'tiny' } as const };
  const [{ samples }] = await takeTurns('PPO iterations of a tiny model', [turn], { warmUp: 0, rounds: late, patience: Infinity }, line);
  const [before, after] = [samples[early - 1].heldBytes, samples[late - 1].heldBytes];
  line.say(`    GPU memory held after ${early} iterations of a tiny model ${megabytes(before)}, after ${late} ${megabytes(after)}: ${before === after ? 'equal' : `${after - before} bytes more`}.`);
  return { iteration_20: before, iteration_200: after };
}
