import { matMul, tidy, zeros, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { rmsNorm } from './norms';
import { canUse, chooseVariants, variants, type Variants } from './variants';

/** Rounds of the trial; contenders take turns, so that a machine that is busy for a moment is so for all. */
const ROUNDS = 3;
/** Another choice than the one that usually suits such a device must be this much faster. */
const CLEARLY = 0.85;

/**
 * Time each variant on a small piece of work and take the fastest, for a
 * moment at the first start on a device. What holds when it begins is the
 * usual choice, and stays where nothing is clearly faster.
 */
export async function tryVariants(): Promise<Variants> {
  const usual = variants();
  let best: Variants = usual;
  for (const product of ['quads', 'tiles'] as const) if (canUse({ ...best, product }) && product !== usual.product) best = await faster(best, { ...best, product }, multiply);
  const rowThreads = usual.rowThreads === 1 ? 32 : 1;
  best = await faster(best, { ...best, rowThreads }, normalise);
  chooseVariants(best);
  return best;
}

async function faster(usual: Variants, other: Variants, work: () => Tensor2D): Promise<Variants> {
  const time = { usual: Infinity, other: Infinity };
  // The first round compiles, and does not count.
  for (let round = 0; round <= ROUNDS; round++)
    for (const [name, choice] of [['usual', usual], ['other', other]] as const) {
      chooseVariants(choice);
      const start = performance.now();
      const result = tidy(work);
      await result.data();
      result.dispose();
      if (round > 0) time[name] = Math.min(time[name], performance.now() - start);
    }
  return time.other < CLEARLY * time.usual ? other : usual;
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
