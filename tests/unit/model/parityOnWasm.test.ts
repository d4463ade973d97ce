import { reshape, tensor1d, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { CachedDecoder } from '../../../src/model/decoding';
import { toParameters } from '../../../src/model/parameters';
import { hiddenStates, nextTokenLogits } from '../../../src/model/transformer';
import { describeParity } from '../../reference/parity';
import { WASM_FOLDER } from '../tensor/wasmFolder';
import { sharpWeights, TINY } from './tinyModel';

// Where there is no WebGPU people train on this backend, and several of tfjs's kernels for it are wrong.
describeParity('wasm', WASM_FOLDER);

it('decodes on wasm with its cache what a full forward pass gives', async () => {
  const parameters = toParameters(sharpWeights(TINY, 1));
  const [prompt, next] = [[1, 8, 22], [4, 30, 9]];
  const decoder = new CachedDecoder(parameters, TINY, [prompt], 8, 4);
  for (const token of next) decoder.advance(tensor1d([token], 'int32'));
  const cached = await decoder.logits.data();
  decoder.dispose();
  const all = [...prompt, ...next];
  const full = await tidy(() => {
    const hidden = hiddenStates(parameters, TINY, tensor2d(all, [1, all.length], 'int32'), tensor2d(all.map(() => 1), [1, all.length]));
    return nextTokenLogits(parameters, reshape(hidden, [all.length, TINY.hidden_size]));
  }).data();
  full.slice(-TINY.vocab_size).forEach((logit, v) => expect(Math.abs(cached[v] - logit)).toBeLessThan(1e-4));
}, 30_000);
