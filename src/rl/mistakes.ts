import type { Batch } from '../model/batch';
import type { RandomStream } from '../tensor/random';

/*
 * Mistakes that implementations make, built in on purpose, so that one can see
 * what betrays them: ratios that are not 1 before anything was learned, and a KL
 * that is negative or not 0 at the start.
 *
 * - padding: what filled a prompt up is read, and counted in the positions, when
 *   the rollout is measured; the update has it right.
 * - dropout: a tenth of the tokens, other ones in each pass, is hidden from
 *   attention, as where dropout was left on.
 * - top-k: responses are drawn from the most likely tokens only, while all
 *   log-probabilities are those of the whole distribution.
 */
export type Mistake = 'none' | 'padding' | 'dropout' | 'top-k';

export const DROPPED = 0.1;
export const TOP_K = 10;

/** The passes over a batch: of the policy that wrote it, of the reference, and of the policy that learns. */
export type Pass = 'rollout' | 'reference' | 'update';

/** The batch as a pass with this mistake reads it. `random` is that pass's own. */
export function asRead(mistake: Mistake, batch: Batch, pass: Pass, random: () => RandomStream): Batch {
  switch (mistake) {
    case 'padding':
      return pass === 'update' ? batch : { ...batch, mask: promptsUnmasked(batch) };
    case 'dropout':
      return { ...batch, mask: thinned(batch, random()) };
    case 'none':
    case 'top-k':
      return batch;
  }
}

function promptsUnmasked({ mask, P, T }: Batch): Float32Array {
  return mask.map((real, i) => (i % (P + T) < P ? 1 : real));
}

function thinned({ mask, P, T }: Batch, random: RandomStream): Float32Array {
  // The last token of the prompt stays, so that every state has something to attend to.
  return mask.map((real, i) => (real === 1 && random.uniform() < DROPPED && i % (P + T) !== P - 1 ? 0 : real));
}
