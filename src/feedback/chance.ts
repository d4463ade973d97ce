/**
 * A whole number of 32 bits that whole numbers determine: what is drawn by it
 * can be drawn again, in any order. Each key goes through the finaliser of
 * MurmurHash3 (Appleby, public domain).
 */
export function hashed(...keys: readonly number[]): number {
  let hash = 0;
  for (const key of keys) hash = mix(hash ^ key);
  return hash;
}

/** Uniform in [0, 1), in steps of 2⁻³². */
export function uniform(...keys: readonly number[]): number {
  return hashed(...keys) / 2 ** 32;
}

/** Uniform draws one after the other, which a seed alone decides. */
export function drawsFrom(seed: number): () => number {
  let drawn = 0;
  return () => uniform(seed, drawn++);
}

/** 0 … n − 1 in random order (Fisher and Yates; Durstenfeld 1964). */
export function shuffled(n: number, draw: () => number): number[] {
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(draw() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** One of a list that is not empty, by a draw from [0, 1). */
export function oneOf<T>(list: readonly T[], draw: number): T {
  return list[Math.floor(draw * list.length)];
}

function mix(integer: number): number {
  let h = (integer ^ 0x9e3779b9) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
