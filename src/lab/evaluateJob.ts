import { bestOfNKlUpperBound } from '../rl/bestOfNCurve';
import { distinct2 } from '../text/diversity';
import { Authors } from './authors';
import { LabFailure } from './failure';
import { heldOutSamples, type HeldOutSample } from './heldOutSamples';
import type { Desk } from './lab';
import { meanInterval } from './meanInterval';
import { loadCompared } from './policy';
import type { Commands, Evaluation } from './protocol';
import type { Work } from './work';

/**
 * Judge a policy and its base model on as many samples of prompts that
 * training never saw, by the same draws. Samples that share a prompt resemble
 * each other, so the intervals take the prompts for clusters.
 */
export async function evaluateRun({ database, shelf }: Desk, { samples, seed, ...policy }: Commands['evaluate']['args'], work: Work): Promise<Evaluation> {
  if (samples < 2) throw new LabFailure('BadCommand', 'At least two samples are needed to say how sure a mean is.');
  const compared = await loadCompared(database, shelf, policy);
  const authors = await Authors.open(shelf, compared);
  const after = (already: number) => async (done: number) => {
    work.progress('Evaluating', already + done, 2 * samples);
    await work.breathe();
  };
  try {
    const base = await heldOutSamples(authors, authors.base, compared, { samples, seed }, after(0));
    const tuned = await heldOutSamples(authors, authors.tuned, compared, { samples, seed }, after(samples));
    const both = <T>(of: (rows: readonly HeldOutSample[]) => T) => ({ base: of(base), tuned: of(tuned) });
    const mean = (value: (sample: HeldOutSample) => number) => both((rows) => meanInterval(rows.map(value), rows.map(({ prompt }) => prompt)));
    return {
      samples,
      gold: authors.rule && mean(({ gold }) => gold!),
      reward: authors.scorer && mean(({ score }) => score!),
      ...(compared.bestOf === undefined ? { kl: sum(tuned, ({ kl }) => kl!) / samples } : { kl: null, klAtMost: bestOfNKlUpperBound(compared.bestOf) }),
      distinct2: both((rows) => distinct2(rows.map(({ response }) => response)) ?? 0),
      referenceNll: both((rows) => sum(rows, ({ referenceNll }) => referenceNll) / sum(rows, ({ tokens }) => tokens)),
    };
  } finally {
    authors.dispose();
  }
}

function sum(rows: readonly HeldOutSample[], value: (sample: HeldOutSample) => number): number {
  return rows.reduce((total, sample) => total + value(sample), 0);
}
