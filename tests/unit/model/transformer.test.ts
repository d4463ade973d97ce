import { tensor2d } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { rotaryAngles } from '../../../src/model/transformer';
import { startBackend } from '../../../src/tensor/backend';
import { TINY } from './tinyModel';
import { checkPadding } from './paddingChecks';
import { WASM_FOLDER } from '../tensor/wasmFolder';

beforeAll(async () => {
  await startBackend({ prefer: 'wasm', wasmFolder: WASM_FOLDER });
});

checkPadding();

describe('rotary angles', () => {
  it('are position · θ^(−2i/S), where a position is the number of real tokens before it', async () => {
    const { cos, sin } = rotaryAngles(TINY, tensor2d([[0, 0, 1, 1, 1], [1, 0, 1, 1, 0]]));
    const [cosines, sines] = [await cos.data(), await sin.data()];
    const half = TINY.hidden_size / TINY.num_attention_heads / 2;
    [0, 0, 0, 1, 2, 0, 1, 1, 2, 3].forEach((position, row) => {
      for (let i = 0; i < half; i++) {
        const angle = position / TINY.rope_theta ** (i / half);
        expect(cosines[row * half + i]).toBeCloseTo(Math.cos(angle), 6);
        expect(sines[row * half + i]).toBeCloseTo(Math.sin(angle), 6);
      }
    });
  });
});
