import type { ImageRewardReport } from '../../lab/protocol';
import type { Terms } from '../controls/explainedParts';
import { count, percent } from '../controls/wording';
import { WIDE } from './reading';

/*
 * What an image reward model learns from, and what it is worth, in plain
 * sentences. Pure: numbers in, words out.
 */

/** What these sentences name, and what explains it. */
export const IMAGE_TERMS: Terms = {
  'prefers the picture that the judgement preferred': 'images/accuracy',
  'agreed with themselves': 'reward/selfAgreement',
  'agree with itself': 'reward/selfAgreement',
  'agrees with itself': 'reward/selfAgreement',
  'a score of 0': 'images/score',
};

/** How many pictures there are, and what is said of them. */
export interface JudgedPictures {
  judgements: number;
  /** Of which the judgements speak. */
  judged: number;
  /** In the whole dataset. */
  pictures: number;
}

/** "It will learn from 48 judgements of 30 pictures." */
export function lessonReading({ judgements, judged, pictures }: JudgedPictures): string {
  const rest = pictures - judged;
  const lesson = `It will learn from ${count(judgements, 'judgement')} of ${count(judged, 'picture')}.`;
  return rest > 0 ? `${lesson} The other ${rest === 1 ? 'one' : count(rest, 'picture')}, which nobody has judged, it can score afterwards.` : lesson;
}

/** How far the accuracy can be trusted, and what it is measured against. */
export function imageAccuracyReading({ accuracy, heldOutPairs, simulatedPairs }: ImageRewardReport): string {
  if (heldOutPairs === 0) return 'No judgement was left to try it on, so nobody knows yet how well it judges. Judge more pictures.';
  if (!accuracy) return 'No held-out judgement prefers one picture to another, so there is no accuracy to give.';
  const { value, low, high, n } = accuracy;
  const base = `On ${count(n, 'pair')} of pictures that it never saw, it prefers the picture that the judgement preferred ${percent(value)} of the time`;
  if (high - low > WIDE) return `${base}. With so few pairs the true figure may lie anywhere between ${percent(low)} and ${percent(high)}.`;
  if (low <= 0.5 && high >= 0.5) return `${base}: that may be mere guessing, for a coin reaches 50 %.`;
  if (high < 0.5) return `${base}: worse than a coin. It learned the opposite of what was asked, so do not go by its order.`;
  if (simulatedPairs > 0) return `${base}. Of all judgements, ${simulatedPairs} ${simulatedPairs === 1 ? 'is' : 'are'} simulated: this is not how well it knows a person’s taste.`;
  return `${base}. A coin reaches 50 %.`;
}

/** Judgements that were neither learned from nor tried on, and why; null where there are none. */
export function unusedReading({ mixed, leftOut }: Pick<ImageRewardReport, 'mixed' | 'leftOut'>): string | null {
  const one = (n: number) => (n === 1 ? 'was' : 'were');
  const sentences = [
    ...(mixed > 0 ? [`${count(mixed, 'judgement compares', 'judgements compare')} a picture that it learned from with one that it did not; ${mixed === 1 ? 'it' : 'they'} ${one(mixed)} used for neither.`] : []),
    ...(leftOut > 0 ? [`${count(leftOut, 'judgement speaks', 'judgements speak')} of something that is not a picture and ${one(leftOut)} left out.`] : []),
  ];
  return sentences.length > 0 ? sentences.join(' ') : null;
}

/** What the order of the pictures is, and how many of them nobody has judged. */
export function orderReading(pictures: number, unjudged: number): string {
  const order = `${count(pictures, 'picture')}, the best first. Those that were judged for its training have a score of 0 on average, and a spread of 1.`;
  if (unjudged === 0) return `${order} All of them are judged.`;
  return `${order} ${unjudged === 1 ? 'One is' : `${count(unjudged, 'picture')} are`} not judged: there the score is its guess alone.`;
}
