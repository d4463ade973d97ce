import { describe, expect, it } from 'vitest';
import { scoresFigure, twoWaysReading } from '../../../src/app/reward/twoWaysReading';
import { otherWay, rewardSettingsOf, wayReading } from '../../../src/app/reward/ways';
import { REWARD_DEFAULTS, type RewardComparison } from '../../../src/lab/protocol';

const COMPARISON: RewardComparison = {
  heldOutPairs: 156,
  accuracy: null,
  agreement: { value: 0.88, low: 0.82, high: 0.92, n: 156 },
  disputed: { value: 0.6, low: 0.38, high: 0.78, n: 19 },
  correlation: 0.86,
  texts: [{ a: 1, b: 2, preferred: true }, { a: -1, b: 0, preferred: false }],
  disagreements: [],
};

describe('two reward models in words', () => {
  it('says how often they agree, and does not call luck a difference', () => {
    const [agreement, disputed, correlation] = twoWaysReading(COMPARISON, 'A', 'B');
    expect(agreement).toBe('On 156 pairs that neither has seen, the two prefer the same text 88 % of the time (95 % interval 82 % to 92 %).');
    expect(disputed).toMatch(/^Of the 19 pairs on which they differ, “A” is right 60 % of the time .*luck/);
    expect(correlation).toMatch(/much alike: r = 0\.86/);
  });

  it('names the better one where the interval leaves no doubt', () => {
    const last = (low: number, high: number) => twoWaysReading({ ...COMPARISON, disputed: { value: (low + high) / 2, low, high, n: 90 } }, 'A', 'B')[1];
    expect(last(0.55, 0.75)).toContain('“A” is the better');
    expect(last(0.25, 0.45)).toContain('“B” is the better');
  });

  it('has little to say of nothing', () => {
    expect(twoWaysReading({ ...COMPARISON, agreement: null, disputed: null, correlation: null }, 'A', 'B')).toEqual([expect.stringContaining('nothing to compare')]);
    expect(twoWaysReading({ ...COMPARISON, disputed: null, correlation: null }, 'A', 'B')).toHaveLength(1);
  });

  it('draws preferred texts apart from the others', () => {
    const [{ series }] = scoresFigure(COMPARISON, 'A', 'B').panels;
    expect(series.map(({ points }) => points)).toEqual([[{ x: 1, y: 2 }], [{ x: -1, y: 0 }]]);
  });
});

describe('a way', () => {
  it('is named with the numbers that it depends on', () => {
    expect(wayReading(REWARD_DEFAULTS)).toBe('end to end');
    expect(wayReading({ ...REWARD_DEFAULTS, pipeline: 'modular' })).toBe('modular: Bradley–Terry, prior 0.01');
    expect(wayReading({ ...REWARD_DEFAULTS, pipeline: 'modular', ranking: 'elo' })).toBe('modular: Elo, K 32, base 10');
  });

  it('of a model from before there was a choice is the only one there was', () => {
    const { pipeline: _, ...before } = REWARD_DEFAULTS;
    expect(rewardSettingsOf({ report: { settings: before } as never }).pipeline).toBe('end-to-end');
    expect([otherWay('end-to-end'), otherWay('modular')]).toEqual(['modular', 'end-to-end']);
  });
});
