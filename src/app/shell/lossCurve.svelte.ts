import type { CommandName, Result } from '../../lab/protocol';
import type { Job } from './jobs.svelte';
import { lab } from './lab.svelte';

/** How the loss of a training falls, while it is under way. */
export class LossCurve {
  #points = $state.raw<readonly { step: number; loss: number }[]>([]);
  #steps = $state(0);

  /** Loss of each step so far, of the training under way or of the last one in this visit. */
  get points(): readonly { step: number; loss: number }[] {
    return this.#points;
  }

  /** How many steps there will be. */
  get steps(): number {
    return this.#steps;
  }

  /** Begin a job and listen to it until it ends; null where it came to nothing, which the job has told the person. */
  async follow<N extends CommandName>(begin: () => Job<N>): Promise<Result<N> | null> {
    this.#points = [];
    const deaf = lab.on('progress', ({ loss, done, total }) => {
      if (loss === undefined) return;
      // Of an ensemble each member starts anew.
      const before = done > (this.#points.at(-1)?.step ?? 0) ? this.#points : [];
      this.#points = [...before, { step: done, loss }];
      this.#steps = total;
    });
    try {
      return await begin().result;
    } catch {
      return null;
    } finally {
      deaf();
    }
  }
}
