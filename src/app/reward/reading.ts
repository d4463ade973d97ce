import type { LearningCurve, Proportion, RewardReport } from '../../lab/protocol';
import { formatNumber } from '../charts/number';
import type { Terms } from '../controls/explainedParts';
import { count, percent } from '../controls/wording';

const INTEGER = new Intl.NumberFormat('en');

/*
 * A reward model's report in plain sentences. Pure: numbers in, words out.
 */

/** An interval wider than this says little, whatever its middle is. */
export const WIDE = 0.25;
/** Correlation with length below which nobody would notice it. */
const SLIGHT = 0.1;
const STRONG = 0.4;

/** What these sentences name, and what explains it. */
export const REPORT_TERMS: Terms = {
  'prefers the text that the judgement preferred': 'reward/accuracy',
  'agree with itself': 'reward/selfAgreement',
  'agreed with themselves': 'reward/selfAgreement',
  'agrees with itself': 'reward/selfAgreement',
  r: 'reward/lengthCorrelation',
  'likes length': 'reward/lengthCorrelation',
  γ: 'reward/lengthControl',
  'the figures are those of their mean': 'reward/ensemble',
  'the left text was preferred': 'reward/leftSide',
  'log-loss': 'reward/logLoss',
  brier: 'reward/brier',
  'calibration error': 'reward/calibrationError',
  'mean margin': 'reward/meanMargin',
};

/** How many judgements a report rests on, and how many of them a simulated labeler made. */
export function judgesOf({ trainPairs, heldOutPairs, simulatedPairs, ceiling }: RewardReport): { simulated: number; all: number } {
  const all = trainPairs + heldOutPairs;
  // Older reports don't count them; but a ceiling is given only where all were simulated.
  return { simulated: simulatedPairs ?? (ceiling === null ? 0 : all), all };
}

/** How far the accuracy can be trusted, and what it is measured against. */
export function accuracyReading(report: RewardReport): string {
  const { accuracy, ceiling, heldOutPairs } = report;
  if (!accuracy || accuracy.n === 0) {
    return heldOutPairs === 0 ? 'Nothing was held out, so nobody knows yet how well it judges. Judge more prompts.' : 'No held-out judgement prefers one text to another, so there is no accuracy to give.';
  }
  const { low, high, n } = accuracy;
  const base = `On ${count(n, 'pair')} that it never saw, it prefers the text that the judgement preferred ${percent(accuracy.value)} of the time`;
  if (high - low > WIDE) return `${base}. With so few pairs the true figure may lie anywhere between ${percent(low)} and ${percent(high)}.`;
  if (low <= 0.5 && high >= 0.5) return `${base}: that may be mere guessing, for a coin reaches 50 %.`;
  if (high < 0.5) return `${base}: worse than a coin. It learned the opposite of what was asked; look at the pairs below.`;
  if (ceiling !== null && low > ceiling) return `${base}. That is above the ${percent(ceiling)} that the labeler’s noise allows, which should not be: suspect the split.`;
  if (ceiling !== null) return `${base}. The simulated labeler errs at random, so nobody could reach more than ${percent(ceiling)}.`;
  const { simulated, all } = judgesOf(report);
  if (simulated > 0) return `${base}. Of the ${count(all, 'judgement')} in all, ${simulated} are simulated: this is not how well it knows a person’s taste.`;
  return `${base}. People agree with one another 60 to 75 % of the time on such tasks.`;
}

/** What was chosen because it is hard, and what that means for the test; null where nothing was. */
export function chosenReading({ chosen }: RewardReport): string | null {
  if (!chosen) return null;
  if ('tested' in chosen) return 'All that it was tested on was asked for because models were unsure of it, so the true figure is probably higher. Leave a share of what you judge to chance.';
  return `${count(chosen.setAside, 'more judgement', 'more judgements')} of these prompts ${chosen.setAside === 1 ? 'was' : 'were'} asked for because models were unsure of ${chosen.setAside === 1 ? 'it' : 'them'}, and ${chosen.setAside === 1 ? 'has' : 'have'} no part in the test, to keep it fair.`;
}

