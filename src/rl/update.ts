import { add, concat, keep, mul, stack, sub, sum, tensor2d, tidy, variableGrads, type Scalar, type Tensor, type Tensor2D, type Variable } from '@tensorflow/tfjs-core';
import { clippedSquaredError } from '../tensor/clippedSquaredError';
import { clippedSurrogate, RATIO_STATISTICS } from '../tensor/clippedSurrogate';
import type { RandomStream } from '../tensor/random';
import { klLoss } from './kl';
import { gatherRows } from './masked';
import type { KlSettings, PpoSettings } from './settings';

/*
 * PPO's update (Schulman et al. 2017, algorithm 1), for any policy that can say
 * how likely it finds the actions of a rollout. It knows no language model.
 */

/** What a policy says of chosen rows of a rollout, each [rows, T] and differentiable in its variables. */
export interface PolicyOutput {
  /** log π of each action taken. */
  logProbs: Tensor2D;
  /** Entropy of the whole distribution at each step, nats. */
  entropy: Tensor2D;
  /** V of the state before each action. */
  values: Tensor2D;
}

/** A policy with a value function, bound to one rollout of B rows. */
export interface Policy {
  readonly variables: ReadonlyMap<string, Variable>;
  evaluate(rows: Int32Array): PolicyOutput;
}

/** Flat per-token arrays [B · T], see masked.ts. */
export interface Experience {
  /** B. */
  rows: number;
  /** T. */
  length: number;
  mask: Float32Array;
  /** log π and V of the policy that acted. */
  logProbs: Float32Array;
  values: Float32Array;
  advantages: Float32Array;
  /** What V should be; absent where there is no value function, and then none is learned. */
  returns?: Float32Array;
  /** The KL penalty as a term of the loss; absent where it stands in the reward. */
  penalty?: KlPenalty;
}

/** β times the mean of an estimate of the KL, nats a token. */
export interface KlPenalty {
  estimator: KlSettings['estimator'];
  coefficient: number;
  /** log π_ref of each token. */
  reference: Float32Array;
}

/** The part of an optimiser that an update needs; `step` returns the gradients' global norm before clipping. */
export interface Optimiser {
  step(variables: ReadonlyMap<string, Variable>, gradients: ReadonlyMap<string, Tensor>, learningRate: number): Scalar;
}

/** One minibatch in numbers; means and losses are over its valid tokens. A term that the loss does not have is absent. */
export interface MinibatchReport {
  policyLoss: number;
  valueLoss?: number;
  /** Before it is multiplied by β. */
  klLoss?: number;
  totalLoss: number;
  ratioMean: number;
  ratioMax: number;
  /** max|ρ − 1|. */
  ratioError: number;
  clipFraction: number;
  valueClipFraction?: number;
  /** ½(log ρ)² and ρ − 1 − log ρ, both estimates of KL(π_old‖π). */
  approxKl2: number;
  approxKl3: number;
}

export interface UpdateReport {
  minibatches: MinibatchReport[];
  /** Gradient norm before clipping of each minibatch that was stepped on. */
  gradientNorms: number[];
  /** Minibatches left out: their mean ratio passed the threshold, or something was not finite. */
  skipped: number;
  /** Whether anything was not finite; the variables are sound all the same. */
  finite: boolean;
  /** True where the epochs ended before their number. */
  stoppedEarly: boolean;
}

type UpdateSettings = Pick<
  PpoSettings,
  'epochs' | 'minibatches' | 'microbatchSize' | 'clipRange' | 'valueClipRange' | 'valueCoefficient' | 'entropyCoefficient' | 'ratioThreshold' | 'epochKlTarget'
>;

/** Epochs of minibatches over one rollout, each epoch in a fresh order. */
export async function updatePolicy(
  policy: Policy,
  experience: Experience,
  optimiser: Optimiser,
  settings: UpdateSettings,
  learningRate: number,
  random: RandomStream,
): Promise<UpdateReport> {
  const report: UpdateReport = { minibatches: [], gradientNorms: [], skipped: 0, finite: true, stoppedEarly: false };
  const norms: Scalar[] = [];
  for (let epoch = 0; epoch < settings.epochs && !report.stoppedEarly; epoch++) {
    for (const rows of minibatchesOf(random.permutation(experience.rows), settings.minibatches)) {
      const { gradients, report: minibatch } = await minibatchGradients(policy, experience, rows, settings);
      report.minibatches.push(minibatch);
      report.stoppedEarly = settings.epochKlTarget !== null && minibatch.approxKl3 > settings.epochKlTarget;
      const finite = Object.values(minibatch).every(Number.isFinite);
      report.finite &&= finite;
      if (!finite || minibatch.ratioMean > settings.ratioThreshold) report.skipped++;
      else if (!report.stoppedEarly) norms.push(optimiser.step(policy.variables, gradients, learningRate));
      for (const gradient of gradients.values()) gradient.dispose();
      if (report.stoppedEarly) break;
    }
  }
  // The optimiser leaves everything as it is when a norm is not finite, so the norms can wait for one read at the end.
  if (norms.length > 0) {
    const all = tidy(() => stack(norms));
    report.gradientNorms = Array.from(await all.data());
    const refused = report.gradientNorms.filter((norm) => !Number.isFinite(norm)).length;
    report.skipped += refused;
    report.finite &&= refused === 0;
    all.dispose();
    for (const norm of norms) norm.dispose();
  }
  return report;
}

