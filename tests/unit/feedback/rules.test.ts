import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RULES, ruleById } from '../../../src/feedback/rules';
import { anyText } from '../text/anyText';

/** For each rule, texts from least to most liked. */
const ORDERED: Record<string, string[]> = {
  cheerful: [
    'She was sad and lost, and she cried all night in the dark.',
    'He was not happy about the red box on the table at all.',
    'He put the red box on the table and went into the room.',
    'She had a new toy and went to the park with the box.',
    'They smiled and laughed, and they were happy in the sun.',
  ],
  animals: [
    'The boy went to the shop to buy a red hat for his mom.',
    'It had a long tail and ran away to the shop in town.',
    'The dog went to the shop to buy a red hat for mom.',
    'The dog and the cat went to the shop to buy a hat.',
    'The dog met a cat, two mice, a frog and an owl at the shop.',
  ],
  dialogue: [
    'He went home and slept in his bed until it was late.',
    'He asked his mom if they could go to the park again.',
    'He sat down on the chair. "Yes," said the old man.',
    '"Can we go to the park?" asked the boy. "Yes, we can go," said Mom.',
  ],
  'short-sentences': [
    'He went to the park and he saw a dog that ran to a tree and sat down there.',
    'He went to the park and he saw a dog. It ran to a tree and sat down there.',
    'He went to the park. He saw a dog. It ran to a tree. It sat down there.',
    'He ran. He saw it. It sat. He fell. She came.',
  ],
  'long-words': ['He is in it. I am up on it.', 'The dog ran to the park.', 'Suddenly everybody remembered something wonderful.'],
};

describe('every rule', () => {
  it('has an order here, and says in a sentence what it likes', () => {
    expect(RULES.map(({ id }) => id).sort()).toEqual(Object.keys(ORDERED).sort());
    for (const { title, sentence } of RULES) expect([title.length > 3, sentence.startsWith('Likes ')]).toEqual([true, true]);
  });

  it.each(Object.entries(ORDERED))('%s likes these more and more', (id, texts) => {
    const golds = texts.map((text) => ruleById(id).gold(text));
    for (let i = 1; i < golds.length; i++) expect(golds[i], texts[i]).toBeGreaterThan(golds[i - 1]);
  });

  it('gives any text a finite score', () => {
    const text = fc.oneof(anyText, fc.string({ unit: fc.constantFrom('"', '.', ' ', 'a', '“', '”', '\n', 'not', 'happy') }));
    fc.assert(fc.property(text, fc.constantFrom(...RULES), (response, rule) => Number.isFinite(rule.gold(response))));
  });

  it.each(['cheerful', 'animals', 'dialogue', 'short-sentences', 'long-words'])('%s does not simply like more text: the same again changes little', (id) => {
    for (const text of ORDERED[id]) {
      const { gold } = ruleById(id);
      const once = gold(text);
      const range = gold(ORDERED[id].at(-1)!) - gold(ORDERED[id][0]);
      expect(gold(`${text} ${text}`) - once).toBeLessThanOrEqual(0.25 * range);
    }
  });

  it('is found by its id; an unknown id names those there are', () => {
    expect(() => ruleById('nonsense')).toThrow(/cheerful, animals/);
  });
});

describe('details that the sentences promise', () => {
  it('“not” turns a glad word around', () => {
    const { gold } = ruleById('cheerful');
    expect(gold('he was not happy')).toBeLessThan(gold('he was'));
  });

  it('a further mention of the same animal counts half', () => {
    const { gold } = ruleById('animals');
    const [one, twice, two] = ['dog a b c d e f g', 'dog dog a b c d e f', 'dog cat a b c d e f'].map(gold);
    expect(twice / one).toBeCloseTo(1.5, 12);
    expect(two / one).toBeCloseTo(2, 12);
    expect(gold('mouse mice a b c d e f')).toBeCloseTo(twice, 12);
  });

  it('speech that began before the text, and speech that has not ended, count', () => {
    const { gold } = ruleById('dialogue');
    expect(gold('ab cd," he ef')).toBeCloseTo(4 / 8, 12);
    expect(gold('ab "cd ef gh')).toBeCloseTo(6 / 8, 12);
    expect(gold('“ab” cd')).toBeCloseTo(1 / 2, 12);
  });

  it('short sentences are −ln of the mean words in one', () => {
    const { gold } = ruleById('short-sentences');
    expect(gold('One two three. Four five!')).toBeCloseTo(-Math.log(2.5), 12);
    expect(gold('One two three... Four')).toBeCloseTo(-Math.log(2), 12);
  });

  it('long words are letters ÷ words', () => {
    expect(ruleById('long-words').gold("It's a dog.")).toBeCloseTo((3 + 1 + 3) / 3, 12);
  });
});
