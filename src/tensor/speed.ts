import { matMul, tidy, zeros, type Tensor2D } from '@tensorflow/tfjs-core';

/** How fast a device computes, as measured on it once: other work at that moment makes it seem slower. */
export interface Speed {
  /** Floating-point operations a second, in matrix products of the size that training has. */
  flopsPerSecond: number;
  /** Seconds that a launch costs which computes next to nothing. */
  secondsPerLaunch: number;
  /** Seconds until a program that is used for the first time is compiled; about 0 off the GPU. */
  secondsPerProgram: number;
}

/** Rows and width of the products that are timed: about those of 32 short texts in a small model. */
const ROWS = 1024;
const WIDTH = 128;
/** Seconds beyond which a timing is trusted. */
const ENOUGH = 0.02;
const MOST_REPEATS = 256;

/** Each is timed so often, and the shortest time counts: a machine is seldom idle for long. */
const ROUNDS = 3;

/** Time chains of small and of large matrix products, for a moment. */
export async function measureSpeed(): Promise<Speed> {
  const small = await timeProduct(4, 4);
  const large = await timeProduct(ROWS, WIDTH);
  // A launch that costs more than the product hides how fast the product is.
  const computing = Math.max(large.seconds - small.seconds, large.seconds / 2);
  return {
    flopsPerSecond: (2 * ROWS * WIDTH * WIDTH) / computing,
    secondsPerLaunch: small.seconds,
    secondsPerProgram: (small.compiling + large.compiling) / 2,
  };
}

/** Seconds of one product [rows, width] · [width, width] in a chain, its beginning and the wait for the result left out; and of what only the first one takes. */
async function timeProduct(rows: number, width: number): Promise<{ seconds: number; compiling: number }> {
  const first = await timeChain(rows, width, 1);
  const one = await shortest(rows, width, 1);
  for (let repeats = 2; ; repeats *= 2) {
    const beyond = (await shortest(rows, width, repeats)) - one;
    if (beyond < ENOUGH && repeats < MOST_REPEATS) continue;
    return { seconds: Math.max(beyond / (repeats - 1), 1e-7), compiling: Math.max(first - one, 0) };
  }
}

async function shortest(rows: number, width: number, repeats: number): Promise<number> {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) best = Math.min(best, await timeChain(rows, width, repeats));
  return best;
}

async function timeChain(rows: number, width: number, repeats: number): Promise<number> {
  const start = performance.now();
  const result = tidy(() => {
    const w: Tensor2D = zeros([width, width]);
    let x: Tensor2D = zeros([rows, width]);
    for (let i = 0; i < repeats; i++) x = matMul(x, w);
    return x;
  });
  await result.data();
  result.dispose();
  return (performance.now() - start) / 1000;
}
