/** The finaliser of MurmurHash3 (Appleby, public domain): every bit of a 32-bit integer moves every other. */
export function mix(integer: number): number {
  let h = (integer ^ 0x9e3779b9) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Draws from [0, 1), in steps of 2⁻³², that an integer seed repeats exactly. */
export function uniformDraws(seed: number): () => number {
  let drawn = 0;
  return () => mix(mix(seed) ^ drawn++) / 2 ** 32;
}

/** 0 … n − 1 in random order (Fisher and Yates; Durstenfeld 1964). */
export function shuffled(n: number, uniform: () => number): number[] {
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(uniform() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
