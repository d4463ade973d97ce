import { layOut, type Batch } from '../model/batch';
import type { LanguageModel } from '../model/languageModel';
import { disposeParameters, toWeights, type Parameters, type Weights } from '../model/parameters';
import { initValueHead } from '../model/scalarHead';
import { referenceParameters, trainedOf, tunedParameters, tunedWeights } from '../model/tuning';
import { AdamW } from '../tensor/adamW';
import { dispatchCount, gpuBytes } from '../tensor/backend';
import { RandomStream, type RandomState } from '../tensor/random';
import { whitenAdvantages } from './advantages';
import { advantagesOf, moveBaseline, sequenceRewards } from './algorithms';
import { packWeights, unpackWeights, type TrainerState } from './checkpoint';
import { startKlControl, steerKl, type KlState } from './klController';
import { LanguagePolicy, measure, type Measured } from './languagePolicy';
import { whiten } from './masked';
import { iterationMetrics, meanKl, type PpoMetrics } from './metrics';
import { asRead, type Pass } from './mistakes';
import { tokenRewards } from './rewards';
import { sampleResponses, type Response } from './rollout';
import { traceSamples, type RolloutSample } from './samples';
import { scheduledLearningRate } from './schedule';
import { settleScores } from './scores';
import { responsesPerPrompt, type PpoSettings } from './settings';
import { rolloutStop, updateStop, type Stop } from './stop';
import { updatePolicy, type Experience, type UpdateReport } from './update';

/** Phases of one iteration, in order. */
export type Phase = 'rollout' | 'reference' | 'score' | 'rewards' | 'advantages' | 'update' | 'kl-control';

/** A prompt and the part of a response that counts. */
export interface ScoredText {
  prompt: string;
  response: string;
}

export interface PpoOptions {
  /** The policy starts as this model; it is also the reference. */
  model: LanguageModel;
  settings: PpoSettings;
  seed: number;
  /** Normalised rewards, in the texts' order: a reward model, or any rule. */
  score: (texts: readonly ScoredText[]) => Promise<ArrayLike<number>>;
  /** A simulated labeler's true score, to judge the run by; it never enters the reward. */
  gold?: (text: ScoredText) => number;
  /** Awaited before each phase, for slow motion. */
  onPhase?: (phase: Phase) => void | Promise<void>;
  /** Responses of each iteration that come back with every token's numbers. */
  tracedSamples?: number;
}

export interface Iteration {
  metrics: PpoMetrics;
  samples: RolloutSample[];
  /** Why the run must not go on, or null. No unsound step was taken either way, but past the KL cap the policy is the one that broke it. */
  stop: Stop | null;
}

/**
 * PPO with a KL penalty against a fixed reference (Ziegler et al. 2019, §2.2;
 * Huang et al. 2023), or one of its siblings, which differ in their advantages
 * only (algorithms.ts). Owns its tensors on the device until {@link dispose}.
 */
export class PpoTrainer {
  private readonly policy: Parameters;
  private readonly reference: Parameters;
  private readonly optimiser: AdamW;
  private rolloutRandom: RandomState;
  private minibatchRandom: RandomStream;
  private kl: KlState;
  private baseline = 0;
  private iterationsDone = 0;
  private episodes = 0;
  private seconds: Partial<Record<Phase, number>> = {};

  constructor(private readonly options: PpoOptions) {
    const { model, settings, seed } = options;
    const random = new RandomStream(seed);
    const start: Weights = new Map([...model.weights, ...initValueHead(model.config.hidden_size)]);
    this.policy = tunedParameters(start, model.config, settings.tune, 'value', random.fork('adapter'));
    this.reference = referenceParameters(this.policy, start);
    this.optimiser = new AdamW({ ...settings.adam, maxGradNorm: settings.maxGradNorm });
    this.rolloutRandom = random.fork('rollout').state();
    this.minibatchRandom = random.fork('minibatches');
    this.kl = startKlControl(settings.kl);
  }

  private get tracedSamples(): number {
    return this.options.tracedSamples ?? 4;
  }

  /** Iterations done. */
  get iteration(): number {
    return this.iterationsDone;
  }

  /** The policy on the device, value head and adapter included; this trainer goes on changing it. */
  get parameters(): Parameters {
    return this.policy;
  }

