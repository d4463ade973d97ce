import { matMul, ones } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { startBackend } from '../../src/tensor/backend';
import { canUse, chooseVariants, variants, type Variants } from '../../src/tensor/variants';

it('a first start tries the variants and takes one that the device can run', async () => {
  const asked: string[] = [];
  const rememberedVariants = async (name: string) => {
    asked.push(name);
    return null;
  };
  const adapter = await startBackend({ prefer: 'webgpu', rememberedVariants });
  expect(asked).toEqual([adapter.name]);
  expect(adapter.variants).toEqual(variants());
  expect(canUse(variants())).toBe(true);
});

it.each<Variants>([{ product: 'quads', rowThreads: 32 }, { product: 'tiles', rowThreads: 1 }])('a later start takes what is remembered: $product, $rowThreads', async (remembered) => {
  const { variants: taken } = await startBackend({ prefer: 'webgpu', rememberedVariants: async () => remembered });
  expect([taken, variants()]).toEqual([remembered, remembered]);
});

it('a matrix product is computed by the variant that was chosen', async () => {
  await startBackend({ prefer: 'webgpu' });
  for (const product of ['quads', 'tiles'] as const) {
    chooseVariants({ product, rowThreads: 1 });
    expect([...(await matMul(ones([3, 5]), ones([5, 2])).data())]).toEqual(new Array(6).fill(5));
  }
});
