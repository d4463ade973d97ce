import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BpeTokenizer } from '../../../src/text/bpe';
import { HELD_OUT_PROMPTS, TRAINING_PROMPTS } from '../../../src/text/prompts';

const all = [...TRAINING_PROMPTS, ...HELD_OUT_PROMPTS];
const tokenizer = BpeTokenizer.fromJson(JSON.parse(readFileSync('public/models/small/tokenizer.json', 'utf8')));

describe('the story openings', () => {
  it('are enough, all different, and none is in both parts', () => {
    expect(all.length).toBeGreaterThanOrEqual(240);
    expect(HELD_OUT_PROMPTS.length).toBeGreaterThanOrEqual(64);
    expect(new Set(all).size).toBe(all.length);
  });

  it('fit the lean preset’s prompt of sixteen tokens, end-of-text included', () => {
    for (const prompt of all) expect(tokenizer.encode(prompt).length + 1, prompt).toBeLessThanOrEqual(16);
  });

  it('are six to fourteen plain words without quotation marks or space at the end', () => {
    for (const prompt of all) expect(prompt).toMatch(/^(?:[A-Z][A-Za-z']*|[a-z][a-z']*)(?:[,.]? [A-Za-z']+){5,13}[.]?$|^M(?:r|iss)\.? /);
    for (const prompt of all) expect(prompt).toBe(prompt.trim());
  });
});
