import { beforeAll, describe, it } from 'vitest';
import { startBackend } from '../../../src/tensor/backend';
import { WASM_FOLDER } from '../tensor/wasmFolder';
import { expectExactOptimum } from './armsChecks';

beforeAll(async () => void (await startBackend({ prefer: 'wasm', wasmFolder: WASM_FOLDER })));

// At β = 1 on WebGPU: tests/gpu/rl.test.ts.
describe('PPO with a transformer, on WebAssembly', () => {
  it.each([0.25, 4])('finds the exact optimum of a policy of a few tokens at β = %s', expectExactOptimum, 120_000);
});
