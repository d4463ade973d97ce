import { gather, grads, logSoftmax, memory, mul, sub, sum, tensor, tensor1d, tidy, variable, variableGrads, type Scalar, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { disposeParameters, toParameters, toWeights, type Parameters } from '../../../src/model/parameters';
import { trainedOf, tunedParameters } from '../../../src/model/tuning';
import { TUNE_ALL } from '../../../src/model/tuningSettings';
import { preferenceLosses, PreferenceObjective, type PreferencePair } from '../../../src/rl/dpo';
import { DPO_DEFAULTS, type DpoSettings, type PreferenceMethod } from '../../../src/rl/dpoSettings';
import { minibatchGradients, trainEpochs } from '../../../src/rl/epochs';
import { AdamW } from '../../../src/tensor/adamW';
import { startBackend } from '../../../src/tensor/backend';
import { RandomStream } from '../../../src/tensor/random';
import { relativeError } from '../../reference/parity';
import { plainLogProbs } from '../model/plainLogProbs';
import { sharpWeights, TINY } from '../model/tinyModel';
import { bestPolicy, REFERENCE, REWARDS, totalVariation } from './bandit';
import { WASM_FOLDER } from '../tensor/wasmFolder';

beforeAll(async () => {
  await startBackend({ prefer: 'wasm', wasmFolder: WASM_FOLDER });
});

const METHODS: readonly PreferenceMethod[] = ['dpo', 'ipo', 'kto'];
const BETA = 0.3;
const CHOSEN = [0.4, -1.2, 3.1, 0, 14];
const REJECTED = [0.1, 2.5, -4, 0, -9];
const BASELINE = 0.7;

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** The papers' formulas for one pair, in float64. */
const FORMULA: Record<PreferenceMethod, (c: number, r: number) => number> = {
  dpo: (c, r) => -Math.log(sigmoid(BETA * (c - r))),
  ipo: (c, r) => (c - r - 1 / (2 * BETA)) ** 2,
  kto: (c, r) => (1 - sigmoid(BETA * (c - BASELINE)) + 1 - sigmoid(BETA * (BASELINE - r))) / 2,
};

describe('the losses of a pair', () => {
  it.each(METHODS)('%s is that of its paper', async (method) => {
    const losses = await preferenceLosses(method, tensor1d(CHOSEN), tensor1d(REJECTED), BETA, BASELINE).data();
    CHOSEN.forEach((c, i) => expect(losses[i]).toBeCloseTo(FORMULA[method](c, REJECTED[i]), 4));
  });

  it.each(METHODS)('%s has the slope of its paper, by finite differences', async (method) => {
    const total = (c: Tensor, r: Tensor) => sum(preferenceLosses(method, c as Tensor1D, r as Tensor1D, BETA, BASELINE));
    const [dChosen, dRejected] = await Promise.all(grads(total)([tensor1d(CHOSEN), tensor1d(REJECTED)]).map((gradient) => gradient.data()));
    const h = 1e-5;
    CHOSEN.forEach((c, i) => {
      const r = REJECTED[i];
      expect(dChosen[i]).toBeCloseTo((FORMULA[method](c + h, r) - FORMULA[method](c - h, r)) / (2 * h), 3);
      expect(dRejected[i]).toBeCloseTo((FORMULA[method](c, r + h) - FORMULA[method](c, r - h)) / (2 * h), 3);
    });
  });

  it('DPO’s slope is −β·σ(−β(Δ_c − Δ_r)) (Rafailov et al. 2023, §4): wrong pairs pull hardest', async () => {
    const [slopes] = grads((c: Tensor, r: Tensor) => sum(preferenceLosses('dpo', c as Tensor1D, r as Tensor1D, BETA)))([tensor1d(CHOSEN), tensor1d(REJECTED)]);
    const found = await slopes.data();
    CHOSEN.forEach((c, i) => expect(found[i]).toBeCloseTo(-BETA * sigmoid(-BETA * (c - REJECTED[i])), 6));
  });

  it('survive log-ratios that overflow a plain exponential', async () => {
    for (const method of METHODS) expect([...(await preferenceLosses(method, tensor1d([900, -900]), tensor1d([-900, 900]), 1).data())].every(Number.isFinite), method).toBe(true);
  });
});

/** A softmax over four arms that learns from every pair of them, labelled as often either way as Bradley and Terry's model says. */
async function tunedArms(beta: number, reference: readonly number[]): Promise<number[]> {
  const arms = REWARDS.map((_, arm) => arm);
  const pairs = arms.flatMap((chosen) => arms.filter((rejected) => rejected !== chosen).map((rejected) => ({ chosen, rejected, share: sigmoid(REWARDS[chosen] - REWARDS[rejected]) })));
  const logits = variable(tensor1d(REFERENCE.map(Math.log)));
  const optimiser = new AdamW({ ...DPO_DEFAULTS.adam, maxGradNorm: 1 });
  const steps = 1500;
  for (let step = 0; step < steps; step++) {
    const { value, grads } = tidy(() =>
      variableGrads(() => {
        const ratios = sub(logSoftmax(logits), tensor1d(reference.map(Math.log)));
        const of = (side: 'chosen' | 'rejected') => gather(ratios, tensor1d(pairs.map((pair) => pair[side]), 'int32')) as Tensor1D;
        return sum(mul(tensor1d(pairs.map(({ share }) => share)), preferenceLosses('dpo', of('chosen'), of('rejected'), beta))) as Scalar;
      }, [logits]),
    );
    optimiser.step(new Map([['logits', logits]]), new Map([['logits', grads[logits.name]]]), 0.05 * (1 - step / steps)).dispose();
    value.dispose();
    grads[logits.name].dispose();
  }
  const weights = Array.from(await logits.data(), Math.exp);
  logits.dispose();
  optimiser.dispose();
  const total = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / total);
}

