import { matMul, tidy, zeros, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { rmsNorm } from './norms';
import { canUse, chooseVariants, variants, type ProductVariant, type Variants } from './variants';

/** Seconds that a small piece of work took under each choice that the device has. */
export interface TrialTimes {
  product: Partial<Record<ProductVariant, number>>;
  rowThreads: Partial<Record<Variants['rowThreads'], number>>;
}

/** Rounds of the trial; contenders take turns, so that a machine that is busy for a moment is so for all. */
const ROUNDS = 3;
/** Another choice than the one that usually suits such a device must be this much faster. */
const CLEARLY = 0.85;

/**
 * Time each variant on a small piece of work and take the fastest, for a
 * moment at the first start on a device. What holds when it begins is the
 * usual choice, and stays where nothing is clearly faster.
 */
export async function tryVariants(): Promise<{ variants: Variants; times: TrialTimes }> {
  const usual = variants();
  const products = (['quads', 'tiles'] as const).filter((product) => canUse({ ...usual, product }));
  const product = await fastest(products, usual.product, (product) => ({ ...usual, product }), multiply);
  const best = { ...usual, product: product.choice };
  const rowThreads = await fastest([1, 32] as const, usual.rowThreads, (rowThreads) => ({ ...best, rowThreads }), normalise);
  const chosen = { ...best, rowThreads: rowThreads.choice };
  chooseVariants(chosen);
  return { variants: chosen, times: { product: product.seconds, rowThreads: rowThreads.seconds } };
}

async function fastest<C extends string | number>(
  choices: readonly C[],
  usual: C,
  asVariants: (choice: C) => Variants,
  work: () => Tensor2D,
): Promise<{ choice: C; seconds: Partial<Record<C, number>> }> {
  const seconds: Partial<Record<C, number>> = {};
  // The first round compiles, and does not count.
  for (let round = 0; round <= ROUNDS; round++)
    for (const choice of choices) {
      chooseVariants(asVariants(choice));
      const start = performance.now();
      const result = tidy(work);
      await result.data();
      result.dispose();
      if (round > 0) seconds[choice] = Math.min(seconds[choice] ?? Infinity, (performance.now() - start) / 1000);
    }
  const choice = choices.reduce((best, other) => (seconds[other]! < CLEARLY * seconds[best]! ? other : best), usual);
  return { choice, seconds };
}

const REPEATS = 4;

function multiply(): Tensor2D {
  let x: Tensor2D = zeros([256, 64]);
  const w: Tensor2D = zeros([64, 64]);
  for (let i = 0; i < REPEATS; i++) x = matMul(x, w);
  return x;
}

function normalise(): Tensor2D {
  let x: Tensor2D = zeros([256, 64]);
  const weight: Tensor1D = zeros([64]);
  for (let i = 0; i < REPEATS; i++) x = rmsNorm(x, weight, 1e-5);
  return x;
}
