import { impliedPairs } from '../reward/impliedPairs';
import type { ScoredPair } from '../reward/report';
import { compareScores } from '../reward/rewardComparison';
import { lengthIn, scorePairs } from '../reward/training';
import { loadJudgedDataset } from '../store/judgements';
import { getModel } from '../store/models';
import type { ModelRecord } from '../store/schema';
import { releaseFreeBuffers } from '../tensor/storage';
import { LabFailure } from './failure';
import { judgedPreferences } from './judgedPreferences';
import type { Desk } from './lab';
import type { RewardModelReport } from './modelShelf';
import type { Commands, Result } from './protocol';
import { RewardScorer } from './rewardScorer';
import type { Work } from './work';

/** Two reward models on the judgements, as they stand now, that were held out from both. Scores are rewards, so the two have one scale. */
export async function compareRewards({ database, shelf }: Pick<Desk, 'database' | 'shelf'>, { a, b }: Commands['compareRewards']['args'], work: Work): Promise<Result<'compareRewards'>> {
  const [one, other] = [await getModel(database, a), await getModel(database, b)];
  const { datasetId } = one;
  if (datasetId === undefined || datasetId !== other.datasetId)
    throw new LabFailure('BadCommand', `“${one.name}” and “${other.name}” did not learn from the same dataset, so there is nothing to compare them on. Train both on one.`);
  const [unseenByOne, unseenByOther] = [heldOutOf(one), heldOutOf(other)];
  const { comparisons, states } = await loadJudgedDataset(database, datasetId);
  const preferences = judgedPreferences(comparisons, states).filter(({ comparisonId }) => unseenByOne.has(comparisonId) && unseenByOther.has(comparisonId));
  const pairs = impliedPairs(preferences).filter(({ verdict }) => verdict === 'first' || verdict === 'second');
  if (pairs.length === 0)
    throw new LabFailure('BadCommand', `No judged pair was held out from both “${one.name}” and “${other.name}”. Train them with the same seed and the same share of prompts held out.`);
  releaseFreeBuffers();
  return compareScores(await scored(a, one.name), await scored(b, other.name));

  async function scored(id: string, name: string): Promise<ScoredPair[]> {
    const model = await shelf.reward(id);
    const scorer = new RewardScorer(model);
    work.progress(`Asking “${name}”`, 0, 1);
    await work.breathe();
    try {
      return await scorePairs(pairs, lengthIn(model.tokenizer), (texts) => scorer.score(texts));
    } finally {
      scorer.dispose();
    }
  }
}

/** Throws where a model does not say what was held out. */
function heldOutOf({ name, report }: ModelRecord): Set<string> {
  const heldOut = (report as RewardModelReport | undefined)?.heldOut;
  if (!heldOut) throw new LabFailure('BadCommand', `“${name}” does not say which judgements were held out from it, for it is older than that record, or no reward model. Train it again.`);
  return new Set(heldOut);
}
