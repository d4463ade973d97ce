import type { Turn } from '../../feedback/judgement';

/*
 * A prompt that a file doesn't say: what both of two texts begin with.
 */

/**
 * The longest common beginning of two texts, less one space at its end, which
 * belongs to what follows: TRL's `extract_prompt` (huggingface.co/docs/trl,
 * "Dataset formats", implicit prompt) cuts there. Where one text begins the
 * other, TRL takes the shorter one less its last character for the prompt;
 * here it is the whole of it, and that response is empty. No character is cut
 * in half.
 */
export function sharedText(a: string, b: string): string {
  const most = Math.min(a.length, b.length);
  let end = 0;
  while (end < most && a[end] === b[end]) end++;
  if (end < most && a[end - 1] === ' ') end--;
  if (isHighSurrogate(a.charCodeAt(end - 1)) && (isLowSurrogate(a.charCodeAt(end)) || isLowSurrogate(b.charCodeAt(end)))) end--;
  return a.slice(0, end);
}

const isHighSurrogate = (unit: number) => unit >= 0xd800 && unit < 0xdc00;
const isLowSurrogate = (unit: number) => unit >= 0xdc00 && unit < 0xe000;

/** How many turns two conversations share before the last of either, which answers. */
export function sharedTurns(a: readonly Turn[], b: readonly Turn[]): number {
  const most = Math.min(a.length, b.length) - 1;
  let shared = 0;
  while (shared < most && a[shared].role === b[shared].role && a[shared].text === b[shared].text) shared++;
  return Math.max(0, shared);
}

/** Why two whole conversations give no item. */
export const PARTED = 'the two conversations differ in more than their last answer';
