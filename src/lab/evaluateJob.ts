import { disposeParameters, toParameters } from '../model/parameters';
import { distinct2 } from '../text/diversity';
import { LabFailure } from './failure';
import type { Desk } from './lab';
import { meanInterval } from './meanInterval';
import { loadCompared } from './policy';
import type { Commands, Evaluation } from './protocol';
import { SampleJudge, type JudgedSample } from './sampleJudge';
import type { Work } from './work';

/**
 * Judge a policy and its base model on as many samples of prompts that
 * training never saw, by the same draws. Samples that share a prompt resemble
 * each other, so the intervals take the prompts for clusters.
 */
export async function evaluateRun({ database, shelf }: Desk, { samples, seed, ...policy }: Commands['evaluate']['args'], work: Work): Promise<Evaluation> {
  if (samples < 2) throw new LabFailure('BadCommand', 'At least two samples are needed to say how sure a mean is.');
  const compared = await loadCompared(database, shelf, policy);
  const judge = await SampleJudge.open(shelf, compared);
  const tuned = toParameters(compared.tuned);
  const after = (already: number) => async (done: number) => {
    work.progress('Evaluating', already + done, 2 * samples);
    await work.breathe();
  };
  try {
    const ofBase = await judge.samplesOf(judge.reference, { samples, seed }, after(0));
    const ofTuned = await judge.samplesOf(tuned, { samples, seed }, after(samples));
    const both = <T>(what: (rows: readonly JudgedSample[]) => T) => ({ base: what(ofBase), tuned: what(ofTuned) });
    const mean = (value: (sample: JudgedSample) => number) => both((rows) => meanInterval(rows.map(value), rows.map(({ prompt }) => prompt)));
    return {
      samples,
      gold: compared.goldRule === undefined ? null : mean(({ gold }) => gold!),
      reward: compared.rewardModelId === undefined && !compared.reward ? null : mean(({ score }) => score!),
      kl: meanInterval(ofTuned.map(({ kl }) => kl)).mean,
      distinct2: both((rows) => distinct2(rows.map(({ response }) => response)) ?? 0),
      referenceNll: both((rows) => sum(rows, ({ referenceNll }) => referenceNll) / sum(rows, ({ tokens }) => tokens)),
    };
  } finally {
    disposeParameters(tuned);
    judge.dispose();
  }
}

function sum(rows: readonly JudgedSample[], value: (sample: JudgedSample) => number): number {
  return rows.reduce((total, sample) => total + value(sample), 0);
}
