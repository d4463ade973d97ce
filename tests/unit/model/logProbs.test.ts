import { add, mul, reshape, slice, sum, tensor1d, tensor2d, tidy, valueAndGrads, variableGrads, type Scalar, type Tensor2D } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { layOut } from '../../../src/model/batch';
import { responseLogProbs, tokenLogProbs, type DeviceBatch } from '../../../src/model/logProbs';
import { toParameters, type Parameters } from '../../../src/model/parameters';
import { hiddenStates, nextTokenLogits } from '../../../src/model/transformer';
import { startBackend } from '../../../src/tensor/backend';
import { WASM_FOLDER } from '../tensor/wasmFolder';
import { sharpWeights, TINY } from './tinyModel';

beforeAll(async () => {
  await startBackend({ prefer: 'wasm', wasmFolder: WASM_FOLDER });
});

const PROMPTS = [[1, 5, 9, 3], [1, 7]];
const RESPONSES = [[4, 1], [8, 2, 30]];

function onDevice(prompts = PROMPTS, responses = RESPONSES): DeviceBatch {
  const { ids, mask, B, P, T } = layOut(prompts, responses, TINY.pad_token_id);
  return { ids: tensor2d(ids, [B, P + T], 'int32'), mask: tensor2d(mask, [B, P + T]), promptLength: P, responseLength: T };
}

/** log softmax in double precision. */
function logSoftmax(logits: number[]): number[] {
  const most = Math.max(...logits);
  const total = Math.log(logits.reduce((all, logit) => all + Math.exp(logit - most), 0)) + most;
  return logits.map((logit) => logit - total);
}

describe('tokenLogProbs', () => {
  it('is the logarithm of the softmax, also where the logits are large', async () => {
    const logits = tensor2d([[0, Math.log(2), Math.log(3)], [1000, 1000 + Math.log(4), 900]]);
    const values = await tokenLogProbs(logits, tensor1d([2, 0], 'int32')).data();
    expect(values[0]).toBeCloseTo(Math.log(1 / 2), 5);
    expect(values[1]).toBeCloseTo(Math.log(1 / 5), 4);
  });

  it('has the gradient onehot − softmax', async () => {
    const logits = tensor2d([[0, Math.log(2), Math.log(3)]]);
    const { grads } = valueAndGrads((x) => sum(mul(tokenLogProbs(x as Tensor2D, tensor1d([1], 'int32')), 10)) as Scalar)([logits]);
    const gradient = await grads[0].data();
    [-1 / 6, 1 - 1 / 3, -1 / 2].forEach((slope, i) => expect(gradient[i]).toBeCloseTo(10 * slope, 4));
  });
});

describe('on wasm', () => {
  beforeAll(async () => {
    await startBackend({ prefer: 'wasm', wasmFolder: WASM_FOLDER });
  });
  afterAll(async () => {
    await startBackend({ prefer: 'wasm', wasmFolder: WASM_FOLDER });
  });

  it('reads each row’s own token, in many rows', async () => {
    const [N, V] = [40, 305];
    // Every row is the same distribution, turned by its number: its token is the one with logit log 2, all others have 0.
    const tokens = Array.from({ length: N }, (_, row) => (row * 97) % V);
    const logits = tokens.map((token) => Array.from({ length: V }, (_, id) => (id === token ? Math.log(2) : 0)));
    const values = await tokenLogProbs(tensor2d(logits), tensor1d(tokens, 'int32')).data();
    expect(values).toHaveLength(N);
    for (const value of values) expect(value).toBeCloseTo(Math.log(2 / (V + 1)), 4);
  });
});

