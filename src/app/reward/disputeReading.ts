import type { Comparison, Rater } from '../../feedback/judgement';
import { preferredSide } from '../../feedback/sides';
import type { RewardReport } from '../../lab/protocol';
import type { Terms } from '../controls/explainedParts';
import { count, percent } from '../controls/wording';

/*
 * The judgements that a reward model disputes, and those that pulled hardest, in
 * plain sentences. Pure: ids and numbers in, words out.
 */

type Disputes = NonNullable<RewardReport['disputes']>;
export type JudgedOrder = Disputes['worst'][number]['order'];

/** The two lists of what one may want to judge again. */
export const LISTS = ['disputes', 'pulls'] as const;
export type DisputeList = (typeof LISTS)[number];

/** What these sentences name, and what explains it. */
export const DISPUTE_TERMS: Terms = {
  'it still contradicts': 'reward/disputes',
  'held out': 'held-out',
  'pulled hardest': 'reward/pulls',
};

/** How much it contradicts in all, of what it learned and of what it never saw. */
export function disputesReading({ learned, heldOut }: Disputes): string {
  if (learned.ordered + heldOut.ordered === 0) return 'No judgement puts two texts in order, so there is nothing that it could contradict.';
  const ofLearned = `Of ${count(learned.ordered, 'judgement')} that it learned from it still contradicts ${learned.against}`;
  return heldOut.ordered === 0 ? `${ofLearned}.` : `${ofLearned}; of ${heldOut.ordered} that were held out, ${heldOut.against}. Some are slips of the judge, some it could not learn: judge again those where it may be right.`;
}

/** What the second list is; said of a model that has none, why. */
export function pullsReading(pulls: RewardReport['pulls'], pipeline: 'end-to-end' | 'modular'): string {
  if (pipeline === 'modular') return 'It learned a score of each text, which a ranking of all judgements had made, and met no single judgement. So nobody can say which of them pulled hardest.';
  if (!pulls || pulls.length === 0) return 'None pulled at it: it agreed with everything from the beginning.';
  return 'These pulled hardest: at each step of the training it was still far from what they say. Often they stand alone, or against many others.';
}

/** “You said that the first is better; it gives that 12 %.” */
export function orderSentence(order: JudgedOrder, comparison: Pick<Comparison, 'responses' | 'swapped'>, rater: Rater | null): string {
  return `${speaker(rater)} ${said(order, comparison)}; it gives that ${chance(order.chance)}.`;
}

/** How hard one pulled. */
export function pullSentence(pull: number, hardest: boolean): string {
  const much = `${pull.toFixed(1)} times as hard as the average`;
  return hardest ? `This judgement pulled hardest: ${much}.` : `It pulled ${much}.`;
}

/** Half a percent is not nothing. */
function chance(share: number): string {
  return share < 0.005 ? 'less than 1 %' : percent(share);
}

function said({ better, worse }: JudgedOrder, { responses, swapped }: Pick<Comparison, 'responses' | 'swapped'>): string {
  if (better.response === null) return 'wrote it better';
  if (better.comparisonId !== worse.comparisonId) return 'rated one text above another';
  if (responses.length > 2) return 'put one text above another';
  return `said that the ${preferredSide(better.response === 0 ? 'first' : 'second', { swapped }) === 'left' ? 'first' : 'second'} is better`;
}

function speaker(rater: Rater | null): string {
  if (!rater) return 'The judgement';
  switch (rater.kind) {
    case 'person':
      return rater.name === 'you' ? 'You' : rater.name;
    case 'simulated':
      return 'The simulated labeler';
    case 'imported':
      return 'The file';
    case 'key':
      return 'The answer key';
  }
}
