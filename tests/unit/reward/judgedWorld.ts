import { initWeights } from '../../../src/model/parameters';
import type { Preference } from '../../../src/reward/preference';
import type { JudgedText } from '../../../src/reward/rewardModel';
import { RandomStream } from '../../../src/tensor/random';
import { TINY } from '../model/tinyModel';
import { letterTokenizer } from '../rl/tinyWorld';

/** A fresh model of letters. */
export const MODEL = { config: TINY, tokenizer: letterTokenizer(), weights: initWeights(TINY, new RandomStream(3)) };

/** Letters of which vowels make a share that differs from text to text. */
export function randomText(random: RandomStream, length: number): string {
  const share = random.uniform();
  return Array.from({ length }, () => (random.uniform() < share ? 'aeiou' : 'bcdfg')[random.integer(5)]).join('');
}

/** Vowels in the response. */
export const gold = ({ response }: JudgedText) => (response.match(/[aeiou]/g) ?? []).length;

/** Pairs over twenty prompts, judged by `judge`. */
export function pairs(count: number, seed: number, judge: (first: number, second: number, random: RandomStream) => Preference['verdict']): Preference[] {
  const random = new RandomStream(seed);
  return Array.from({ length: count }, (_, i) => {
    const prompt = `p${'abcdefghijklmnopqrst'[i % 20]}`;
    const responses: [string, string] = [randomText(random, 3 + random.integer(5)), randomText(random, 3 + random.integer(5))];
    const verdict = judge(gold({ prompt, response: responses[0] }), gold({ prompt, response: responses[1] }), random);
    return { comparisonId: `c${i}`, prompt, responses, verdict, swapped: random.uniform() < 0.5 };
  });
}

export const byRule = (first: number, second: number) => (first === second ? 'tie' : first > second ? 'first' : 'second') as Preference['verdict'];

export function referenceTexts(count: number): JudgedText[] {
  const random = new RandomStream(99);
  return Array.from({ length: count }, () => ({ prompt: 'x', response: randomText(random, 6) }));
}
