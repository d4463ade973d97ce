import { exp, log, matMul, max, mul, neg, oneHot, reshape, slice, sub, sum, tensor2d, tidy, type Tensor, type Tensor1D, type Tensor2D, type Tensor3D } from '@tensorflow/tfjs-core';
import { layOut, type Batch } from '../../src/model/batch';
import type { ModelConfig } from '../../src/model/config';
import { disposeParameters, toParameters, type Parameters } from '../../src/model/parameters';
import { initValueHead, scalarHead } from '../../src/model/scalarHead';
import { readingTokens, type JudgedText } from '../../src/reward/rewardModel';
import { estimateAdvantages, whitenAdvantages } from '../../src/rl/advantages';
import { cutResponse } from '../../src/rl/cut';
import { startKlControl } from '../../src/rl/klController';
import { measure } from '../../src/rl/languagePolicy';
import { gatherRows } from '../../src/rl/masked';
import { encodePrompts } from '../../src/rl/promptTokens';
import { tokenRewards } from '../../src/rl/rewards';
import { settleScores } from '../../src/rl/scores';
import { updatePolicy, type Policy, type PolicyOutput } from '../../src/rl/update';
import { RandomStream } from '../../src/tensor/random';
import { endsSentence } from '../../src/text/sentence';
import { PPO_SEED, type PpoSetup } from './ppoSetup';
import { plainGenerate, plainView } from './plainDecoding';
import { plainHiddenStates } from './plainModels';
import { PlainAdam } from './plainAdam';
import type { Outcome, Prepared } from './work';

/** The lab's PPO iteration with every tensor operation on the device plain tfjs's; what the lab does on the host is the lab's. */
export function plainPpo({ model, reward, settings, prompts }: PpoSetup): Prepared {
  const { config, tokenizer } = model;
  const start = new Map([...model.weights, ...initValueHead(config.hidden_size)]);
  const [policy, reference, scorer] = [start, start, reward.weights].map((weights) => toParameters(weights));
  const optimiser = new PlainAdam({ ...settings.adam, maxGradNorm: settings.maxGradNorm });
  const random = new RandomStream(PPO_SEED);
  let rollout = random.fork('rollout').state();
  const minibatches = random.fork('minibatches');
  const { coefficient } = startKlControl(settings.kl);

  async function rollOut() {
    const promptTokens = encodePrompts(model, prompts, { limit: settings.promptLength, remedy: '' });
    const { responses, counter } = await plainGenerate(policy, config, promptTokens, {
      ...rollout,
      maxNewTokens: settings.responseLength,
      promptWidth: settings.promptLength,
      temperature: settings.temperature,
    });
    rollout = { ...rollout, counter };
    const mayEnd = (response: readonly number[], count: number) => endsSentence(tokenizer.decode(response.slice(0, count)), tokenizer.decode(response.slice(count, count + 1)));
    const cut = responses.map((tokens) => cutResponse(tokens, config.eos_token_id, settings.cut, mayEnd));
    const batch = layOut(promptTokens, responses, config.pad_token_id, { prompt: settings.promptLength, response: settings.responseLength });
    return { batch, ended: cut.map(({ ended }) => ended), texts: cut.map(({ tokens }, row) => ({ prompt: prompts[row], response: tokenizer.decode(tokens) })) };
  }

  return {
    async run(): Promise<Outcome> {
      const clock = new Clock();
      const { batch, ended, texts } = await rollOut();
      clock.note('rollout');
      const of = (parameters: Parameters) => new PlainPolicy(parameters, config, batch, settings.temperature);
      const old = await measure(of(policy), batch.B, batch.B);
      const { logProbs: referenceLogProbs } = await measure(of(reference), batch.B, batch.B);
      const { scores } = settleScores(await plainScores(scorer, reward, texts), ended, settings);
      clock.note('score');
      const mask = batch.responseMask;
      const rewards = tokenRewards({ logProbs: old.logProbs, reference: referenceLogProbs, mask, scores, coefficient });
      const { advantages, returns } = estimateAdvantages({ rewards, values: old.values, mask, length: batch.T, gamma: settings.gamma, lambda: settings.lambda });
      const experience = { rows: batch.B, length: batch.T, mask, ...old, advantages: whitenAdvantages(advantages, mask, settings.whitenAdvantages).advantages, returns };
      const { gradientNorms } = await updatePolicy(of(policy), experience, optimiser, settings, settings.learningRate, minibatches);
      clock.note('train');
      return { values: [meanOf(scores), meanOf(gradientNorms)], parts: clock.parts };
    },
    dispose() {
      optimiser.dispose();
      for (const parameters of [policy, reference, scorer]) disposeParameters(parameters);
    },
  };
}