  /**
   * One iteration over `batchSize` prompts, those of a group equal and side by side. A stop leaves the policy as it was
   * at the rollout, or after those steps that were sound; it counts all the same. Throws RangeError for
   * other prompts, and PromptTooLongError.
   */
  async iterate(prompts: readonly string[]): Promise<Iteration> {
    const { settings } = this.options;
    const { baseline, kl: { coefficient } } = this;
    const learningRate = scheduledLearningRate(settings, this.iterationsDone);
    const dispatchesBefore = dispatchCount();

    const { responses, batch } = await this.phase('rollout', () => this.rollOut(prompts));
    const mask = batch.responseMask;
    const { policy, reference } = await this.phase('reference', () => this.logProbs(batch));
    const { scores, clipped, gold } = await this.phase('score', () => this.score(responses));
    const rewards = await this.phase('rewards', () => this.rewards(policy.logProbs, reference, mask, scores));
    const { returns, ...advantage } = await this.phase('advantages', () => this.advantages(rewards, policy.values, batch));

    const kl = meanKl(policy.logProbs, reference, mask, batch.B);
    let stop = rolloutStop(kl, [policy.logProbs, policy.values, reference, scores], settings.kl);
    let update: UpdateReport | undefined;
    let updated: Float32Array | undefined;
    if (!stop) {
      const penalty = settings.kl.place === 'loss' ? { estimator: settings.kl.estimator, coefficient, reference } : undefined;
      const experience = { rows: batch.B, length: batch.T, mask, ...policy, advantages: advantage.advantages, returns, penalty };
      update = await this.phase('update', () => this.update(batch, experience, learningRate));
      this.kl = await this.phase('kl-control', () => steerKl(this.kl, settings.kl, kl, batch.B));
      this.baseline = moveBaseline(baseline, sequenceRewards({ rewards, mask, length: batch.T }), settings.baselineDecay);
      updated = await this.afterUpdate(batch);
      stop = updateStop(update.finite);
    }
    this.iterationsDone++;
    this.episodes += batch.B;

    const facts = { ...policy, reference, mask, returns, scores, scoresClipped: clipped, gold, coefficient, klPlace: settings.kl.place, learningRate, update };
    const metrics: PpoMetrics = {
      ...iterationMetrics({ ...facts, baseline: settings.algorithm === 'reinforce' ? baseline : undefined, advantageMean: advantage.mean, advantageStd: advantage.std, advantagesWhitened: advantage.whitened, responses }),
      ...this.clocks(dispatchesBefore),
      episode: this.episodes,
    };
    const traced = { responses, scores, gold, logProbs: policy.logProbs, values: returns && policy.values, reference, updated, rewards, advantages: advantage.advantages };
    const samples = traceSamples(traced, this.tracedSamples, (token) => this.options.model.tokenizer.decode([token]));
    return { metrics, samples, stop };
  }

  /** Everything that a run needs to go on as if it had never stopped; take it between iterations. */
  async state(): Promise<TrainerState> {
    const optimiser = await this.optimiser.state();
    return {
      weights: await packWeights(trainedOf(this.policy), optimiser),
      progress: {
        iteration: this.iterationsDone,
        episodes: this.episodes,
        kl: this.kl,
        baseline: this.baseline,
        optimiserStep: optimiser.step,
        rollout: this.rolloutRandom,
        minibatches: this.minibatchRandom.state(),
      },
    };
  }

  /** Go back, or on, to a state of the same run. Throws CheckpointError, and then nothing has changed. */
  restore({ weights, progress }: TrainerState): void {
    this.optimiser.restore(unpackWeights(weights, progress.optimiserStep, trainedOf(this.policy)));
    this.iterationsDone = progress.iteration;
    this.episodes = progress.episodes;
    this.kl = progress.kl;
    this.baseline = progress.baseline ?? 0;
    this.rolloutRandom = progress.rollout;
    this.minibatchRandom = RandomStream.from(progress.minibatches);
  }

  /** The policy as a language model: without its value head, its adapter merged. */
  async policyWeights(): Promise<Weights> {
    const { model, settings } = this.options;
    return tunedWeights(model.weights, await toWeights(trainedOf(this.policy)), settings.tune);
  }

  dispose(): void {
    disposeParameters(this.policy);
    disposeParameters(this.reference);
    this.optimiser.dispose();
  }

