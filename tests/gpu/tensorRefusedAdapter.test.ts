import { mul, type Tensor } from '@tensorflow/tfjs-core';
import { expect, test, vi } from 'vitest';
import { startBackend } from '../../src/tensor/backend';

// A device that is off by a thousandth in one of its operations, without an error.
vi.mock('../../src/tensor/swiGlu', async (original) => {
  const { swiGlu, ...rest } = await original<typeof import('../../src/tensor/swiGlu')>();
  return { ...rest, swiGlu: (gateUp: Tensor) => swiGlu(mul(gateUp, 1.001) as never) };
});

test('an adapter that fails the self-test is refused by its name', async () => {
  await expect(startBackend({ prefer: 'webgpu' })).rejects.toThrow(/adapter “.*swiftshader.*” computes wrongly/i);
});