const meanOf = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

class Clock {
  readonly parts: Record<string, number> = {};
  private last = performance.now();

  note(part: string): void {
    const now = performance.now();
    this.parts[part] = (now - this.last) / 1000;
    this.last = now;
  }
}

class PlainPolicy implements Policy {
  constructor(
    readonly variables: Parameters,
    private readonly config: ModelConfig,
    private readonly batch: Batch,
    private readonly temperature: number,
  ) {}

  evaluate(rows: Int32Array): PolicyOutput {
    const { P, T } = this.batch;
    const [B, V, D] = [rows.length, this.config.vocab_size, this.config.hidden_size];
    const ids = tensor2d(gatherRows(this.batch.ids, rows, P + T), [B, P + T], 'int32');
    const mask = tensor2d(gatherRows(this.batch.mask, rows, P + T), [B, P + T]);
    const { angles, bias } = plainView(this.config, mask);
    const hidden = reshape(plainHiddenStates(this.variables, this.config, ids, angles, bias), [B, P + T, D]) as Tensor3D;
    const before = slice(hidden, [0, P - 1, 0], [B, T, D]) as Tensor3D;
    const head = this.variables.get('model.embed_tokens.weight') as Tensor as Tensor2D;
    const logits = mul(matMul(reshape(before, [B * T, D]), head, false, true), 1 / this.temperature);
    const shifted = sub(logits, max(logits, -1, true));
    const logSoftmax = sub(shifted, log(sum(exp(shifted), -1, true)));
    const tokens = reshape(slice(ids, [0, P], [B, T]), [B * T]) as Tensor1D;
    return {
      logProbs: reshape(sum(mul(oneHot(tokens, V), logSoftmax), -1), [B, T]),
      entropy: reshape(neg(sum(mul(exp(logSoftmax), logSoftmax), -1)), [B, T]),
      values: scalarHead(this.variables, 'value', before),
    };
  }
}

async function plainScores(parameters: Parameters, { config, tokenizer }: PpoSetup['reward'], texts: readonly JudgedText[]): Promise<Float32Array> {
  const sequences = texts.map((text) => readingTokens({ config, tokenizer }, text));
  const { ids, mask, B, T: W } = layOut(sequences.map(() => [config.pad_token_id]), sequences, config.pad_token_id);
  const scores = tidy(() => {
    const shape: [number, number] = [B, W];
    const real = mask.filter((_, i) => i % (W + 1) !== 0);
    const read = tensor2d(ids.filter((_, i) => i % (W + 1) !== 0), shape, 'int32');
    const last = tensor2d(Float32Array.from({ length: B * W }, (_, i) => (i % W === sequences[Math.floor(i / W)].length - 1 ? 1 : 0)), shape);
    const { angles, bias } = plainView(config, tensor2d(real, shape));
    const hidden = reshape(plainHiddenStates(parameters, config, read, angles, bias), [B, W, config.hidden_size]) as Tensor3D;
    return sum(mul(scalarHead(parameters, 'score', hidden), last), 1);
  });
  const values = (await scores.data()) as Float32Array;
  scores.dispose();
  return values;
}
