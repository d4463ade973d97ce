import { add, div, minimum, mul, neg, pad, relu, reshape, slice, square, sub, sum, tensor2d, tidy, type Scalar, type Tensor1D, type Tensor2D, type Tensor3D } from '@tensorflow/tfjs-core';
import type { ModelConfig } from '../model/config';
import { Q_HEADS, TARGET } from '../model/critic';
import { tokenLogProbs, type DeviceBatch } from '../model/logProbs';
import type { Parameters } from '../model/parameters';
import { scalarHead } from '../model/scalarHead';
import { Sequences, type Sequence } from '../model/sequences';
import { hiddenStates, matrix } from '../model/transformer';
import { detached } from '../tensor/detached';
import { embedding } from '../tensor/embedding';
import { linear } from '../tensor/linear';
import type { Objective } from './epochs';
import type { IlqlSettings } from './ilqlSettings';

/*
 * Implicit language Q-learning (Snell et al. 2022): a critic learns from texts
 * that are there what each token was worth, and guides the base model when it
 * writes; the base model itself does not change. A state is a prompt with the
 * tokens so far, an action the next token. All reward comes with a text's last
 * token, after which there is nothing more to gain.
 */

/** What a critic says of responses of T tokens; [B, T], but for V. */
export interface CriticOutput {
  /** Qᵢ of each token, for both heads. */
  q: readonly Tensor2D[];
  /** log softmax(Qᵢ)[token], for both heads. */
  likelihood: readonly Tensor2D[];
  /** min(Q̂₁, Q̂₂) of each token, by the target heads; no gradient. */
  target: Tensor2D;
  /** V before each token and after the last, [B, T + 1]. */
  v: Tensor2D;
}

/** |τ − 1(u < 0)|·u²: its minimum over a constant is the τ-expectile (Newey & Powell 1987; Kostrikov et al. 2021, eq. 5). */
export function expectileLoss(difference: Tensor2D, tau: number): Tensor2D {
  return add(mul(tau, square(relu(difference))), mul(1 - tau, square(relu(neg(difference)))));
}

/** r_t + γ·V_{t+1}, with V = 0 after the last valid token: rewards and mask [B, T], v [B, T + 1]; no gradient (Snell et al. 2022). */
export function bellmanTargets(rewards: Tensor2D, v: Tensor2D, mask: Tensor2D, discount: number): Tensor2D {
  const [B, T] = mask.shape;
  const goesOn = slice(pad(mask, [[0, 0], [0, 1]]), [0, 1], [B, T]) as Tensor2D;
  return detached(add(rewards, mul(discount, mul(goesOn, slice(v, [0, 1], [B, T]))))) as Tensor2D;
}

/**
 * Σ over the valid tokens of both heads' (Qᵢ − r − γV′)², V's expectile loss
 * towards min Q̂, and α times the conservative term −log softmax(Qᵢ)[token] of
 * either (Kumar et al. 2020, with the data's token for the whole of the data's policy).
 */
export function ilqlLoss({ q, likelihood, target, v }: CriticOutput, rewards: Tensor2D, mask: Tensor2D, settings: Pick<IlqlSettings, 'expectile' | 'discount' | 'conservatism'>): Scalar {
  const [B, T] = mask.shape;
  const goals = bellmanTargets(rewards, v, mask, settings.discount);
  const terms = [
    ...q.map((head) => square(sub(head, goals)) as Tensor2D),
    expectileLoss(sub(target, slice(v, [0, 0], [B, T])), settings.expectile),
    ...likelihood.map((logProb) => mul(-settings.conservatism, logProb) as Tensor2D),
  ];
  return sum(mul(mask, terms.reduce((total, term) => add(total, term)))) as Scalar;
}

