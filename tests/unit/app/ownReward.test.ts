import { describe, expect, it } from 'vitest';
import { EXAMPLE_RULES } from '../../../src/app/optimise/exampleRules';
import { narrate } from '../../../src/app/optimise/narration';
import { rewardedBy, scoredBy } from '../../../src/app/optimise/rewardWords';
import { previewRule } from '../../../src/app/optimise/rulePreview';
import { isSound } from '../../../src/app/settings/fields';
import { MIX_FIELDS } from '../../../src/app/settings/mixFields';
import { LEAN } from '../../../src/lab/protocol';
import { parseRule } from '../../../src/text/rule/parser';

const nameOf = (id: string | undefined) => (id === 'cheer' ? 'Cheerful' : 'a model that is gone');
const mix = (model: number, length: number, rule: number) => ({ weights: { model, length, rule }, rule: rule === 0 ? '' : 'repeats' });

describe('what a run is rewarded for', () => {
  it.each([
    [{ rewardModelId: 'cheer' }, 'Cheerful', 'reward model'],
    [{ reward: mix(0, 0, 1) }, 'the rule “repeats”', 'rule'],
    [{ reward: mix(0, 0, -1) }, 'the rule “repeats” (−1)', 'rule'],
    [{ reward: mix(0, 2, 1) }, 'length (2) and the rule “repeats” (1)', 'mixed reward'],
    [{ rewardModelId: 'cheer', reward: mix(1, -0.5, -2) }, 'Cheerful (1), length (−0.5) and the rule “repeats” (−2)', 'mixed reward'],
  ])('is said in words: %#', (run, words, who) => {
    expect(rewardedBy(run, nameOf)).toBe(words);
    expect(scoredBy(run)).toBe(who);
  });

  it('is who scores in the story of the run', () => {
    const story = { status: 'ready', settings: LEAN, history: [] } as const;
    expect(narrate({ ...story, scoredBy: 'rule' }).headline).toContain('the rule scores them');
    expect(narrate(story).headline).toContain('the reward model scores them');
  });

  it('needs a weight for either part of “both”, and none for length', () => {
    expect(isSound(MIX_FIELDS, { model: 1, length: 0, rule: -1 })).toBe(true);
    expect(isSound(MIX_FIELDS, { model: 0, length: 1, rule: 1 })).toBe(false);
    expect(isSound(MIX_FIELDS, { model: 1, length: 1, rule: 0 })).toBe(false);
  });
});

describe('a rule tried on texts', () => {
  it('gives their mean, their spread and the best first', () => {
    // Words 1, 2, 3, 6: mean 3, variance (4 + 1 + 0 + 9) / 4.
    const preview = previewRule(parseRule('words'), ['a', 'a b', 'a b c', 'a b c d e f']);
    expect(preview).toMatchObject({ mean: 3, ranked: [{ value: 6 }, { value: 3 }, { value: 2 }, { value: 1, text: 'a' }] });
    expect((preview as { spread: number }).spread).toBeCloseTo(Math.sqrt(3.5), 12);
  });

  it('says of which text it has no value', () => {
    expect(previewRule(parseRule('1 / (words - 1)'), ['a b', 'alone'])).toEqual({ fault: expect.stringContaining('“alone”') });
  });
});

it('every example rule can be read, has a value for any text, and tells texts apart', () => {
  const texts = ['', 'Tom', ' He said, "Where is my dog?" and ran.', 'the dog the dog the dog', 'extraordinary elephants'];
  for (const { rule } of EXAMPLE_RULES) {
    const preview = previewRule(parseRule(rule), texts);
    expect(preview).not.toHaveProperty('fault');
    expect((preview as { spread: number }).spread).toBeGreaterThan(0);
  }
});
