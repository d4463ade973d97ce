import { add, div, mul, sigmoid, slice, softplus, square, sub, sum, tensor1d, tidy, type Scalar, type Tensor1D } from '@tensorflow/tfjs-core';
import type { ModelConfig } from '../model/config';
import type { Parameters } from '../model/parameters';
import { Sequences, type Sequence } from '../model/sequences';
import type { RandomStream } from '../tensor/random';
import type { DpoSettings, PreferenceMethod } from './dpoSettings';
import type { Objective } from './epochs';
import { gatherRows } from './masked';

/*
 * Learning from preferences directly, without a reward model and without
 * sampling: the policy's own log-ratio to the reference, times β, is taken for
 * the reward (Rafailov et al. 2023, §4).
 */

/**
 * The loss of each pair, [N], from the log-ratios Δ = log π(y|x) − log π_ref(y|x)
 * of the preferred and of the rejected response, [N] each, in nats:
 *
 * - DPO (Rafailov et al. 2023, eq. 7): −log σ(β(Δ_c − Δ_r)); ln 2 while π = π_ref.
 * - IPO (Azar et al. 2023, eq. 17, their τ is β): (Δ_c − Δ_r − 1/(2β))², which
 *   stops at a finite margin however one-sided the labels; 1/(4β²) at first.
 * - KTO (Ethayarajh et al. 2024, eq. 8): each response for itself, as good or
 *   bad against a baseline z₀: the mean of 1 − σ(β(Δ_c − z₀)) and
 *   1 − σ(β(z₀ − Δ_r)), both weights λ = 1 as pairs hold as many of either; ½ at first.
 */
export function preferenceLosses(method: PreferenceMethod, chosen: Tensor1D, rejected: Tensor1D, beta: number, baseline = 0): Tensor1D {
  switch (method) {
    case 'dpo':
      return softplus(mul(-beta, sub(chosen, rejected)));
    case 'ipo':
      return square(sub(sub(chosen, rejected), 1 / (2 * beta)));
    case 'kto':
      return mul(0.5, add(sigmoid(mul(beta, sub(baseline, chosen))), sigmoid(mul(beta, sub(rejected, baseline)))));
  }
}

/** A prompt with the response that was preferred and the one that was not; token ids. */
export interface PreferencePair {
  prompt: readonly number[];
  chosen: readonly number[];
  rejected: readonly number[];
}

/** Log-ratios of some pairs, in nats. */
export interface LogRatios {
  chosen: Float32Array;
  rejected: Float32Array;
}

/**
 * The loss over a list of pairs, against the reference's log-probabilities,
 * which are computed once and stay on the host. Of N pairs, sequences 0 … N − 1
 * are the preferred, N … 2N − 1 the rejected, and for KTO 2N … 3N − 1 each
 * prompt with another pair's response, from which z₀ is estimated.
 */
export class PreferenceObjective implements Objective {
  private constructor(
    readonly parameters: Parameters,
    readonly count: number,
    private readonly sequences: Sequences,
    /** log π_ref of every sequence. */
    private readonly reference: Float32Array,
    private readonly settings: DpoSettings,
  ) {}

  /** `policy` must still be the reference: its parameters before the first step. `random` chooses KTO's other responses. */
  static async of(policy: Parameters, config: ModelConfig, pairs: readonly PreferencePair[], settings: DpoSettings, random: RandomStream): Promise<PreferenceObjective> {
    const sequences = new Sequences(
      config,
      [
        ...pairs.map(({ prompt, chosen }) => ({ prompt, response: chosen })),
        ...pairs.map(({ prompt, rejected }) => ({ prompt, response: rejected })),
        ...(settings.method === 'kto' ? strangers(pairs, config, random) : []),
      ],
      settings.temperature,
    );
    const all = Int32Array.from({ length: sequences.count }, (_, row) => row);
    const reference = await sequences.measure(policy, all, 2 * partSize(settings, pairs.length));
    return new PreferenceObjective(policy, pairs.length, sequences, reference, settings);
  }

  async minibatch(rows: Int32Array): Promise<(part: Int32Array) => Scalar> {
    const baseline = await this.baseline(rows);
    return (part) => {
      const both = this.both(part);
      const ratios = sub(this.sequences.logProbs(this.parameters, both, 2 * this.size), tensor1d(gatherRows(this.reference, both, 1))) as Tensor1D;
      const [chosen, rejected] = [slice(ratios, [0], [part.length]), slice(ratios, [part.length], [part.length])];
      return div(sum(preferenceLosses(this.settings.method, chosen, rejected, this.settings.beta, baseline)), rows.length) as Scalar;
    };
  }

  /** Mean loss over all pairs as the policy is now, and the log-ratios it comes from; null of no pairs. */
  async evaluate(): Promise<{ loss: number; ratios: LogRatios } | null> {
    if (this.count === 0) return null;
    const all = Int32Array.from({ length: this.count }, (_, row) => row);
    const ratios = await this.logRatios(this.both(all));
    const [chosen, rejected] = [ratios.slice(0, this.count), ratios.slice(this.count)];
    const baseline = await this.baseline(all);
    const loss = tidy(() => div(sum(preferenceLosses(this.settings.method, tensor1d(chosen), tensor1d(rejected), this.settings.beta, baseline)), this.count));
    const [value] = await loss.data();
    loss.dispose();
    return { loss: value, ratios: { chosen, rejected } };
  }

  /** KTO's z₀ = max(0, mean Δ of the other responses), without a gradient (Ethayarajh et al. 2024, §4.1). */
  private async baseline(pairs: Int32Array): Promise<number> {
    if (this.settings.method !== 'kto') return 0;
    const ratios = await this.logRatios(pairs.map((pair) => 2 * this.count + pair));
    return Math.max(0, ratios.reduce((total, ratio) => total + ratio, 0) / ratios.length);
  }

  private async logRatios(rows: Int32Array): Promise<Float32Array> {
    const now = await this.sequences.measure(this.parameters, rows, 2 * this.size);
    return now.map((logProb, i) => logProb - this.reference[rows[i]]);
  }

  /** The preferred sequences of some pairs, then the rejected ones. */
  private both(pairs: Int32Array): Int32Array {
    return Int32Array.from([...pairs, ...pairs.map((pair) => pair + this.count)]);
  }

  private get size(): number {
    return partSize(this.settings, this.count);
  }
}

/** Pairs of one pass over the device. */
function partSize({ batchSize, microbatchSize }: DpoSettings, count: number): number {
  return Math.max(1, Math.min(microbatchSize ?? batchSize, batchSize, count));
}

/** Each prompt with a response of the next pair in a random round, cut to what the model reads. */
function strangers(pairs: readonly PreferencePair[], { max_position_embeddings }: ModelConfig, random: RandomStream): Sequence[] {
  const round = random.permutation(pairs.length);
  const next = new Map(Array.from(round, (pair, i) => [pair, round[(i + 1) % round.length]]));
  return pairs.map(({ prompt }, i) => {
    const other = pairs[next.get(i)!];
    const response = random.uniform() < 0.5 ? other.chosen : other.rejected;
    return { prompt, response: response.slice(0, max_position_embeddings - prompt.length) };
  });
}