/** Judgements that taught it nothing; null where there are none. */
export function leftOutReading({ leftOut }: RewardReport): string | null {
  // A report that was kept before such pairs were counted lacks the number.
  return leftOut > 0 ? `${count(leftOut, 'judgement is', 'judgements are')} longer than the model reads and ${leftOut === 1 ? 'was' : 'were'} left out.` : null;
}

/** How well the labeler knows its own mind, beside the accuracy that this bounds; null where the report is too old to say. */
export function selfAgreementReading({ accuracy, selfAgreement }: Pick<RewardReport, 'accuracy' | 'selfAgreement'>): string | null {
  if (!accuracy || selfAgreement === undefined) return null;
  if (selfAgreement === null) return 'How often the labeler agrees with itself is not known yet: nobody was asked about a pair twice.';
  const model = `the model agrees with the labeler ${percent(accuracy.value)} of the time`;
  if ('expected' in selfAgreement) return `Asked about these pairs twice, the simulated labeler would agree with itself ${percent(selfAgreement.expected)} of the time; ${model}.`;
  const { value, low, high, n } = selfAgreement.counted;
  return `Asked twice about ${count(n, 'pair')}, people agreed with themselves ${percent(value)} of the time (${percent(low)} to ${percent(high)}); ${model}.`;
}

/** "It likes longer texts: r = 0.31." */
export function lengthReading(correlation: number | null): string {
  if (correlation === null) return 'Whether it likes length cannot be said: its scores, or the lengths, are all the same.';
  const r = `r = ${formatNumber(correlation)}`;
  if (Math.abs(correlation) < SLIGHT) return `It does not care how long a text is: ${r}.`;
  const much = Math.abs(correlation) >= STRONG ? 'strongly likes' : 'likes';
  const warning = Math.abs(correlation) >= STRONG ? ' The policy may learn to please it by length alone.' : '';
  return `It ${much} ${correlation > 0 ? 'longer' : 'shorter'} texts: ${r}.${warning}`;
}

/** What was kept out of the score, and what that changed; null where length was not controlled. */
export function lengthControlReading({ lengthControl, lengthCorrelation }: RewardReport): string | null {
  if (!lengthControl) return null;
  const { gamma, deviation, correlationWith } = lengthControl;
  const tokens = `${formatNumber(deviation)} tokens`;
  const found = Math.abs(gamma) < SLIGHT
    ? `In the judgements length hardly counts by itself (γ = ${formatNumber(gamma)} for ${tokens})`
    : `In the judgements a text that is ${gamma > 0 ? 'longer' : 'shorter'} by ${tokens} gains, for that alone, odds of ${formatNumber(Math.exp(Math.abs(gamma)))} to 1 (γ = ${formatNumber(gamma)})`;
  const change = correlationWith === null || lengthCorrelation === null ? '' : ` With it the score would go with length at r = ${formatNumber(correlationWith)}; without it, at ${formatNumber(lengthCorrelation)}.`;
  return `${found}. That was learned apart and left out of the score.${change}`;
}

/** How much the members of an ensemble are worth one by one, and how far they are apart; null for a single model. */
export function ensembleReading({ ensemble }: RewardReport): string | null {
  if (!ensemble) return null;
  const { members, disagreement } = ensemble;
  const shares = members.flatMap(({ accuracy }) => (accuracy ? [percent(accuracy.value)] : []));
  const alone = shares.length > 0 ? ` One by one they reach ${shares.join(', ')}.` : '';
  return `It is ${members.length} models, and the figures are those of their mean.${alone} On the base model’s texts their rewards are ${formatNumber(disagreement)} apart, where the rewards’ own spread is 1.`;
}

