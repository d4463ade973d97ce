import { cutText } from './cutText';
import type { ModelShelf } from './modelShelf';
import { LEAN, type Commands, type Result } from './protocol';
import { RewardScorer } from './rewardScorer';

/** Normalised rewards of any texts, each cut as in training. */
export async function scoreItems(shelf: ModelShelf, { rewardModelId, items }: Commands['score']['args']): Promise<Result<'score'>> {
  const model = await shelf.reward(rewardModelId);
  const scorer = new RewardScorer(model);
  try {
    const cut = items.map(({ prompt, response }) => ({ prompt, response: cutText(model, model.tokenizer.encode(response), LEAN.cut) }));
    return { scores: Array.from(await scorer.score(cut)) };
  } finally {
    scorer.dispose();
  }
}
