import { tensor2d, tidy } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { disposeParameters, toParameters } from '../../../src/model/parameters';
import { hiddenStates } from '../../../src/model/transformer';
import { sharpWeights, TINY } from './tinyModel';

/**
 * What padding may not do, on whichever backend has been started. Rotary
 * positions are relative, so padding on the left alone would hide positions
 * that count it; padding between real tokens shows them.
 */
export function checkPadding(): void {
  it('padding on the left, between and on the right moves no real token', async () => {
    const parameters = toParameters(sharpWeights(TINY, 1));
    const tokens = [1, 9, 4, 22, 30, 7];
    const states = async (places: readonly number[], width: number) => {
      const ids = new Int32Array(width).fill(TINY.pad_token_id);
      const mask = new Float32Array(width);
      places.forEach((place, i) => {
        ids[place] = tokens[i];
        mask[place] = 1;
      });
      const hidden = tidy(() => hiddenStates(parameters, TINY, tensor2d(ids, [1, width], 'int32'), tensor2d(mask, [1, width])));
      const values = await hidden.data();
      hidden.dispose();
      return places.flatMap((place) => [...values.slice(place * TINY.hidden_size, (place + 1) * TINY.hidden_size)]);
    };
    const alone = await states([0, 1, 2, 3, 4, 5], 6);
    for (const places of [[2, 3, 4, 5, 6, 7], [0, 1, 4, 5, 6, 9], [3, 4, 7, 9, 10, 11]]) {
      const padded = await states(places, 12);
      padded.forEach((value, i) => expect(Math.abs(value - alone[i]), `at ${places}`).toBeLessThan(1e-4));
    }
    disposeParameters(parameters);
  });
}
