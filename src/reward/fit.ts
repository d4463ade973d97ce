import { add, tidy, variableGrads, type Scalar, type Tensor, type Tensor1D, type Variable } from '@tensorflow/tfjs-core';
import type { Parameters } from '../model/parameters';
import { trainedOf } from '../model/tuning';
import { AdamW } from '../tensor/adamW';
import type { RandomStream } from '../tensor/random';
import { batchLoss, rowsOf } from './batchLoss';
import { thresholdsOf, type LossSettings, type Target } from './kinds';
import { minibatches, shares, stepsOf, type KindCount, type Part } from './minibatches';
import type { Kind } from './preference';
import { Pulls } from './pull';
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
 * was taken, and how hard each judgement pulled ({@link Pulls}). Throws
 * {@link RewardTrainingError} where a loss is not finite, and what `report` throws.
 */
export async function fitScores<Item>(
  scoring: Scoring<Item>,
  examples: readonly Example<Item>[],
  counts: ReadonlyMap<Kind, KindCount>,
  settings: FitSettings,
  random: RandomStream,
  report: (done: number, total: number, loss: number) => Promise<void>,
): Promise<{ lossCurve: RewardReport['lossCurve']; pulls: Float64Array }> {
  const { epochs, batchSize, learningRate, adam, maxGradNorm } = settings;
  const placed = examples.map((example, place): Placed<Item> => ({ ...example, place }));
  const each = shares([...counts.values()], batchSize);
  const pulls = new Pulls(examples.length, [...counts.values()].reduce((rows, { texts }, kind) => rows + each[kind] * texts, 0));
  const total = fitSteps(settings, counts);
  const optimiser = new AdamW({ ...adam, maxGradNorm });
  const lossCurve: RewardReport['lossCurve'] = [];
  try {
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (const parts of minibatches(placed, counts, random.permutation(placed.length), batchSize)) {
        const step = lossCurve.length;
        const schedule = 1 - step / total;
        const { value, gradients, pull, besideGradient } = judgementGradients(scoring, parts, settings, pulls);
        // A norm that is not finite changes nothing, so the loss can be looked at afterwards.
        optimiser.step(scoring.parameters, gradients, learningRate * schedule).dispose();
        if (besideGradient) scoring.beside!.step(besideGradient, schedule);
        for (const gradient of gradients.values()) gradient.dispose();
        besideGradient?.dispose();
        const [[loss], pulled] = await Promise.all([value.data(), pull.data()]);
        value.dispose();
        pull.dispose();
        pulls.add(parts, pulled, learningRate * schedule);
        if (!Number.isFinite(loss))
          throw new RewardTrainingError('The loss of the reward model is no longer a finite number. Nothing was saved; try a lower learning rate.');
        lossCurve.push({ step, loss });
        await report(step + 1, total, loss);
      }
    }
    return { lossCurve, pulls: pulls.result() };
  } finally {
    optimiser.dispose();
    pulls.dispose();
  }
}

/** An example with its place among the judgements. */
type Placed<Item> = Example<Item> & { place: number };

/**
 * Mean loss of a minibatch's judgements, and its gradients in what is trained,
 * and in the scores, which are made in one pass.
 */
function judgementGradients<Item>(
  { parameters, score, beside }: Scoring<Item>,
  parts: readonly Part<Placed<Item>>[],
  settings: LossSettings,
  { probe }: Pulls,
): { value: Scalar; gradients: Map<string, Tensor>; pull: Tensor; besideGradient?: Tensor } {
  const { value, grads } = tidy(() => {
    const items = rowsOf(parts).map(({ example, text }) => example.items[text] ?? example.items[0]);
    return variableGrads(
      () => batchLoss(add(score(items), probe), parts, settings, thresholdsOf(parameters)),
      [...parameters.values(), probe, ...(beside ? [beside.variable] : [])],
    );
  });
  return { value, pull: grads[probe.name], besideGradient: beside && grads[beside.variable.name], gradients: new Map([...trainedOf(parameters)].map(([name, variable]) => [name, grads[variable.name]])) };
}
