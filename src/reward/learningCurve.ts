import { RewardTrainingError } from './fit';
import { lessonsOf } from './modular';
import { heldOutReport } from './report';
import type { Proportion, RewardReport } from './settings';
import { firstByPrompt } from './split';
import { divide, fitModel, labelerNoise, stepCount, subsetStream, type Learning } from './training';

/** What a reward model learns from more and more labels, always tried on the same held-out pairs. */
export interface LearningCurve extends Pick<RewardReport, 'ceiling' | 'selfAgreement'> {
  heldOutPairs: number;
  /** Fewest labels first. Ties don't count in the accuracy, which is null where there is nothing else. */
  points: { labels: number; accuracy: Proportion | null; logLoss: number | null }[];
}

export interface CurveTraining extends Omit<Learning, 'onProgress'> {
  /** Steps of training, of all models together; awaited, and also called while a model is tried. */
  onProgress?: (done: number, total: number, loss?: number) => void | Promise<void>;
}

/**
 * The learning curve: one model for each fraction of the training pairs, from
 * the same start with the same settings, and single ones whatever `members`
 * says. The parts are nested and taken by prompt ({@link firstByPrompt}), and
 * the held-out pairs are those that trainRewardModel holds out; so the last
 * point of fractions that end in 1 is the accuracy that it reports of a single
 * model. Fewer labels also mean fewer steps, for the epochs stay the same. Throws {@link RewardTrainingError}.
 * @param fractions from above 0 to 1; those that come to the same number of pairs count once
 */
export async function learningCurve({ onProgress, ...learning }: CurveTraining, fractions: readonly number[]): Promise<LearningCurve> {
  const { settings } = learning;
  if (fractions.length === 0 || !fractions.every((fraction) => fraction > 0 && fraction <= 1))
    throw new RewardTrainingError('A learning curve needs fractions of the labels, each above 0 and at most 1. Nothing was started.');
  const { train, heldOut } = divide(learning);
  if (heldOut.length === 0) throw new RewardTrainingError('Nothing is held out that could show whether more labels help. Hold out a share of the prompts, or judge pairs of a second prompt.');
  const sizes = [...new Set(fractions.map((fraction) => Math.max(1, Math.round(fraction * train.length))))].sort((a, b) => a - b);
  const parts = sizes.map((labels) => firstByPrompt(train, labels, subsetStream(settings.seed)));
  const stepsFor = (part: (typeof parts)[number]) => stepCount(settings, lessonsOf(part, settings).lessons);
  const total = parts.reduce((sum, part) => sum + stepsFor(part), 0);

  const points: LearningCurve['points'] = [];
  let begun = 0;
  for (const part of parts) {
    const steps = stepsFor(part);
    const report = (phase: string, done: number, _: number, loss?: number) => onProgress?.(begun + (phase === 'train' ? done : steps), total, loss);
    const { scored } = await fitModel({ ...learning, onProgress: report }, part, { heldOut, learned: [], referenceTexts: [] });
    const { accuracy, logLoss } = heldOutReport(scored);
    points.push({ labels: part.length, accuracy, logLoss });
    begun += steps;
  }
  return { heldOutPairs: heldOut.length, points, ...labelerNoise(heldOut, learning) };
}
