import { squaredDifference, type Tensor1D } from '@tensorflow/tfjs-core';

/** A number that somebody gave to a response. */
export interface Rating {
  /** Who gave it, by a key of their own. */
  rater: string;
  value: number;
}

/** (r − z)², all [N]; targets as {@link standardised} gives them. */
export function ratingLosses(scores: Tensor1D, targets: Tensor1D): Tensor1D {
  return squaredDifference(scores, targets);
}

/**
 * Ratings less the mean of their rater, in standard deviations (of the whole,
 * not of a sample) of that rater: whether somebody is strict, or uses the ends of
 * the scale, is not the response's doing. 0 from a rater who gives all the same.
 */
export function standardised(ratings: readonly Rating[]): Float32Array {
  const byRater = new Map<string, number[]>();
  for (const { rater, value } of ratings) {
    const given = byRater.get(rater);
    if (given) given.push(value);
    else byRater.set(rater, [value]);
  }
  const scales = new Map([...byRater].map(([rater, values]) => [rater, spread(values)]));
  return Float32Array.from(ratings, ({ rater, value }) => {
    const { mean, std } = scales.get(rater)!;
    return std === 0 ? 0 : (value - mean) / std;
  });
}

/** Mean, and standard deviation of the whole. */
export function spread(values: readonly number[]): { mean: number; std: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, std: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) };
}
