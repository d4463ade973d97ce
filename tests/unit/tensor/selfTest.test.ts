import { memory } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { startBackend } from '../../../src/tensor/backend';
import { deviceIsSound, EXPECTED, fingerprint } from '../../../src/tensor/selfTest';

it('expects of a device what the CPU backend computes', async () => {
  await startBackend({ prefer: 'cpu' });
  const before = memory().numTensors;
  const found = await fingerprint();
  expect([...found].map((value) => Number(value.toFixed(2)))).toEqual(EXPECTED);
  expect(await deviceIsSound()).toBe(true);
  expect(memory().numTensors).toBe(before);
  // A gradient that is zero everywhere would be in agreement with a device that returns zeros.
  for (const value of found) expect(Math.abs(value)).toBeGreaterThan(1);
});
