import { disposeParameters, toParameters } from '../model/parameters';
import { LabFailure } from './failure';
import type { Desk } from './lab';
import { loadWriter } from './policy';
import type { Commands, Result } from './protocol';
import { SampleJudge } from './sampleJudge';
import type { Work } from './work';

/** Samples of a model or of a run's policy on prompts that training never saw, one by one, by the draws of an evaluation with the same seed. */
export async function scoreSamples({ database, shelf }: Desk, { rewardModelId, goldRule, samples, seed, ...of }: Commands['scoreSamples']['args'], work: Work): Promise<Result<'scoreSamples'>> {
  if (samples < 1) throw new LabFailure('BadCommand', 'At least one sample must be asked for.');
  const { tuned, ...origin } = await loadWriter(database, shelf, of);
  const judge = await SampleJudge.open(shelf, { ...origin, rewardModelId, goldRule });
  const policy = tuned === origin.base.weights ? judge.reference : toParameters(tuned);
  try {
    const rows = await judge.samplesOf(policy, { samples, seed }, async (done) => {
      work.progress('Writing and scoring', done, samples);
      await work.breathe();
    });
    return { rows: rows.map(({ prompt, response, score, gold, kl }) => ({ prompt, response, score, gold, kl })) };
  } finally {
    if (policy !== judge.reference) disposeParameters(policy);
    judge.dispose();
  }
}
