import { appendFileSync, writeFileSync } from 'node:fs';

/** Words of which some are in nearly every text, some in one of thousands. */
export const COMMON = 'the a and then was very little went into said happy one day'.split(' ');
export const RARE = 'quartz zephyr walrus banjo oxbow gherkin kazoo lynx'.split(' ');
const WORDS = [...COMMON, ...'cat dog river stone forest mountain bright tree house Lily Tom friend mother blue ball found lost dark song rain'.split(' ')];

/** A text of about so many characters; `random` gives numbers from 0 to 1. */
function text(length: number, random: () => number): string {
  let words = '';
  while (words.length < length) words += `${random() < 1e-5 ? RARE[Math.floor(random() * RARE.length)] : WORDS[Math.floor(random() * WORDS.length)]} `;
  return `${words.trimEnd()}.`;
}

/** Numerical Recipes' linear congruential generator: the same texts in every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

/** Pairs of two continuations of two hundred characters each, of beginnings of one hundred. */
export function pairs(count: number, seed: number): { prompt: string; chosen: string; rejected: string }[] {
  const random = generator(seed);
  return Array.from({ length: count }, () => ({ prompt: text(100, random), chosen: text(200, random), rejected: text(200, random) }));
}

/** A file of so many preferences, as TRL writes them. */
export function writePairs(path: string, count: number): void {
  const AT_ONCE = 5000;
  writeFileSync(path, '');
  for (let start = 0; start < count; start += AT_ONCE)
    appendFileSync(path, pairs(Math.min(AT_ONCE, count - start), start + 1).map((pair) => `${JSON.stringify(pair)}\n`).join(''));
}
