import { concat1d, slice, tensor1d, tidy, variableGrads, type Scalar, type Tensor, type Tensor1D, type Variable } from '@tensorflow/tfjs-core';
import type { Parameters } from '../model/parameters';
import { trainedOf } from '../model/tuning';
import { AdamW } from '../tensor/adamW';
import type { RandomStream } from '../tensor/random';
import { lossesOf, thresholdsOf, type LossSettings, type Target } from './kinds';
import { weightedMean } from './losses/weightedMean';
import { minibatches, stepsOf, type KindCount, type Part } from './minibatches';
import type { Kind } from './preference';
import type { RewardReport, RewardSettings } from './settings';

/** Training that could not begin or go on; the message says why and what to do. */
export class RewardTrainingError extends Error {
  override readonly name = 'RewardTrainingError';
}

/** A judgement as it is learned from: its items in the order in which the loss of its kind takes their scores. */
export type Example<Item> = Target & { items: Item[] };

/** What gives items their scores, and what of it is trained. */
export interface Scoring<Item> {
  parameters: Parameters;
  /** Scores [N], differentiable in the parameters. */
  score(items: readonly Item[]): Tensor1D;
  /** A number in the scores that has a pace of its own. */
  beside?: { variable: Variable; step(gradient: Tensor, schedule: number): void };
}

export type FitSettings = LossSettings & Pick<RewardSettings, 'epochs' | 'batchSize' | 'learningRate' | 'adam' | 'maxGradNorm'>;

/** Steps of training on these kinds of judgements. */
export function fitSteps({ epochs, batchSize }: Pick<FitSettings, 'epochs' | 'batchSize'>, counts: ReadonlyMap<Kind, KindCount>): number {
  return epochs * stepsOf([...counts.values()], batchSize);
}

/**
 * Fit scores to judgements: epochs of minibatches, each epoch in a fresh order,
 * by AdamW with a linear learning rate. Returns the loss of each step, before it
 * was taken. Throws {@link RewardTrainingError} where that is not finite, and what `report` throws.
 */
export async function fitScores<Item>(
  scoring: Scoring<Item>,
  examples: readonly Example<Item>[],
  counts: ReadonlyMap<Kind, KindCount>,
  settings: FitSettings,
  random: RandomStream,
  report: (done: number, total: number, loss: number) => Promise<void>,
): Promise<RewardReport['lossCurve']> {
  const { epochs, batchSize, learningRate, adam, maxGradNorm } = settings;
  const total = fitSteps(settings, counts);
  const optimiser = new AdamW({ ...adam, maxGradNorm });
  const lossCurve: RewardReport['lossCurve'] = [];
  try {
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (const parts of minibatches(examples, counts, random.permutation(examples.length), batchSize)) {
        const step = lossCurve.length;
        const schedule = 1 - step / total;
        const { value, gradients, besideGradient } = judgementGradients(scoring, parts, settings);
        // A norm that is not finite changes nothing, so the loss can be looked at afterwards.
        optimiser.step(scoring.parameters, gradients, learningRate * schedule).dispose();
        if (besideGradient) scoring.beside!.step(besideGradient, schedule);
        for (const gradient of gradients.values()) gradient.dispose();
        besideGradient?.dispose();
        const [loss] = await value.data();
        value.dispose();
        if (!Number.isFinite(loss))
          throw new RewardTrainingError('The loss of the reward model is no longer a finite number. Nothing was saved; try a lower learning rate.');
        lossCurve.push({ step, loss });
        await report(step + 1, total, loss);
      }
    }
    return lossCurve;
  } finally {
    optimiser.dispose();
  }
}

/**
 * Mean loss of a minibatch's judgements, and gradients of what is trained. All
 * items are scored in one pass: of each kind the first items, then the second.
 */
function judgementGradients<Item>(
  { parameters, score, beside }: Scoring<Item>,
  parts: readonly Part<Example<Item>>[],
  settings: LossSettings,
): { value: Scalar; gradients: Map<string, Tensor>; besideGradient?: Tensor } {
  const { value, grads } = tidy(() => {
    const weights = tensor1d(parts.flatMap(({ filled, counted }) => filled.map((_, i) => (i < counted ? 1 : 0))));
    return variableGrads(() => {
      const columns = parts.flatMap(({ filled, texts }) => Array.from({ length: texts }, (_, column) => filled.map(({ items }) => items[column] ?? items[0])));
      const scores = score(columns.flat());
      let at = 0;
      const losses = parts.map(({ kind, filled, texts }) => {
        const read = Array.from({ length: texts }, (_, column) => slice(scores, [at + column * filled.length], [filled.length]));
        at += texts * filled.length;
        return lossesOf(kind, read, filled, settings, thresholdsOf(parameters));
      });
      return weightedMean(concat1d(losses), weights);
    }, [...parameters.values(), ...(beside ? [beside.variable] : [])]);
  });
  return { value, besideGradient: beside && grads[beside.variable.name], gradients: new Map([...trainedOf(parameters)].map(([name, variable]) => [name, grads[variable.name]])) };
}
