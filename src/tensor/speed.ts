import { matMul, tidy, zeros, type Tensor2D } from '@tensorflow/tfjs-core';

/** How fast a device computes, as measured on it once: other work at that moment makes it seem slower. */
export interface Speed {
  /** Floating-point operations a second, in matrix products of the size that training has. */
  flopsPerSecond: number;
  /** Seconds that a launch costs which computes next to nothing. */
  secondsPerLaunch: number;
}

/** Rows and width of the products that are timed: about those of 32 short texts in a small model. */
const ROWS = 1024;
const WIDTH = 128;
/** Seconds beyond which a timing is trusted. */
const ENOUGH = 0.02;
const MOST_REPEATS = 256;

/** Time chains of small and of large matrix products, for a moment. */
export async function measureSpeed(): Promise<Speed> {
  const secondsPerLaunch = await secondsOfProduct(4, 4);
  const seconds = await secondsOfProduct(ROWS, WIDTH);
  // A launch that costs more than the product hides how fast the product is.
  const computing = Math.max(seconds - secondsPerLaunch, seconds / 2);
  return { flopsPerSecond: (2 * ROWS * WIDTH * WIDTH) / computing, secondsPerLaunch };
}

/** Seconds of one product [rows, width] · [width, width] in a chain; its beginning and the wait for the result are left out. */
async function secondsOfProduct(rows: number, width: number): Promise<number> {
  // The first compiles.
  await timeChain(rows, width, 1);
  const one = await timeChain(rows, width, 1);
  for (let repeats = 2; ; repeats *= 2) {
    const beyond = (await timeChain(rows, width, repeats)) - one;
    if (beyond >= ENOUGH || repeats >= MOST_REPEATS) return Math.max(beyond / (repeats - 1), 1e-7);
  }
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
