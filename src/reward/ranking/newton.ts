/** A smooth, strictly convex function near one point. */
export interface Expansion {
  value: number;
  gradient: Float64Array;
  /** The Hessian times a vector; the Hessian itself is never written down, since of 10,000 responses it has 10⁸ numbers. */
  curve: (direction: Float64Array) => Float64Array;
}

export interface Minimum {
  x: Float64Array;
  value: number;
  iterations: number;
}

/** A fit that does not settle. */
export class FitError extends Error {
  override readonly name = 'FitError';
}

/** Largest slope at a minimum. Slopes of likelihoods are in judgements: of 10⁻⁸ of one there is nothing to gain. */
const SLOPE = 1e-8;
const ITERATIONS = 100;
const INNER_ITERATIONS = 1000;

/**
 * Minimum by Newton's method, whose steps are found by conjugate gradients
 * (Nocedal and Wright 2006, algorithm 7.1) and halved until they descend. Throws
 * {@link FitError} after a hundred steps.
 */
export function minimise(expand: (x: Float64Array) => Expansion, start: Float64Array): Minimum {
  let x = start;
  let here = expand(x);
  for (let iterations = 0; iterations < ITERATIONS; iterations++) {
    if (here.gradient.every((slope) => Math.abs(slope) <= SLOPE)) return { x, value: here.value, iterations };
    const step = newtonStep(here);
    const descent = dot(here.gradient, step);
    // Near the minimum the descent drowns in the rounding of the value.
    const rounding = 1e-13 * (1 + Math.abs(here.value));
    for (let length = 1; ; length /= 2) {
      const to = x.map((value, i) => value + length * step[i]);
      const there = expand(to);
      if (there.value <= here.value + 1e-4 * length * descent + rounding) {
        [x, here] = [to, there];
        break;
      }
      if (length < 1e-10) throw new FitError('The scores do not settle: no step makes the judgements likelier. Use a larger prior.');
    }
  }
  throw new FitError(`The scores do not settle in ${ITERATIONS} steps. Use a larger prior.`);
}

/** −H⁻¹g, as exactly as the slope is small. */
function newtonStep({ gradient, curve }: Expansion): Float64Array {
  const step = new Float64Array(gradient.length);
  const residual = gradient.map((slope) => -slope);
  let direction = residual.slice();
  let square = dot(residual, residual);
  const enough = square * Math.min(0.25, Math.sqrt(square)) ** 2;
  for (let inner = 0; inner < INNER_ITERATIONS && square > enough; inner++) {
    const curved = curve(direction);
    const length = square / dot(direction, curved);
    for (let i = 0; i < step.length; i++) {
      step[i] += length * direction[i];
      residual[i] -= length * curved[i];
    }
    const next = dot(residual, residual);
    direction = direction.map((value, i) => residual[i] + (next / square) * value);
    square = next;
  }
  return step;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