describe('responseLogProbs', () => {
  it('reads each response token from the position before it, with logits divided by the temperature', async () => {
    const parameters = toParameters(sharpWeights(TINY, 1));
    const temperature = 0.7;
    const result = responseLogProbs(parameters, TINY, onDevice(), temperature);
    expect(result.logProbs.shape).toEqual([2, 3]);
    expect(result.hidden.shape).toEqual([2, 7, TINY.hidden_size]);
    const logProbs = await result.logProbs.data();
    const entropy = await result.entropy.data();
    for (const [row, response] of RESPONSES.entries())
      for (const [t, token] of response.entries()) {
        const before = [...PROMPTS[row], ...response.slice(0, t)];
        const expected = logSoftmax((await nextLogits(parameters, before)).map((logit) => logit / temperature));
        expect(logProbs[row * 3 + t]).toBeCloseTo(expected[token], 4);
        expect(entropy[row * 3 + t]).toBeCloseTo(-expected.reduce((all, lp) => all + Math.exp(lp) * lp, 0), 4);
      }
  });

  // Along a random direction in all parameters at once, a wrong term anywhere shows.
  it.each(['logProbs', 'entropy'] as const)('has the gradient of %s that finite differences give', async (output) => {
    const weights = sharpWeights(TINY, 2);
    const direction = sharpWeights(TINY, 3);
    const batch = onDevice();
    const loss = (parameters: Parameters): Scalar => {
      const values = responseLogProbs(parameters, TINY, batch, 1.3)[output];
      return sum(mul(values, tensor2d([[1, -2, 0.5], [0.3, 1, 2]])));
    };
    const shifted = async (step: number): Promise<number> => {
      const moved = new Map([...weights].map(([name, { shape, data }]) => [name, { shape, data: data.map((x, i) => x + step * direction.get(name)!.data[i]) }]));
      return (await tidy(() => loss(toParameters(moved))).data())[0];
    };
    const step = 2e-3;
    const expected = (await shifted(step) - await shifted(-step)) / (2 * step);

    const parameters = toParameters(weights);
    const { grads } = variableGrads(() => loss(parameters), [...parameters.values()]);
    let slope = 0;
    for (const [name, parameter] of parameters) {
      const gradient = await grads[parameter.name].data();
      gradient.forEach((g, i) => (slope += g * direction.get(name)!.data[i]));
    }
    expect(Math.abs(slope)).toBeGreaterThan(0.1);
    expect(slope / expected).toBeCloseTo(1, 2);
  });

  it('never lets a token after the end of the response change a masked loss or its gradient', async () => {
    const parameters = toParameters(sharpWeights(TINY, 4));
    const { ids, mask, responseMask, B, P, T } = layOut(PROMPTS, RESPONSES, TINY.pad_token_id, { prompt: 5, response: 4 });
    const masked = async (padding: number) => {
      const filled = ids.map((id, i) => (mask[i] === 0 ? padding : id));
      const batch = { ids: tensor2d(filled, [B, P + T], 'int32'), mask: tensor2d(mask, [B, P + T]), promptLength: P, responseLength: T };
      const { value, grads } = variableGrads(() => {
        const { logProbs, entropy } = responseLogProbs(parameters, TINY, batch, 1);
        return sum(mul(add(logProbs, entropy), tensor2d(responseMask, [B, T])));
      }, [...parameters.values()]);
      const gradients = await Promise.all([...parameters.values()].map(async (p) => [...(await grads[p.name].data())]));
      return { value: (await value.data())[0], gradients };
    };
    expect(await masked(17)).toEqual(await masked(TINY.pad_token_id));
  });
});

/** Logits after `before`, by a pass over that one sequence without any padding. */
async function nextLogits(parameters: Parameters, before: number[]): Promise<number[]> {
  const ids = tensor2d(before, [1, before.length], 'int32');
  const states = hiddenStates(parameters, TINY, ids, tensor2d(before.map(() => 1), [1, before.length]));
  const last = reshape(slice(states, [0, before.length - 1, 0], [1, 1, TINY.hidden_size]), [1, TINY.hidden_size]) as Tensor2D;
  return [...(await nextTokenLogits(parameters, last).data())];
}
