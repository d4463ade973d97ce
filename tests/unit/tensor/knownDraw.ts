import { pcgHash } from '../../../src/tensor/pcg';
import { RandomStream } from '../../../src/tensor/random';

const random = new RandomStream(3);
const shape: [number, number] = [40, 211];
const logits = Float32Array.from({ length: shape[0] * shape[1] }, () => 2 * random.normal());
const [temperature, seed, counter] = [0.8, 7, 12];

/**
 * A draw worked out in double precision by another road than the sampler's: the
 * first of independent exponential clocks with rates exp(logit / temperature) to
 * ring. The seed is one whose nearest race is not within a GPU's rounding.
 */
export const KNOWN_DRAW = { logits, shape, temperature, seed, counter, drawn: Array.from({ length: shape[0] }, (_, row) => firstToRing(row)) };

function firstToRing(row: number): number {
  let [earliest, winner] = [Infinity, -1];
  for (let column = 0; column < shape[1]; column++) {
    const uniform = (pcgHash(seed, counter, row, column) + 0.5) / 2 ** 32;
    const time = -Math.log1p(-uniform) / Math.exp(logits[row * shape[1] + column] / temperature);
    if (time < earliest) [earliest, winner] = [time, column];
  }
  return winner;
}
