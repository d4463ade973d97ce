import {
  abs,
  cast,
  clipByValue,
  customGrad,
  exp,
  greater,
  max,
  maximum,
  mul,
  neg,
  square,
  stack,
  sub,
  sum,
  type GradSaveFunc,
  type Scalar,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '@tensorflow/tfjs-core';
import { asTensor, launch } from './launch';
import { onGpu } from './storage';
import { wholeSum } from './wholeSum';

/** Bound on a log-ratio before exponentiation: e²⁰ is still a float32, and hopeless as a ratio. */
export const MAX_LOG_RATIO = 20;

/** In the order of {@link Surrogate.statistics}; means are over the places that the mask counts. */
export const RATIO_STATISTICS = ['ratioMean', 'clipFraction', 'approxKl2', 'approxKl3', 'ratioMax', 'ratioError'] as const;

export interface Surrogate {
  loss: Scalar;
  /** [6], without a gradient: mean ρ, share of |ρ − 1| > ε, means of ½(log ρ)² and of ρ − 1 − log ρ, largest ρ and largest |ρ − 1|. */
  statistics: Tensor1D;
}

/**
 * Σ mask·max(−Aρ, −A·clip(ρ, 1 − ε, 1 + ε)) / count with ρ = exp(logProbs −
 * oldLogProbs) (Schulman et al. 2017, eq. 7), all [rows, T]; differentiable in
 * `logProbs`. One launch forward and one backward.
 * @param count of the *whole* minibatch's places, so that losses and gradients of its parts add up
 */
export function clippedSurrogate(logProbs: Tensor2D, oldLogProbs: Tensor2D, advantages: Tensor2D, mask: Tensor2D, clipRange: number, count: number): Surrogate {
  if (!onGpu()) return reference(logProbs, oldLogProbs, advantages, mask, clipRange, count);
  const N = logProbs.size;
  const { loss, statistics, slope } = launch({
    name: 'clipped surrogate',
    inputs: { logProbs, oldLogProbs, advantages, mask },
    outputs: { loss: [], statistics: [RATIO_STATISTICS.length], slope: logProbs.shape },
    constants: { N, clipRange },
    settings: { share: 1 / count },
    workgroups: [1],
    source: () =>
      wholeSum({
        count: 'N',
        sums: ['surrogate', 'ratios', 'clipped', 'kl2', 'kl3'],
        maxima: ['largest', 'furthest'],
        each: `
    let m = mask[i];
    let logRatio = logProbs[i] - oldLogProbs[i];
    let ratio = exp(clamp(logRatio, -${MAX_LOG_RATIO}.0, ${MAX_LOG_RATIO}.0));
    let a = advantages[i];
    let plain = -a * ratio;
    let bounded = -a * clamp(ratio, 1.0 - clipRange, 1.0 + clipRange);
    surrogate += m * max(plain, bounded);
    ratios += m * ratio;
    clipped += select(0.0, m, abs(ratio - 1.0) > clipRange);
    kl2 += m * 0.5 * logRatio * logRatio;
    kl3 += m * (ratio - 1.0 - logRatio);
    largest = max(largest, m * ratio);
    furthest = max(furthest, m * abs(ratio - 1.0));
    // Where the bounded branch is the larger, nothing moves it; where the log-ratio itself is bounded, neither.
    slope[i] = select(0.0, m * plain * settings.share, plain >= bounded && abs(logRatio) <= ${MAX_LOG_RATIO}.0);`,
        finish: `
    loss[0] = surrogate * settings.share;
    statistics[0] = ratios * settings.share;
    statistics[1] = clipped * settings.share;
    statistics[2] = kl2 * settings.share;
    statistics[3] = kl3 * settings.share;
    statistics[4] = largest;
    statistics[5] = furthest;`,
      }),
  });
  const [value, slopes] = [asTensor<Scalar>(loss), asTensor<Tensor2D>(slope)];
  return { loss: withSlope(logProbs, value, slopes), statistics: asTensor(statistics) };
}

/** `value` as a function of x whose gradient is already known. */
export function withSlope(x: Tensor2D, value: Scalar, slope: Tensor2D): Scalar {
  return customGrad((_, save) => {
    (save as GradSaveFunc)([slope]);
    return { value, gradFunc: (dy: Tensor, [slope]: Tensor[]) => mul(dy, slope) };
  })(x) as Scalar;
}

/** The same in tfjs's operations, for backends without our kernels. */
function reference(logProbs: Tensor2D, oldLogProbs: Tensor2D, advantages: Tensor2D, mask: Tensor2D, clipRange: number, count: number): Surrogate {
  const logRatio = sub(logProbs, oldLogProbs);
  const ratio = exp(clipByValue(logRatio, -MAX_LOG_RATIO, MAX_LOG_RATIO));
  const losses = neg(advantages);
  const worst = maximum(mul(losses, ratio), mul(losses, clipByValue(ratio, 1 - clipRange, 1 + clipRange)));
  const mean = (x: Tensor) => mul(sum(mul(x, mask)), 1 / count) as Scalar;
  const distance = abs(sub(ratio, 1));
  const statistics: Record<(typeof RATIO_STATISTICS)[number], Tensor> = {
    ratioMean: mean(ratio),
    clipFraction: mean(cast(greater(distance, clipRange), 'float32')),
    approxKl2: mean(mul(0.5, square(logRatio))),
    approxKl3: mean(sub(sub(ratio, 1), logRatio)),
    ratioMax: max(mul(ratio, mask)),
    ratioError: max(mul(distance, mask)),
  };
  return { loss: mean(worst), statistics: stack(RATIO_STATISTICS.map((name) => statistics[name])) as Tensor1D };
}
