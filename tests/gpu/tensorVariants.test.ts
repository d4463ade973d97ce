import { matMul, ones } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { startBackend } from '../../src/tensor/backend';
import { canUse, chooseVariants, variants, type Variants } from '../../src/tensor/variants';

it('a first start tries the variants and takes one that the device can run', async () => {
  const asked: string[] = [];
  const rememberedTrial = async (name: string) => {
    asked.push(name);
    return null;
  };
  const adapter = await startBackend({ prefer: 'webgpu', rememberedTrial });
  expect(asked).toEqual([adapter.name]);
  expect(adapter.trial.variants).toEqual(variants());
  expect(canUse(variants())).toBe(true);
  // The chosen one is never much slower than the other, and is what the speed was measured with.
  const { product } = adapter.trial.times!;
  expect(product[variants().product]).toBeLessThan(1.2 * Math.min(...Object.values(product)));
  expect(adapter.trial.speed.flopsPerSecond).toBeGreaterThan(1e6);
  expect(adapter.trial.speed.secondsPerLaunch).toBeLessThan(0.1);
  expect(adapter.limits!.maxBufferSize).toBeGreaterThanOrEqual(2 ** 28);
});

it.each<Variants>([{ product: 'quads', rowThreads: 32 }, { product: 'tiles', rowThreads: 1 }])('a later start takes what is remembered: $product, $rowThreads', async (remembered) => {
  const trial = { variants: remembered, speed: { flopsPerSecond: 1e9, secondsPerLaunch: 1e-5, secondsPerProgram: 0.1 } };
  const adapter = await startBackend({ prefer: 'webgpu', rememberedTrial: async () => trial });
  expect([adapter.trial, variants()]).toEqual([trial, remembered]);
});

it('a matrix product is computed by the variant that was chosen', async () => {
  await startBackend({ prefer: 'webgpu' });
  for (const product of ['quads', 'tiles'] as const) {
    chooseVariants({ product, rowThreads: 1 });
    expect([...(await matMul(ones([3, 5]), ones([5, 2])).data())]).toEqual(new Array(6).fill(5));
  }
});