/** Cut a permutation into `count` nearly equal parts. */
function minibatchesOf(permutation: Int32Array, count: number): Int32Array[] {
  return Array.from({ length: count }, (_, i) =>
    permutation.slice(Math.round((i * permutation.length) / count), Math.round(((i + 1) * permutation.length) / count)),
  ).filter((rows) => rows.length > 0);
}

/**
 * Gradients of policy loss + c_V·value loss + β·KL − c_H·entropy over some rows,
 * by variable name; the caller disposes them. Computed `microbatchSize` rows at a
 * time, each part divided by the token count of all.
 */
export async function minibatchGradients(
  policy: Policy,
  experience: Experience,
  rows: Int32Array,
  settings: Omit<UpdateSettings, 'epochs' | 'minibatches' | 'ratioThreshold' | 'epochKlTarget'>,
): Promise<{ gradients: Map<string, Tensor>; report: MinibatchReport }> {
  const { length: T } = experience;
  const tokens = Math.max(1, total(gatherRows(experience.mask, rows, T)));
  const size = settings.microbatchSize ?? rows.length;
  let gradients = new Map<string, Tensor>();
  const reports: MinibatchReport[] = [];
  for (let start = 0; start < rows.length; start += size) {
    const part = microbatchGradients(policy, experience, rows.slice(start, start + size), tokens, settings);
    gradients = start === 0 ? part.gradients : sumAndDispose(gradients, part.gradients);
    const numbers = await part.statistics.data();
    reports.push(Object.fromEntries(part.names.map((name, i) => [name, numbers[i]])) as unknown as MinibatchReport);
    part.statistics.dispose();
  }
  return { gradients, report: reports.reduce(addReports) };
}

/** One part's share of the gradients and of the report. */
function microbatchGradients(
  policy: Policy,
  experience: Experience,
  rows: Int32Array,
  tokens: number,
  settings: Pick<UpdateSettings, 'clipRange' | 'valueClipRange' | 'valueCoefficient' | 'entropyCoefficient'>,
): { gradients: Map<string, Tensor>; statistics: Tensor; names: string[] } {
  const { length: T, penalty } = experience;
  const { clipRange, valueClipRange, valueCoefficient, entropyCoefficient } = settings;
  const at = (values: Float32Array) => tensor2d(gatherRows(values, rows, T), [rows.length, T]);
  let statistics: Tensor | undefined;
  let names: string[] = [];
  const { value, grads } = tidy(() => {
    const mask = at(experience.mask);
    const oldLogProbs = at(experience.logProbs);
    const advantages = at(experience.advantages);
    const oldValues = at(experience.values);
    const returns = experience.returns && at(experience.returns);
    const reference = penalty && at(penalty.reference);
    return variableGrads(() => {
      const { logProbs, entropy, values } = policy.evaluate(rows);
      const surrogate = clippedSurrogate(logProbs, oldLogProbs, advantages, mask, clipRange, tokens);
      const valueError = returns && clippedSquaredError(values, oldValues, returns, mask, valueClipRange, tokens);
      const kl = penalty && klLoss(logProbs, reference!, mask, penalty.estimator, tokens);
      let loss = surrogate.loss;
      if (valueError) loss = add(loss, mul(valueCoefficient, valueError.loss)) as Scalar;
      if (kl) loss = add(loss, mul(penalty.coefficient, kl)) as Scalar;
      if (entropyCoefficient !== 0) loss = sub(loss, mul(entropyCoefficient / tokens, sum(mul(entropy, mask)))) as Scalar;
      const terms = {
        policyLoss: surrogate.loss,
        ...(valueError && { valueLoss: valueError.loss, valueClipFraction: valueError.clipFraction }),
        ...(kl && { klLoss: kl }),
        totalLoss: loss,
      } satisfies Partial<Record<keyof MinibatchReport, Scalar>>;
      names = [...Object.keys(terms), ...RATIO_STATISTICS];
      statistics = keep(concat([stack(Object.values(terms)), surrogate.statistics]));
      return loss;
    }, [...policy.variables.values()]);
  });
  value.dispose();
  const gradients = new Map<string, Tensor>();
  for (const [name, variable] of policy.variables) if (grads[variable.name]) gradients.set(name, grads[variable.name]);
  return { gradients, statistics: statistics!, names };
}

/** Shares of means add up; the largest stays the largest. */
function addReports(a: MinibatchReport, b: MinibatchReport): MinibatchReport {
  const names = Object.keys(a) as (keyof MinibatchReport)[];
  return Object.fromEntries(names.map((name) => [name, name === 'ratioMax' || name === 'ratioError' ? Math.max(a[name], b[name]) : a[name]! + b[name]!])) as unknown as MinibatchReport;
}

function sumAndDispose(a: Map<string, Tensor>, b: Map<string, Tensor>): Map<string, Tensor> {
  const both = new Map<string, Tensor>();
  for (const [name, gradient] of a) {
    both.set(name, tidy(() => add(gradient, b.get(name)!)));
    gradient.dispose();
    b.get(name)!.dispose();
  }
  return both;
}

function total(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