/** How the members of an ensemble differ about one text. */
export function membersReading(rewards: readonly number[]): string {
  const mean = rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length;
  const spread = Math.sqrt(rewards.reduce((sum, reward) => sum + (reward - mean) ** 2, 0) / rewards.length);
  return `Its ${rewards.length} members give it ${formatNumber(Math.min(...rewards))} to ${formatNumber(Math.max(...rewards))}, and disagree by ${formatNumber(spread)}.`;
}

/** Whether more labels would help, as far as the held-out pairs can tell. */
export function learningCurveReading({ points, ceiling, heldOutPairs }: LearningCurve): string {
  const last = points.at(-1);
  const half = points.at(-2);
  if (!last?.accuracy || !half?.accuracy) return 'There are too few labels, or too few that are no ties, to say whether more would help.';
  const [before, now] = [half.accuracy, last.accuracy];
  const steps = `With ${count(half.labels, 'label')} it is right ${percent(before.value)} of the time, with ${INTEGER.format(last.labels)} ${percent(now.value)}`;
  if (ceiling !== null && now.high >= ceiling && now.value > before.value - SLIGHT / 2 && ceiling - now.value < SLIGHT / 2) return `${steps}. It is about as good as the labeler’s noise allows (${percent(ceiling)}): more labels would hardly help.`;
  if (now.value > before.high) return `${steps}: it is still rising, so more labels would probably help.`;
  const chance = `the ${count(heldOutPairs, 'held-out pair')} cannot tell ${percent(before.low)} from ${percent(before.high)}`;
  return now.value > before.value ? `${steps}. More labels may help, but this does not show it: ${chance}.` : `${steps}. The last labels brought nothing that could be seen; ${chance}.`;
}

/** Whether the judgements lean to the left side of the screen, and the model after them. */
export function sideReading(leftSide: RewardReport['leftSide']): string {
  if (!leftSide) return 'Too few decided pairs to see whether one side of the screen is favoured.';
  const { labels, model } = leftSide;
  const range = `${percent(labels.value)} of the time (${percent(labels.low)} to ${percent(labels.high)})`;
  if (holdsHalf(labels)) return `No side is favoured: the left text was preferred ${range}.`;
  const side = labels.value > 0.5 ? 'left' : 'right';
  const follows = holdsHalf(model) ? 'The model, which cannot see sides, does not follow.' : `The model agrees with ${percent(model.value)} for the left, so its texts may really have been better.`;
  return `The judgements lean to the ${side}: the left text was preferred ${range}. ${follows}`;
}

/** What its certainty is worth, in one number for those who want it. */
export function certaintyReading({ logLoss, brier, calibrationError, meanMargin }: RewardReport): string | null {
  if (logLoss === null || brier === null) return null;
  const parts = [`log-loss ${formatNumber(logLoss)} (a coin: 0.69)`, `Brier ${formatNumber(brier)} (a coin: 0.25)`];
  if (calibrationError !== null) parts.push(`calibration error ${formatNumber(calibrationError)}`);
  if (meanMargin !== null) parts.push(`mean margin ${formatNumber(meanMargin)}`);
  return `${parts.join(', ')}.`;
}

/** A reward against the base model’s own texts, whose rewards have mean 0 and standard deviation 1. */
export function scoreReading(reward: number): string {
  const share = normalShare(reward);
  if (share > 0.995) return 'Better than nearly everything that the base model writes.';
  if (share < 0.005) return 'Worse than nearly everything that the base model writes.';
  return share >= 0.5 ? `Better than about ${percent(share)} of what the base model writes.` : `Worse than about ${percent(1 - share)} of what the base model writes.`;
}

/** Share of a standard normal below `z`: the logistic approximation of Bowling et al. 2009, within 0.0002. */
export function normalShare(z: number): number {
  return 1 / (1 + Math.exp(-(1.5976 * z + 0.07056 * z ** 3)));
}

function holdsHalf({ low, high }: Proportion): boolean {
  return low <= 0.5 && high >= 0.5;
}