describe('four arms', () => {
  it.each([0.5, 1, 4])('end at π_ref·exp(r/β), β = %f', async (beta) => {
    expect(totalVariation(await tunedArms(beta, REFERENCE), bestPolicy(beta))).toBeLessThan(0.005);
  });

  it('end elsewhere where the reference is forgotten', async () => {
    expect(totalVariation(await tunedArms(1, [1, 1, 1, 1]), bestPolicy(1))).toBeGreaterThan(0.2);
  });
});

// Prompts of one to four tokens, responses of one to five.
const PAIRS: PreferencePair[] = [
  { prompt: [1, 5], chosen: [4, 9, 1], rejected: [8] },
  { prompt: [1], chosen: [7], rejected: [3, 3, 5, 12, 20] },
  { prompt: [1, 2, 30, 11], chosen: [6, 17], rejected: [21, 4, 2] },
  { prompt: [1, 8, 8], chosen: [30, 2, 14, 6], rejected: [9, 9] },
  { prompt: [1, 19], chosen: [25, 3], rejected: [13, 10, 7, 2] },
];
const ALL = Int32Array.of(2, 0, 4, 1, 3);
const SETTINGS: DpoSettings = { ...DPO_DEFAULTS, beta: BETA, batchSize: 5, temperature: 0.8, learningRate: 1e-2, epochs: 1 };

const policyOf = (settings: DpoSettings) => tunedParameters(sharpWeights(TINY, 1), TINY, settings.tune, 'value', new RandomStream(3));

/** An objective whose policy has moved from the reference since: every trained number by a little. */
async function moved(settings: DpoSettings, pairs = PAIRS, seed = 5): Promise<PreferenceObjective> {
  const policy = policyOf(settings);
  const objective = await PreferenceObjective.of(policy, TINY, pairs, settings, new RandomStream(4));
  const random = new RandomStream(seed);
  for (const [, parameter] of trainedOf(policy)) {
    const now = await parameter.data();
    tidy(() => parameter.assign(tensor(Float32Array.from(now, (x) => x + 0.1 * random.normal()), parameter.shape)));
  }
  return objective;
}

const lossOf = async (objective: PreferenceObjective, rows = ALL) => (await (await objective.minibatch(rows))(rows).data())[0];

