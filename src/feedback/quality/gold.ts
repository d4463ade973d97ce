import type { Agreement } from '../agreement/agreement';
import { cohenKappa } from '../agreement/cohenKappa';
import { raterKey, type StandingEvents } from '../judgementState';
import { proportion, type Proportion } from '../proportion';
import { eachOf } from '../steps';
import { contradicts, statementsOf } from './statements';

/** How a rater did on items whose right answer is known. */
export interface GoldCheck {
  /** Of the items that both judged, those on which the rater does not contradict the key; null where there is none. */
  right: Proportion | null;
  /** Comparison ids of the others. */
  misses: string[];
  /** Cohen's κ of the rater and the key: how much better than answers as frequent, given blindly. Of pairs and thumbs, whose answers can only be the same or not. */
  kappa: Agreement;
}

const KEY = raterKey({ kind: 'key' });

/**
 * A rater's verdicts against the key's. The first verdict that stands is the one
 * that counts: whoever reads the list of misses can correct the later ones.
 */
export function* goldCheck(standing: StandingEvents, rater: string): Generator<void, GoldCheck> {
  const misses: string[] = [];
  const table: [string | number, string | number][] = [];
  let asked = 0;
  yield* eachOf(standing, ([id, raters]) => {
    const answer = raters.get(KEY)?.findLast((event) => event.kind === 'judged');
    const given = answer && raters.get(rater)?.find((event) => event.kind === 'judged');
    const contrary = given ? contradicts(given, answer) : null;
    if (!given || contrary === null) return;
    asked++;
    if (contrary) misses.push(id);
    const right = statementsOf(answer);
    for (const [about, { measure, value }] of statementsOf(given)) {
      const known = right.get(about);
      if (known && (measure === 'pair' || measure === 'thumb')) table.push([value, known.value]);
    }
  });
  return { right: proportion(asked - misses.length, asked), misses, kappa: yield* cohenKappa(table) };
}
