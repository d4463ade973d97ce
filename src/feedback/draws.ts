import { mix } from './sides';

/** Draws from [0, 1) that a seed alone decides: hashes of it and a counter, in steps of 2⁻³². Fair enough for a bootstrap, and the same figures each time. */
export function drawsFrom(seed: number): () => number {
  const start = mix(seed);
  let drawn = 0;
  return () => mix(start ^ drawn++) / 2 ** 32;
}
