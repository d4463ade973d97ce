import { expect, test, vi } from 'vitest';
import { startBackend } from '../../src/tensor/backend';

vi.mock('../../src/tensor/gradientCheck', () => ({ gradientsAreSound: async () => false }));

test('an adapter that fails the self-test is refused by its name', async () => {
  await expect(startBackend({ prefer: 'webgpu' })).rejects.toThrow(/adapter “.*swiftshader.*” computes wrong gradients/i);
});
