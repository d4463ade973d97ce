import { add, grads, ones, sub as minus, sum as total, tensor, tensor2d, tidy, variableGrads, type Scalar, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { advantages, guidingWeights, initCriticHeads, type Guide } from '../../../src/model/critic';
import { generate } from '../../../src/model/decoding';
import { toParameters, toWeights, type Parameters, type Weights } from '../../../src/model/parameters';
import { Sequences } from '../../../src/model/sequences';
import { hiddenStates, nextTokenLogits } from '../../../src/model/transformer';
import { trainedOf, tunedParameters } from '../../../src/model/tuning';
import { TUNE_ALL, type Tuning } from '../../../src/model/tuningSettings';
import { minibatchGradients, trainEpochs } from '../../../src/rl/epochs';
import { bellmanTargets, criticOutput, expectileLoss, followQ, IlqlObjective, ilqlLoss, type RewardedText } from '../../../src/rl/ilql';
import { ILQL_DEFAULTS, type IlqlSettings } from '../../../src/rl/ilqlSettings';
import { CompletionObjective } from '../../../src/rl/sft';
import { SFT_DEFAULTS } from '../../../src/rl/sftSettings';
import { startBackend } from '../../../src/tensor/backend';
import { RandomStream } from '../../../src/tensor/random';
import { relativeError } from '../../reference/parity';
import { sharpWeights, TINY } from '../model/tinyModel';
import { WASM_FOLDER } from '../tensor/wasmFolder';

beforeAll(async () => {
  await startBackend({ prefer: 'wasm', wasmFolder: WASM_FOLDER });
});

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

describe('the parts of the loss', () => {
  it('the expectile loss is |τ − 1(u < 0)|·u², and its minimum the expectile', async () => {
    expect([...(await expectileLoss(tensor2d([[2, -2, 0]]), 0.7).data())]).toEqual([expect.closeTo(2.8, 5), expect.closeTo(1.2, 5), 0]);
    // Of 1 with a share of ¼ and −1 with ¾, the 0.9-expectile v has 0.9·¼·(1 − v) = 0.1·¾·(v + 1): v = ½. At ½ it is the mean.
    const slopeAt = async (v: number, tau: number) => (await grads((x: Tensor) => total(expectileLoss(minus(tensor2d([[1, -1, -1, -1]]), x) as Tensor2D, tau)))([tensor(v)])[0].data())[0];
    expect(await slopeAt(0.5, 0.9)).toBeCloseTo(0, 5);
    expect(await slopeAt(-0.5, 0.5)).toBeCloseTo(0, 5);
    expect(await slopeAt(0.4, 0.9)).toBeLessThan(-0.05);
  });

  it('Bellman targets are r + γV of the next state, and r alone at the last token', async () => {
    const mask = tensor2d([[1, 1, 1], [1, 0, 0]]);
    const v = tensor2d([[9, 2, -4, 50], [9, 60, 70, 80]]);
    const targets = await bellmanTargets(tensor2d([[0, 0, 5], [-1, 0, 0]]), v, mask, 0.5).array();
    expect(targets[0]).toEqual([1, -2, 5]);
    expect(targets[1][0]).toBe(-1);
  });

  it('targets and the value that they are made of have no gradient', async () => {
    const [slope] = grads((v: Tensor) => total(bellmanTargets(tensor2d([[0, 1]]), v as Tensor2D, ones([1, 2]), 0.9)))([tensor2d([[1, 2, 3]])]);
    expect([...(await slope.data())]).toEqual([0, 0, 0]);
  });

  it('target heads go a share of the way at each step: after k steps (1 − share)ᵏ of it is left', async () => {
    const parameters = toParameters(initCriticHeads(TINY, new RandomStream(1)));
    tidy(() => parameters.get('critic.q2.weight')!.assign(add(parameters.get('critic.q2.weight')!, 3)));
    const before = await toWeights(parameters);
    for (let step = 0; step < 7; step++) followQ(parameters, 0.1);
    const after = await toWeights(parameters);
    expect(after.get('target.q1.weight')!.data).toEqual(before.get('target.q1.weight')!.data);
    after.get('target.q2.weight')!.data.forEach((value, i) => expect(value).toBeCloseTo(before.get('target.q2.weight')!.data[i] + 3 * (1 - 0.9 ** 7), 4));
    expect(after.get('critic.q2.weight')!.data).toEqual(before.get('critic.q2.weight')!.data);
  });
});

// Prompts of one to three tokens, responses of one to four.
const TEXTS: RewardedText[] = [
  { prompt: [1, 5], response: [4, 9, 1], reward: 1 },
  { prompt: [1], response: [7], reward: -1 },
  { prompt: [1, 30, 11], response: [6, 17, 4, 2], reward: 0 },
  { prompt: [1, 8], response: [30, 2], reward: 1 },
];
const ALL = Int32Array.of(2, 0, 3, 1);
const SETTINGS: IlqlSettings = { ...ILQL_DEFAULTS, batchSize: 4, discount: 0.8, conservatism: 0.3 };

/** A critic with heads large enough that every term counts, and targets that are not its Q heads. */
function criticWeights(seed = 3): Weights {
  const random = new RandomStream(seed);
  const weights = new Map([...sharpWeights(TINY, 1), ...initCriticHeads(TINY, random)]);
  for (const [name, { data }] of weights) if (/^(critic|target)\./.test(name)) data.forEach((_, i) => (data[i] = 0.3 * random.normal()));
  return weights;
}

const criticOf = (tune: Tuning = TUNE_ALL) => tunedParameters(criticWeights(), TINY, tune, 'critic', new RandomStream(4));

/** Hidden states of one sequence alone, as rows. */
async function statesOf(parameters: Parameters, ids: readonly number[]): Promise<number[][]> {
  const hidden = tidy(() => hiddenStates(parameters, TINY, tensor2d([...ids], [1, ids.length], 'int32'), ones([1, ids.length])));
  const [rows] = (await hidden.array()) as number[][][];
  hidden.dispose();
  return rows;
}

const dot = (a: readonly number[], b: ArrayLike<number>, row: number) => sum(a.map((x, i) => x * b[row * a.length + i]));

/** What Q̂ and V say of each token of a text: the constants of a step. */
type Goals = { goal: number; target: number }[];

/** Goals, and the loss towards `held` goals or these, token by token in float64. */
async function plainLoss(parameters: Parameters, { prompt, response, reward }: RewardedText, settings: IlqlSettings, held?: Goals): Promise<{ loss: number; goals: Goals }> {
  const states = (await statesOf(parameters, [...prompt, ...response])).slice(prompt.length - 1);
  const head = async (name: string) => (await parameters.get(name)!.data()) as Float32Array;
  const [q1, q2, t1, t2, v, bias] = await Promise.all(['critic.q1.weight', 'critic.q2.weight', 'target.q1.weight', 'target.q2.weight', 'critic.v.weight', 'critic.v.bias'].map(head));
  const value = (t: number) => dot(states[t], v, 0) + bias[0];
  const goals = held ?? response.map((token, t) => ({
    goal: t === response.length - 1 ? reward : settings.discount * value(t + 1),
    target: Math.min(dot(states[t], t1, token), dot(states[t], t2, token)),
  }));
  const loss = sum(response.map((token, t) => {
    const { goal, target } = goals[t];
    const ofHeads = [q1, q2].map((weights) => {
      const q = Array.from({ length: TINY.vocab_size }, (_, column) => dot(states[t], weights, column));
      return (q[token] - goal) ** 2 + settings.conservatism * (Math.log(sum(q.map(Math.exp))) - q[token]);
    });
    const u = target - value(t);
    return sum(ofHeads) + (u < 0 ? 1 - settings.expectile : settings.expectile) * u ** 2;
  }));
  return { loss, goals };
}

const TOKENS = sum(TEXTS.map(({ response }) => response.length));

describe('a critic’s loss', () => {
  it('is the formula, on states that are read text by text, without padding', async () => {
    const parameters = criticOf();
    const expected = sum((await Promise.all(TEXTS.map((text) => plainLoss(parameters, text, SETTINGS)))).map(({ loss }) => loss)) / TOKENS;
    const objective = new IlqlObjective(parameters, TINY, TEXTS, SETTINGS);
    expect((await (await objective.minibatch(ALL))(ALL).data())[0]).toBeCloseTo(expected, 3);
    const evaluated = (await objective.evaluate())!;
    expect(evaluated.loss).toBeCloseTo(expected, 3);
    for (const [i, text] of TEXTS.entries()) expect(evaluated.worth[i]).toBeCloseTo((await plainLoss(parameters, text, SETTINGS)).goals.at(-1)!.target, 4);
    // Each part counts: without it the figure is another.
    for (const changed of [{ conservatism: 0 }, { expectile: 0.5 }, { discount: 1 }]) {
      const other = new IlqlObjective(parameters, TINY, TEXTS, { ...SETTINGS, ...changed });
      expect(Math.abs((await other.evaluate())!.loss - expected), JSON.stringify(changed)).toBeGreaterThan(0.01);
    }
  });

  it('has the slope of its formula with the goals held, by central differences', async () => {
    const parameters = criticOf();
    const objective = new IlqlObjective(parameters, TINY, TEXTS, SETTINGS);
    const { gradients } = await minibatchGradients(objective, ALL, null);
    const held = await Promise.all(TEXTS.map(async (text) => (await plainLoss(parameters, text, SETTINGS)).goals));
    for (const name of ['model.layers.1.self_attn.v_proj.weight', 'critic.q2.weight', 'critic.v.weight']) {
      const gradient = (await gradients.get(name)!.data()) as Float32Array;
      const parameter = parameters.get(name)!;
      const [before, h] = [await parameter.data(), 2e-3];
      const length = Math.hypot(...gradient);
      const at = async (step: number) => {
        const assign = (by: number) => tidy(() => parameter.assign(tensor(Float32Array.from(before, (x, i) => x + (by * gradient[i]) / length), parameter.shape)));
        assign(step);
        const losses = await Promise.all(TEXTS.map((text, i) => plainLoss(parameters, text, SETTINGS, held[i])));
        assign(0);
        return sum(losses.map(({ loss }) => loss)) / TOKENS;
      };
      expect(length, name).toBeGreaterThan(1e-3);
      expect(((await at(h)) - (await at(-h))) / (2 * h) / length, name).toBeCloseTo(1, 1);
    }
  });

  it('takes texts part by part without a difference, and a row that only fills a batch costs nothing', async () => {
    const gradientsBy = async (microbatchSize: number | null) => {
      const { loss, gradients } = await minibatchGradients(new IlqlObjective(criticOf(), TINY, TEXTS, { ...SETTINGS, microbatchSize }), ALL, microbatchSize);
      return { loss, gradients: new Map(await Promise.all([...gradients].map(async ([name, gradient]) => [name, await gradient.data()] as const))) };
    };
    const whole = await gradientsBy(null);
    for (const size of [1, 3]) {
      const parts = await gradientsBy(size);
      expect(parts.loss).toBeCloseTo(whole.loss, 4);
      for (const [name, gradient] of whole.gradients) expect(relativeError(parts.gradients.get(name)!, gradient), `${name}, ${size} at a time`).toBeLessThan(1e-4);
    }
  });

  it('does not see what stands after the end of a text, to the bit', async () => {
    const parameters = criticOf();
    const sequences = new Sequences(TINY, TEXTS, 1);
    const clean = sequences.batch(ALL);
    const { promptLength: P, responseLength: T } = clean;
    const mask = await clean.mask.array();
    const ids = (await clean.ids.array()).map((row, i) => row.map((id, column) => (mask[i][column] === 0 && column >= P ? 2 + ((7 * column + i) % 29) : id)));
    const rewards = tensor2d(ids.map((_, i) => Array.from({ length: T }, (_, t) => (t === TEXTS[ALL[i]].response.length - 1 ? TEXTS[ALL[i]].reward : 0))));
    const of = async (batch: typeof clean) => {
      const { value, grads: slopes } = tidy(() => variableGrads(() => ilqlLoss(criticOutput(parameters, TINY, batch), rewards, clean.responseMask, SETTINGS) as Scalar, [...trainedOf(parameters).values()]));
      return [await value.data(), ...(await Promise.all(Object.values(slopes).map((slope) => slope.data())))];
    };
    const dirty = { ...clean, ids: tensor2d(ids, undefined, 'int32') };
    expect((await clean.ids.array()).flat()).not.toEqual(ids.flat());
    expect(await of(dirty)).toEqual(await of(clean));
  });

  it('leaves what is frozen as it was to the bit, whatever is trained, and never trains a target by its gradient', async () => {
    const before = criticWeights();
    for (const what of ['head', 'lora', 'last'] as const) {
      const tune: Tuning = { ...TUNE_ALL, what, rank: 2, alpha: 4 };
      const parameters = criticOf(tune);
      const settings = { ...SETTINGS, tune, epochs: 2, polyak: 0, learningRate: 1e-2 };
      await trainEpochs(new IlqlObjective(parameters, TINY, TEXTS, settings), settings, { heldOutLoss: async () => null });
      const after = await toWeights(parameters);
      const same = (name: string) => after.get(name)!.data.every((x, i) => Object.is(x, before.get(name)!.data[i]));
      expect(['target.q1.weight', 'target.q2.weight', 'model.embed_tokens.weight', 'model.layers.0.mlp.up_proj.weight'].map(same), what).toEqual([true, true, true, true]);
      expect(['critic.q1.weight', 'critic.q2.weight', 'critic.v.weight', 'critic.v.bias'].map(same), what).toEqual([false, false, false, false]);
      expect(same('model.layers.1.mlp.up_proj.weight'), what).toBe(what !== 'last');
    }
  });
});

describe('guided writing', () => {
  const PROMPTS = [[1, 5], [1, 30, 11], [1]];
  const OPTIONS = { maxNewTokens: 9, temperature: 0.9, seed: 6, counter: 0 };
  const guideOf = (beta: number): Guide => ({ critic: toParameters(guidingWeights(criticWeights())), beta });

  it('at β = 0 is the base model’s, bit for bit', async () => {
    const base = toParameters(sharpWeights(TINY, 2));
    expect(await generate(base, TINY, PROMPTS, { ...OPTIONS, guide: guideOf(0) })).toEqual(await generate(base, TINY, PROMPTS, OPTIONS));
    expect(await generate(base, TINY, PROMPTS, { ...OPTIONS, guide: guideOf(2) })).not.toEqual(await generate(base, TINY, PROMPTS, OPTIONS));
  });

  it('draws from softmax((logits + β(min Q̂ − V))/τ), and its likelihood afterwards is exactly that', async () => {
    const [base, guide] = [toParameters(sharpWeights(TINY, 2)), guideOf(2)];
    const { responses, logProbs } = await generate(base, TINY, PROMPTS, { ...OPTIONS, guide });
    const { target1, target2, v, bias } = Object.fromEntries(
      await Promise.all(([['target1', 'target.q1.weight'], ['target2', 'target.q2.weight'], ['v', 'critic.v.weight'], ['bias', 'critic.v.bias']] as const).map(async ([key, name]) => [key, await guide.critic.get(name)!.data()])),
    ) as Record<string, Float32Array>;
    const sequences = new Sequences(TINY, responses.map((response, i) => ({ prompt: PROMPTS[i], response })), OPTIONS.temperature);
    const measured = await sequences.measure(base, Int32Array.of(0, 1, 2), 3, guide);
    for (const [i, response] of responses.entries()) {
      const ids = [...PROMPTS[i], ...response];
      const [states, critical] = [await statesOf(base, ids), await statesOf(guide.critic, ids)];
      const embedding = (await base.get('model.embed_tokens.weight')!.data()) as Float32Array;
      const expected = response.map((token, t) => {
        const at = PROMPTS[i].length + t - 1;
        const logits = Array.from({ length: TINY.vocab_size }, (_, column) => {
          const advantage = Math.min(dot(critical[at], target1, column), dot(critical[at], target2, column)) - dot(critical[at], v, 0) - bias[0];
          return (dot(states[at], embedding, column) + 2 * advantage) / OPTIONS.temperature;
        });
        return logits[token] - Math.log(sum(logits.map(Math.exp)));
      });
      expected.forEach((logProb, t) => expect(logProbs[i][t]).toBeCloseTo(logProb, 3));
      expect(measured[i]).toBeCloseTo(sum(expected), 3);
    }
    expect(advantages(guide.critic, ones([2, TINY.hidden_size])).shape).toEqual([2, TINY.vocab_size]);
    expect(nextTokenLogits(base, ones([2, TINY.hidden_size])).shape).toEqual([2, TINY.vocab_size]);
  });
});

/*
 * Two tokens, two steps, known rewards. Of twenty texts, after A comes A with a
 * share of ¼ and brings 1, or B, which brings −1; after B everything brings 0.
 * So the best text is A A. The data prefers B, and so does whoever takes the mean
 * of what followed A, −½. Its 0.9-expectile is ½ (see above).
 */
describe('a process of two tokens', () => {
  const [A, B] = [4, 9];
  const SMALL = { ...TINY, num_hidden_layers: 1 };
  const texts = (count: number, response: number[], reward: number) => Array.from({ length: count }, (): RewardedText => ({ prompt: [1], response, reward }));
  const DATA = [...texts(2, [A, A], 1), ...texts(6, [A, B], -1), ...texts(7, [B, A], 0), ...texts(5, [B, B], 0)];
  const greedy = async (base: Parameters, guide?: Guide) => (await generate(base, SMALL, [[1]], { maxNewTokens: 2, temperature: 0, seed: 1, counter: 0, guide })).responses[0];

  it('is written at its best by what Q-learning found, and not by imitation or by the mean', async () => {
    const base = toParameters(sharpWeights(SMALL, 5));
    const imitation = { ...SFT_DEFAULTS, batchSize: 20, epochs: 30, learningRate: 1e-2 };
    await trainEpochs(new CompletionObjective(base, SMALL, DATA, imitation), imitation, { heldOutLoss: async () => null });
    expect((await greedy(base))[0]).toBe(B);

    const learned = async (expectile: number) => {
      const settings: IlqlSettings = { ...ILQL_DEFAULTS, expectile, batchSize: 20, epochs: 150, polyak: 0.2, learningRate: 1e-2, conservatism: 0 };
      const critic = tunedParameters(new Map([...(await toWeights(base)), ...initCriticHeads(SMALL, new RandomStream(2))]), SMALL, settings.tune, 'critic', new RandomStream(3));
      await trainEpochs(new IlqlObjective(critic, SMALL, DATA, settings), settings, { heldOutLoss: async () => null });
      const v = await criticOutput(critic, SMALL, new Sequences(SMALL, [{ prompt: [1], response: [A, A] }], 1).batch(Int32Array.of(0))).v.array();
      return { written: await greedy(base, { critic, beta: 4 }), afterA: v[0][1] };
    };
    const best = await learned(0.9);
    expect(best.afterA).toBeCloseTo(0.5, 1);
    expect(best.written).toEqual([A, A]);
    const average = await learned(0.5);
    expect(average.afterA).toBeCloseTo(-0.5, 1);
    expect(average.written[0]).toBe(B);
  }, 120_000);
});