  private async rollOut(prompts: readonly string[]): Promise<{ responses: Response[]; batch: Batch }> {
    const { model, settings } = this.options;
    if (prompts.length !== settings.batchSize)
      throw new RangeError(`An iteration takes ${settings.batchSize} prompts, not ${prompts.length}.`);
    const group = responsesPerPrompt(settings);
    if (prompts.some((prompt, i) => prompt !== prompts[i - (i % group)])) throw new RangeError(`Each prompt is answered ${group} times: give it as often, side by side.`);
    const writer = { parameters: this.policy, config: model.config, tokenizer: model.tokenizer };
    const { responses, counter } = await sampleResponses(writer, prompts, settings, this.rolloutRandom);
    this.rolloutRandom = { ...this.rolloutRandom, counter };
    const batch = layOut(
      responses.map(({ promptTokens }) => promptTokens),
      responses.map(({ tokens }) => tokens),
      model.config.pad_token_id,
      // The same widths every time: the device keeps free buffers by exact size.
      { prompt: settings.promptLength, response: settings.responseLength },
    );
    return { responses, batch };
  }

  private async logProbs(batch: Batch): Promise<{ policy: Measured; reference: Float32Array }> {
    const size = this.rowsAtOnce(batch);
    const policy = await measure(this.onBatch(this.policy, batch, 'rollout'), batch.B, size);
    const reference = await measure(this.onBatch(this.reference, batch, 'reference'), batch.B, size);
    return { policy, reference: reference.logProbs };
  }

  /** log π of the traced responses, the first rows, as the update left it: at the rollout their ρ was 1 by definition. */
  private async afterUpdate(batch: Batch): Promise<Float32Array> {
    const count = Math.min(this.tracedSamples, batch.B);
    return (await measure(this.onBatch(this.policy, batch, 'update'), count, this.rowsAtOnce(batch))).logProbs;
  }

  /** Rows of one forward pass, as many as in training. */
  private rowsAtOnce({ B }: Batch): number {
    const { minibatches, microbatchSize } = this.options.settings;
    return Math.min(Math.ceil(B / minibatches), microbatchSize ?? Infinity);
  }

  private async score(responses: readonly Response[]): Promise<{ scores: Float32Array; clipped: number; gold?: number[] }> {
    const texts = responses.map(({ prompt, text }) => ({ prompt, response: text }));
    const raw = await this.options.score(texts);
    const ended = responses.map((response) => response.ended);
    return { ...settleScores(raw, ended, this.options.settings), gold: this.options.gold && texts.map(this.options.gold) };
  }

  private rewards(logProbs: Float32Array, reference: Float32Array, mask: Float32Array, scores: Float32Array): Float32Array {
    const { kl, whitenRewards } = this.options.settings;
    const coefficient = kl.place === 'reward' ? this.kl.coefficient : 0;
    const rewards = tokenRewards({ logProbs, reference, mask, scores, coefficient });
    return whitenRewards ? whiten(rewards, mask, true) : rewards;
  }

  private advantages(rewards: Float32Array, values: Float32Array, { responseMask: mask, T }: Batch) {
    const { settings } = this.options;
    const { advantages, returns } = advantagesOf(settings.algorithm, { rewards, values, mask, length: T, baseline: this.baseline }, settings);
    return { ...whitenAdvantages(advantages, mask, settings.whitenAdvantages), returns };
  }

  private update(batch: Batch, experience: Experience, learningRate: number): Promise<UpdateReport> {
    return updatePolicy(this.onBatch(this.policy, batch, 'update'), experience, this.optimiser, this.options.settings, learningRate, this.minibatchRandom);
  }

  private onBatch(parameters: Parameters, batch: Batch, pass: Pass): LanguagePolicy {
    const { model, settings, seed } = this.options;
    const read = asRead(settings.mistake, batch, pass, () => new RandomStream(seed).fork(`${pass} ${this.iterationsDone}`));
    return new LanguagePolicy(parameters, model.config, read, settings.temperature);
  }

  /** Announce a phase, then do and time it. */
  private async phase<T>(phase: Phase, work: () => T | Promise<T>): Promise<T> {
    await this.options.onPhase?.(phase);
    const start = performance.now();
    const result = await work();
    this.seconds[phase] = (performance.now() - start) / 1000;
    return result;
  }

  private clocks(dispatchesBefore: number): PpoMetrics {
    const spent = (...phases: Phase[]) => phases.reduce((sum, phase) => sum + (this.seconds[phase] ?? 0), 0);
    const metrics: PpoMetrics = {
      'time/rollout': spent('rollout'),
      'time/score': spent('reference', 'score'),
      'time/train': spent('rewards', 'advantages', 'update'),
      'gpu/bytes': gpuBytes(),
      'gpu/dispatches': dispatchCount() - dispatchesBefore,
    };
    this.seconds = {};
    return metrics;
  }
}
