import type { Sample, Work } from '../../tests/bench/work';
import type { ProgressLine } from '../terminal';
import type { RealmHost } from './realms';
import { spreadOf, type Spread } from './spread';

/** One of those that take turns. */
export interface Turn {
  name: string;
  realm: RealmHost;
  work: Work;
}

export interface Measured {
  name: string;
  /** Repetitions before the measured ones: they compile, and their values are compared. */
  warmUp: Sample[];
  samples: Sample[];
  seconds: Spread;
}

/** What has taken so long in all its repetitions is repeated no more. */
const PATIENCE_SECONDS = 40;

/**
 * Measure all in turn, round by round, so that whatever else the machine does
 * falls on all alike.
 */
export async function takeTurns(what: string, turns: readonly Turn[], { warmUp, rounds, patience = PATIENCE_SECONDS }: { warmUp: number; rounds: number; patience?: number }, line: ProgressLine): Promise<Measured[]> {
  const total = turns.length * (warmUp + rounds);
  let done = 0;
  const ids: number[] = [];
  const repeat = async (i: number, into: Sample[]) => {
    into.push(await turns[i].realm.run(ids[i]));
    line.update(what, { phase: what, done: ++done, total });
  };
  const measured = turns.map(({ name }): Measured => ({ name, warmUp: [], samples: [], seconds: spreadOf([]) }));
  for (const [i, turn] of turns.entries()) {
    ids.push(await turn.realm.prepare(turn.work));
    for (let n = 0; n < warmUp; n++) await repeat(i, measured[i].warmUp);
  }
  for (let round = 0; round < rounds; round++)
    for (const i of turns.keys()) {
      const enough = measured[i].samples.reduce((sum, sample) => sum + sample.seconds, 0) > patience;
      if (!enough) await repeat(i, measured[i].samples);
    }
  for (const [i, { realm }] of turns.entries()) await realm.release(ids[i]);
  return measured.map((one) => ({ ...one, seconds: spreadOf(one.samples.map(({ seconds }) => seconds)) }));
}

/** How many times as long as `a` `b` took, round by round. */
export function timesAsLong(b: Measured, a: Measured): Spread {
  const rounds = Math.min(a.samples.length, b.samples.length);
  return spreadOf(Array.from({ length: rounds }, (_, i) => b.samples[i].seconds / a.samples[i].seconds));
}

/** The largest difference between the values of the warm-ups. Throws where it passes the tolerance: then they do not compute the same. */
export function agreement(measured: readonly Measured[], tolerance: number): number {
  const values = measured.map(({ warmUp }) => warmUp.flatMap((sample) => sample.values));
  let largest = 0;
  for (const [i, { name }] of measured.entries()) {
    const difference = values[i].length === values[0].length ? Math.max(0, ...values[i].map((value, j) => Math.abs(value - values[0][j]))) : Infinity;
    if (!(difference <= tolerance))
      throw new Error(`${name} computes something else than ${measured[0].name}: ${values[i].slice(0, 8).join(', ')} against ${values[0].slice(0, 8).join(', ')}.`);
    largest = Math.max(largest, difference);
  }
  return largest;
}