/** What a critic, whose trunk and heads are `parameters`, says of a batch; differentiable in what is trained. */
export function criticOutput(parameters: Parameters, config: ModelConfig, { ids, mask, promptLength: P, responseLength: T }: DeviceBatch): CriticOutput {
  const hidden = hiddenStates(parameters, config, ids, mask);
  const [B, , D] = hidden.shape;
  const states = slice(hidden, [0, P - 1, 0], [B, T + 1, D]) as Tensor3D;
  const before = reshape(slice(states, [0, 0, 0], [B, T, D]), [B * T, D]) as Tensor2D;
  const tokens = reshape(slice(ids, [0, P], [B, T]), [B * T]) as Tensor1D;
  // Q(s, a) = w_a·h(s): the rows of the tokens that were written, and no more.
  const ofTokens = (head: string) => reshape(sum(mul(before, embedding(matrix(parameters, head), tokens)), 1), [B, T]) as Tensor2D;
  const [target1, target2] = Q_HEADS.map((head) => ofTokens(`${TARGET}${head}`));
  return {
    q: Q_HEADS.map((head) => ofTokens(`critic.${head}`)),
    likelihood: Q_HEADS.map((head) => reshape(tokenLogProbs(linear(before, matrix(parameters, `critic.${head}`)), tokens), [B, T])),
    target: detached(minimum(target1, target2)) as Tensor2D,
    v: scalarHead(parameters, 'critic.v', states),
  };
}

/** Target heads move towards the Q heads by a share of the way: Q̂ ← Q̂ + share·(Q − Q̂) (Polyak & Juditsky 1992; Snell et al. 2022). */
export function followQ(parameters: Parameters, share: number): void {
  for (const head of Q_HEADS) {
    const target = parameters.get(`${TARGET}${head}.weight`)!;
    tidy(() => target.assign(add(target, mul(share, sub(parameters.get(`critic.${head}.weight`)!, target)))));
  }
}

/** A text with the reward that its last token brings. */
export interface RewardedText extends Sequence {
  reward: number;
}

/** The mean of {@link ilqlLoss} over the tokens of a list of texts, none of them empty. */
export class IlqlObjective implements Objective {
  private readonly sequences: Sequences;

  constructor(
    readonly parameters: Parameters,
    private readonly config: ModelConfig,
    private readonly texts: readonly RewardedText[],
    private readonly settings: IlqlSettings,
  ) {
    this.sequences = new Sequences(config, texts, 1);
  }

  get count(): number {
    return this.texts.length;
  }

  async minibatch(rows: Int32Array): Promise<(part: Int32Array) => Scalar> {
    const tokens = this.sequences.tokens(rows);
    return (part) => {
      const { output, batch } = this.read(part);
      // Rows that only fill the batch have no tokens.
      const mask = mul(batch.responseMask, tensor2d(Float32Array.from({ length: this.size }, (_, i) => (i < part.length ? 1 : 0)), [this.size, 1])) as Tensor2D;
      return div(ilqlLoss(output, this.rewards(part, batch.responseLength), mask, this.settings), tokens) as Scalar;
    };
  }

  stepped(): void {
    followQ(this.parameters, this.settings.polyak);
  }

  /** Mean loss over all texts as the critic is now, and min Q̂ of each one's last token: what the whole of it is worth to the critic; null of none. */
  async evaluate(): Promise<{ loss: number; worth: Float32Array } | null> {
    if (this.count === 0) return null;
    const all = Int32Array.from({ length: this.count }, (_, row) => row);
    const share = await this.minibatch(all);
    const worth = new Float32Array(this.count);
    let loss = 0;
    for (let start = 0; start < this.count; start += this.size) {
      const part = all.slice(start, start + this.size);
      const [value, target] = tidy(() => [share(part), this.read(part).output.target]);
      loss += (await value.data())[0];
      const values = await target.data();
      part.forEach((row, i) => (worth[row] = values[i * target.shape[1]! + this.texts[row].response.length - 1]));
      value.dispose();
      target.dispose();
    }
    return { loss, worth };
  }

  private read(part: Int32Array) {
    const batch = this.sequences.batch(part, this.size);
    return { batch, output: criticOutput(this.parameters, this.config, batch) };
  }

  /** [size, T], each text's reward at its last token. */
  private rewards(part: Int32Array, T: number): Tensor2D {
    const rewards = new Float32Array(this.size * T);
    part.forEach((row, i) => (rewards[i * T + this.texts[row].response.length - 1] = this.texts[row].reward));
    return tensor2d(rewards, [this.size, T]);
  }

  /** Texts of one pass over the device. */
  private get size(): number {
    const { batchSize, microbatchSize } = this.settings;
    return Math.max(1, Math.min(microbatchSize ?? batchSize, batchSize, this.count));
  }
}
