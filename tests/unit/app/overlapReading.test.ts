import { describe, expect, it } from 'vitest';
import { overlapReading } from '../../../src/app/reward/overlapReading';
import { overlapOf } from '../../../src/text/overlap';

const REFERENCE = 'The weather is nice today, perfect for a walk.';
const PARAPHRASE = 'It is lovely outside, a good day for a stroll.';
const SCRAMBLED = 'Today walk weather is nice, perfect for a.';
const rows = (...rewards: number[]) => [PARAPHRASE, SCRAMBLED].map((text, i) => ({ text, overlap: overlapOf(text, [REFERENCE]), reward: rewards[i] as number | undefined }));

describe('what counting words finds', () => {
  it('is said to put the senseless text first, without a word about a reward model that is not there', () => {
    const [first, second] = overlapReading(rows());
    expect(first).toMatch(/^BLEU puts “Today walk weather.*” first, with \d/);
    expect(second).toBeUndefined();
  });

  it('is set beside what the reward model finds, whichever that is', () => {
    expect(overlapReading(rows(1, -1))[1]).toMatch(/The reward model puts “It is lovely/);
    expect(overlapReading(rows(-1, 1))[1]).toBe('The reward model puts the same text first.');
  });

  it('is nothing for a single text, and a draw for equal ones', () => {
    expect(overlapReading(rows().slice(0, 1))).toEqual([]);
    expect(overlapReading([rows()[0], rows()[0]])).toEqual([expect.stringContaining('equally close')]);
  });
});