describe('a language model’s preference loss', () => {
  it.each([
    ['dpo', Math.LN2],
    ['ipo', 1 / (4 * BETA ** 2)],
    ['kto', 0.5],
  ] as const)('%s begins at its closed form, whatever is trained', async (method, first) => {
    for (const what of ['all', 'lora', 'last', 'head'] as const) {
      const policy = policyOf({ ...SETTINGS, tune: { ...TUNE_ALL, what } });
      const objective = await PreferenceObjective.of(policy, TINY, PAIRS, { ...SETTINGS, method }, new RandomStream(4));
      expect(Math.abs((await lossOf(objective)) - first), what).toBeLessThan(1e-6);
      expect(Math.abs((await objective.evaluate())!.loss - first), what).toBeLessThan(1e-6);
      disposeParameters(policy);
    }
  });

  it.each(['dpo', 'ipo'] as const)('%s is the formula on log-ratios that are read token by token, of policy and reference', async (method) => {
    const objective = await moved({ ...SETTINGS, method });
    const reference = policyOf(SETTINGS);
    const ratio = async (prompt: readonly number[], response: readonly number[]) => {
      const total = async (parameters: Parameters) => (await plainLogProbs(parameters, TINY, prompt, response, SETTINGS.temperature)).reduce((a, b) => a + b);
      return (await total(objective.parameters)) - (await total(reference));
    };
    const losses = await Promise.all(PAIRS.map(async ({ prompt, chosen, rejected }) => FORMULA[method](await ratio(prompt, chosen), await ratio(prompt, rejected))));
    const expected = losses.reduce((a, b) => a + b) / PAIRS.length;
    expect(Math.abs(expected - FORMULA[method](0, 0))).toBeGreaterThan(0.01);
    expect(await lossOf(objective)).toBeCloseTo(expected, 4);
    // Without the reference the same pairs cost something else.
    const unreferenced = await Promise.all(
      PAIRS.map(async ({ prompt, chosen, rejected }) => {
        const total = async (response: readonly number[]) => (await plainLogProbs(objective.parameters, TINY, prompt, response, SETTINGS.temperature)).reduce((a, b) => a + b);
        return FORMULA[method](await total(chosen), await total(rejected));
      }),
    );
    expect(Math.abs(unreferenced.reduce((a, b) => a + b) / PAIRS.length - expected)).toBeGreaterThan(0.05);
  });

  it.each(METHODS)('%s: gradients of unequal pairs, added up part by part, are those of the whole minibatch', async (method) => {
    const inPartsOf = async (microbatchSize: number | null) => {
      const objective = await moved({ ...SETTINGS, method, microbatchSize });
      const { loss, gradients } = await minibatchGradients(objective, ALL, microbatchSize);
      return { loss, gradients: new Map(await Promise.all([...gradients].map(async ([name, gradient]) => [name, await gradient.data()] as const))) };
    };
    const whole = await inPartsOf(null);
    for (const size of [1, 2, 3]) {
      const parts = await inPartsOf(size);
      expect(parts.loss).toBeCloseTo(whole.loss, 4);
      for (const [name, gradient] of whole.gradients) expect(relativeError(parts.gradients.get(name)!, gradient), `${name}, ${size} at a time`).toBeLessThan(1e-4);
    }
  });

  it.each(METHODS)('%s: its gradient is the slope of the loss, by central differences', async (method) => {
    const objective = await moved({ ...SETTINGS, method });
    const { gradients } = await minibatchGradients(objective, ALL, null);
    const name = 'model.layers.1.self_attn.v_proj.weight';
    const gradient = (await gradients.get(name)!.data()) as Float32Array;
    const parameter = objective.parameters.get(name)!;
    const [before, h] = [await parameter.data(), 2e-3];
    // Along the gradient itself the slope is its length; KTO's baseline is a constant to the gradient, so it is held here too.
    const share = await objective.minibatch(ALL);
    const length = Math.sqrt(gradient.reduce((total, x) => total + x * x, 0));
    const at = async (step: number) => {
      tidy(() => parameter.assign(tensor(Float32Array.from(before, (x, i) => x + (step * gradient[i]) / length), parameter.shape)));
      return (await share(ALL).data())[0];
    };
    expect(((await at(h)) - (await at(-h))) / (2 * h) / length).toBeCloseTo(1, 1);
    expect(length).toBeGreaterThan(1e-3);
  });

  it('KTO’s baseline is the mean log-ratio of mismatched prompts and responses, at least 0', async () => {
    const reference = policyOf(SETTINGS);
    const two = PAIRS.slice(0, 2);
    const baselines: number[] = [];
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const objective = await moved({ ...SETTINGS, method: 'kto' }, two, seed);
      const ratio = async (prompt: readonly number[], response: readonly number[]) => {
        const total = async (parameters: Parameters) => (await plainLogProbs(parameters, TINY, prompt, response, SETTINGS.temperature)).reduce((a, b) => a + b);
        return (await total(objective.parameters)) - (await total(reference));
      };
      const own = await Promise.all(two.map(async ({ prompt, chosen, rejected }) => [await ratio(prompt, chosen), await ratio(prompt, rejected)]));
      // Of two pairs, each prompt's other response is one of the other pair's two.
      const [a, b] = await Promise.all(two.map(({ prompt }, i) => Promise.all([two[1 - i].chosen, two[1 - i].rejected].map((response) => ratio(prompt, response)))));
      const possible = a.flatMap((first) => b.map((second) => Math.max(0, (first + second) / 2)));
      const lossAt = (z: number) => own.reduce((total, [c, r]) => total + (1 - sigmoid(BETA * (c - z)) + 1 - sigmoid(BETA * (z - r))) / 2, 0) / 2;
      const loss = await lossOf(objective, Int32Array.of(0, 1));
      const nearest = possible.reduce((best, z) => (Math.abs(lossAt(z) - loss) < Math.abs(lossAt(best) - loss) ? z : best));
      expect(lossAt(nearest)).toBeCloseTo(loss, 4);
      baselines.push(nearest);
      if (nearest > 0.1) expect(Math.abs(lossAt(0) - loss)).toBeGreaterThan(1e-3);
    }
    expect(Math.max(...baselines)).toBeGreaterThan(0.1);
  });

  it('of two responses ends at π_ref·exp(r/β) of the rewards that Bradley and Terry’s model reads off the labels', async () => {
    // Three of four prefer the first: its reward is ln 3 above the other's.
    const [first, second] = [[4, 9], [8, 2, 30]];
    const pairs = [first, first, first, second].map((chosen): PreferencePair => ({ prompt: [1, 5], chosen, rejected: chosen === first ? second : first }));
    const settings: DpoSettings = { ...SETTINGS, beta: 0.5, batchSize: 4, epochs: 150, learningRate: 5e-3 };
    const policy = policyOf(settings);
    const before = memory().numTensors;
    const likelihood = async (response: number[]) => (await plainLogProbs(policy, TINY, [1, 5], response, settings.temperature)).reduce((a, b) => a + b);
    const gap = async () => (await likelihood(first)) - (await likelihood(second));
    const reference = await gap();
    const objective = await PreferenceObjective.of(policy, TINY, pairs, settings, new RandomStream(4));
    const { lossCurve } = await trainEpochs(objective, settings, { heldOutLoss: async () => null });
    expect((await gap()) - reference).toBeCloseTo(Math.log(3) / 0.5, 1);
    // At the optimum the loss is the labels' entropy.
    expect(lossCurve.at(-1)!.loss).toBeCloseTo(-(0.75 * Math.log(0.75) + 0.25 * Math.log(0.25)), 3);
    expect(Math.abs(reference)).toBeGreaterThan(0.3);
    expect(memory().numTensors).toBe(before);
    disposeParameters(policy);
  });
});

it('what is frozen stays as it was to the bit, and an adapter’s reference is the model under it', async () => {
  const settings: DpoSettings = { ...SETTINGS, tune: { ...TUNE_ALL, what: 'lora', rank: 2, alpha: 4 }, epochs: 3 };
  const policy = policyOf(settings);
  const objective = await PreferenceObjective.of(policy, TINY, PAIRS, settings, new RandomStream(4));
  await trainEpochs(objective, settings, { heldOutLoss: async () => null });
  const after = await toWeights(policy);
  for (const [name, { data }] of sharpWeights(TINY, 1)) expect(after.get(name)!.data, name).toEqual(data);
  const base = toParameters(sharpWeights(TINY, 1));
  const { ratios } = (await objective.evaluate())!;
  const { prompt, chosen } = PAIRS[2];
  const total = async (parameters: Parameters) => (await plainLogProbs(parameters, TINY, prompt, chosen, settings.temperature)).reduce((a, b) => a + b);
  expect(ratios.chosen[2]).toBeCloseTo((await total(policy)) - (await total(base)), 3);
  expect(Math.abs(ratios.chosen[2])).toBeGreaterThan(0.01);
});
