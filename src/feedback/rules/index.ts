import { animals } from './animals';
import { cheerful } from './cheerful';
import { dialogue } from './dialogue';
import { longWords } from './longWords';
import type { Rule } from './rule';
import { shortSentences } from './shortSentences';

export type { Rule };

/** Every rule that a simulated labeler can follow. */
export const RULES: readonly Rule[] = [cheerful, animals, dialogue, shortSentences, longWords];

/** The rule of an id. @throws RangeError with the ids there are */
export function ruleById(id: string): Rule {
  const rule = RULES.find((candidate) => candidate.id === id);
  if (!rule) throw new RangeError(`There is no rule ${JSON.stringify(id)}. There are: ${RULES.map((known) => known.id).join(', ')}.`);
  return rule;
}
