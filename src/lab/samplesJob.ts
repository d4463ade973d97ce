import { Authors } from './authors';
import { LabFailure } from './failure';
import { heldOutSamples } from './heldOutSamples';
import type { Desk } from './lab';
import { loadWriter } from './policy';
import type { Commands, Result } from './protocol';
import type { Work } from './work';

/** Samples of a model or of a run's policy on prompts that training never saw, one by one, by the draws of an evaluation with the same seed. */
export async function scoreSamples({ database, shelf }: Desk, { rewardModelId, goldRule, samples, seed, ...of }: Commands['scoreSamples']['args'], work: Work): Promise<Result<'scoreSamples'>> {
  if (samples < 1) throw new LabFailure('BadCommand', 'At least one sample must be asked for.');
  const loaded = await loadWriter(database, shelf, of);
  // A mixed reward has no name to ask for it by.
  const scored = rewardModelId === undefined && loaded.reward ? loaded : { ...loaded, rewardModelId, reward: undefined };
  const writer = { ...scored, goldRule };
  const authors = await Authors.open(shelf, writer);
  try {
    const rows = await heldOutSamples(authors, authors.tuned, writer, { samples, seed }, async (done) => {
      work.progress('Writing and scoring', done, samples);
      await work.breathe();
    });
    return { rows: rows.map(({ prompt, response, score, gold, kl }) => ({ prompt, response, score, gold, kl: kl! })) };
  } finally {
    authors.dispose();
  }
}
