import { variable, zeros, type Rank, type Variable } from '@tensorflow/tfjs-core';
import { rowsOf } from './batchLoss';
import type { Part } from './minibatches';

/*
 * How hard each judgement pulled at the model while it was trained: at every
 * step that it was part of, how far the scores of its texts still were from what
 * it asked for, which is what the loss L would change by if they moved,
 *
 *     pull_j = Σ_steps η · Σ_i |∂L/∂r_i|    i over the texts of j, η the learning rate
 *
 * Of a pair in a step of n judgements that is η·2/n·|σ(r₁ − r₂) − y|: nothing
 * once the model agrees, and most from a judgement that it goes on contradicting.
 * So many that say the same share the work, and one that stands alone does all
 * of its own. This is exact, but it is the pull at the scores: how far the
 * parameters give way to it, after clipping and AdamW, is another question.
 * TracIn (Pruthi et al. 2020) goes on to ∂r/∂θ, at a backward pass for each
 * judgement; ∂L/∂r comes with the pass of the step, and is read back beside its
 * loss.
 */
export class Pulls {
  /** Added to the scores of a step, [N], and always 0: its gradient is that of the loss in the scores. */
  readonly probe: Variable<Rank.R1>;
  private readonly sums: Float64Array;

  /** @param rows texts of a step */
  constructor(judgements: number, rows: number) {
    const start = zeros<Rank.R1>([rows]);
    this.probe = variable(start);
    start.dispose();
    this.sums = new Float64Array(judgements);
  }

  /**
   * Add those of a step.
   * @param parts examples with their place among the judgements
   * @param gradient ∂L/∂r, in the order of {@link rowsOf}
   */
  add(parts: readonly Part<{ place: number }>[], gradient: ArrayLike<number>, learningRate: number): void {
    rowsOf(parts).forEach(({ example }, row) => (this.sums[example.place] += learningRate * Math.abs(gradient[row])));
  }

  /** Of each judgement, so far. */
  result(): Float64Array {
    return this.sums.slice();
  }

  dispose(): void {
    this.probe.dispose();
  }
}
