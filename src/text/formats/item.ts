import type { FilledForm, Rater, Remarks, Strength, Turn, Verdict } from '../../feedback/judgement';
import { MOST_RESPONSES } from '../../feedback/judgement';
import { transcript } from '../../feedback/transcript';
import type { Place } from '../fileError';

/*
 * What every format is read to: an item to be judged, with what was said of it
 * already. It has no id, no dataset and no side yet; those are the store's.
 */

/** Who did something, and when; absent where the file doesn't say. */
export interface ImportedAct {
  rater?: Rater;
  /** Milliseconds since 1970. */
  at?: number;
}

export interface ImportedJudgement extends ImportedAct, Remarks {
  verdict: Verdict | FilledForm;
  strength?: Strength;
}

export interface ImportedItem extends Place {
  /** Of a conversation, its transcript. */
  prompt: string;
  turns?: Turn[];
  /** Without any it is a prompt that waits to be answered. */
  responses: string[];
  judged: ImportedJudgement[];
  skipped?: ImportedAct[];
  discarded?: ImportedAct[];
  /** What its record says and the lab has no word for. */
  lost?: string[];
}

/** A record that is in order and gives no item. */
export interface LeftOut extends Place {
  leftOut: string;
}

export const SAME_RESPONSES = 'two responses are the same text, so that neither can be preferred';

/** An item of a prompt, or of a conversation, unless it cannot be judged. */
export function item(place: Place, prompt: string | Turn[], responses: string[], rest: Partial<Omit<ImportedItem, keyof Place | 'prompt' | 'turns' | 'responses'>> = {}): ImportedItem | LeftOut {
  const at = placeOf(place);
  if (responses.length > MOST_RESPONSES) return { ...at, leftOut: `there are more than ${MOST_RESPONSES} responses` };
  if (new Set(responses).size < responses.length) return { ...at, leftOut: SAME_RESPONSES };
  return { ...at, ...(typeof prompt === 'string' ? { prompt } : { prompt: transcript(prompt), turns: prompt }), responses, judged: [], ...rest };
}

export const placeOf = ({ line, element }: Place): Place => ({ line, ...(element !== undefined && { element }) });
