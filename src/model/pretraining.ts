import { dispose, mean, neg, ones, reshape, tensor1d, tensor2d, tidy, variableGrads, type Scalar, type Tensor1D } from '@tensorflow/tfjs-core';
import { AdamW, type AdamWState } from '../tensor/adamW';
import type { RandomState } from '../tensor/random';
import { RandomStream } from '../tensor/random';
import type { ModelConfig } from './config';
import { tokenLogProbs } from './logProbs';
import { disposeParameters, initWeights, toParameters, toWeights, type Parameters, type Weights } from './parameters';
import { hiddenStates, nextTokenLogits } from './transformer';

export interface PretrainingSettings {
  /** Steps of the whole run, which the learning rate's path depends on. */
  steps: number;
  /** Rows of `context` tokens a step. */
  batch: number;
  /** Largest learning rate. */
  learningRate: number;
  /** Steps over which it rises from 0; it then falls linearly to 0. */
  warmUp: number;
  seed: number;
}

/** All that a run needs to go on as if it had never stopped. */
export interface PretrainingState {
  step: number;
  random: RandomState;
  weights: Weights;
  optimiser: AdamWState;
}

// Moments as usual for language models (Brown et al. 2020, appendix B); their weight decay is left out: so few passes over the text hardly overfit.
const ADAM_W = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, epsilonPlacement: 'pytorch', weightDecay: 0, maxGradNorm: 1 } as const;

/** Learning rate of step 0 … steps − 1. */
export function learningRateAt(step: number, { steps, learningRate, warmUp }: PretrainingSettings): number {
  return learningRate * Math.min(1, (step + 1) / warmUp) * (1 - step / steps);
}

/** Trains a fresh language model to predict the next token of a stream of token ids. */
export class Pretrainer {
  readonly parameters: Parameters;
  private readonly optimiser = new AdamW(ADAM_W);
  private readonly random: RandomStream;
  private done = 0;

  /** Throws RangeError where the stream is no longer than one row. */
  constructor(
    private readonly config: ModelConfig,
    private readonly settings: PretrainingSettings,
    private readonly stream: Uint16Array,
    from?: PretrainingState,
  ) {
    if (stream.length <= config.max_position_embeddings)
      throw new RangeError(`The text has ${stream.length} tokens; training needs more than the context's ${config.max_position_embeddings}.`);
    const fresh = new RandomStream(settings.seed);
    this.random = from ? RandomStream.from(from.random) : fresh.fork('windows');
    this.parameters = toParameters(from?.weights ?? initWeights(config, fresh.fork('weights')));
    if (!from) return;
    this.done = from.step;
    this.optimiser.restore(from.optimiser);
  }

  /** Steps taken. */
  get step(): number {
    return this.done;
  }

  /** One update on rows from random places; returns the mean loss in nats a token before it, for the caller to dispose. */
  update(): Scalar {
    const { batch: B } = this.settings;
    const { max_position_embeddings: T, hidden_size: D } = this.config;
    const starts = Array.from({ length: B }, () => this.random.integer(this.stream.length - T));
    const rows = (shift: number) => Int32Array.from({ length: B * T }, (_, i) => this.stream[starts[Math.floor(i / T)] + shift + (i % T)]);
    const { value, grads } = tidy(() => {
      const inputs = tensor2d(rows(0), [B, T], 'int32');
      const targets = tensor1d(rows(1), 'int32') as Tensor1D;
      const mask = ones([B, T]);
      return variableGrads(() => {
        const hidden = hiddenStates(this.parameters, this.config, inputs, mask as typeof inputs);
        return neg(mean(tokenLogProbs(nextTokenLogits(this.parameters, reshape(hidden, [B * T, D])), targets)));
      }, [...this.parameters.values()]);
    });
    const gradients = new Map([...this.parameters].map(([name, parameter]) => [name, grads[parameter.name]]));
    const norm = this.optimiser.step(this.parameters, gradients, learningRateAt(this.done, this.settings));
    dispose([norm, grads]);
    this.done++;
    return value;
  }

  async state(): Promise<PretrainingState> {
    return {
      step: this.done,
      random: this.random.state(),
      weights: await toWeights(this.parameters),
      optimiser: await this.optimiser.state(),
    };
  }

  dispose(): void {
    this.optimiser.dispose();
    disposeParameters(this.parameters);
  }
}
