import { cutText } from './cutText';
import type { ModelShelf } from './modelShelf';
import { LEAN, type Commands, type Result } from './protocol';
import { RewardScorer } from './rewardScorer';

/** Normalised rewards of any texts, each cut as in training: of an ensemble the mean's, beside those of its members. */
export async function scoreItems(shelf: ModelShelf, { rewardModelId, items }: Commands['score']['args']): Promise<Result<'score'>> {
  const model = await shelf.reward(rewardModelId);
  const scorer = new RewardScorer(model);
  try {
    const cut = items.map(({ prompt, response }) => ({ prompt, response: cutText(model, model.tokenizer.encode(response), LEAN.cut) }));
    const members = await scorer.scoreByMember(cut);
    return { scores: Array.from(scorer.aggregate(members)), ...(members.length > 1 && { members: members.map((scores) => Array.from(scores)) }) };
  } finally {
    scorer.dispose();
  }
}
