import { abs, add, cast, clipByValue, greater, maximum, mul, square, sub, sum, type Scalar, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import { withSlope } from './clippedSurrogate';
import { asTensor, launch } from './launch';
import { onGpu } from './storage';
import { wholeSum } from './wholeSum';

export interface ClippedError {
  loss: Scalar;
  /** Share of the counted places with |x − old| > ε; without a gradient. */
  clipFraction: Scalar;
}

/**
 * ½·Σ mask·max((x − target)², (old + clip(x − old, ±ε) − target)²) / count (the
 * value clip of openai/baselines and openai/lm-human-preferences), all [rows, T];
 * differentiable in x. One launch forward and one backward.
 * @param count of the *whole* minibatch's places, so that losses and gradients of its parts add up
 */
export function clippedSquaredError(x: Tensor2D, old: Tensor2D, target: Tensor2D, mask: Tensor2D, clipRange: number, count: number): ClippedError {
  if (!onGpu()) {
    const clipped = add(old, clipByValue(sub(x, old), -clipRange, clipRange));
    const mean = (values: Tensor) => mul(sum(mul(values, mask)), 1 / count) as Scalar;
    return {
      loss: mul(0.5, mean(maximum(square(sub(x, target)), square(sub(clipped, target))))) as Scalar,
      clipFraction: mean(cast(greater(abs(sub(x, old)), clipRange), 'float32')),
    };
  }
  const { loss, clipFraction, slope } = launch({
    name: 'clipped squared error',
    inputs: { x, old, goal: target, mask },
    outputs: { loss: [], clipFraction: [], slope: x.shape },
    constants: { N: x.size, clipRange },
    settings: { share: 1 / count },
    workgroups: [1],
    source: () =>
      wholeSum({
        count: 'N',
        sums: ['squares', 'clipped'],
        each: `
    let m = mask[i];
    let moved = x[i] - old[i];
    let plain = x[i] - goal[i];
    let bounded = old[i] + clamp(moved, -clipRange, clipRange) - goal[i];
    squares += m * max(plain * plain, bounded * bounded);
    clipped += select(0.0, m, abs(moved) > clipRange);
    // Within the clip both are the same error; beyond it, the bounded one does not move.
    slope[i] = select(0.0, m * plain * settings.share, plain * plain >= bounded * bounded || abs(moved) <= clipRange);`,
        finish: `
    loss[0] = 0.5 * squares * settings.share;
    clipFraction[0] = clipped * settings.share;`,
      }),
  });
  return { loss: withSlope(x, asTensor(loss), asTensor(slope)), clipFraction: asTensor(clipFraction) };
}
