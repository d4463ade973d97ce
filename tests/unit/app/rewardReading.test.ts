import { describe, expect, it, test } from 'vitest';
import { calibrationCaption } from '../../../src/app/charts/calibration';
import { accuracyReading, judgesOf, leftOutReading, lengthReading, normalShare, scoreReading, selfAgreementReading, sideReading } from '../../../src/app/reward/reading';
import type { RewardReport } from '../../../src/lab/protocol';

const REPORT: RewardReport = {
  trainPairs: 400, heldOutPairs: 100, leftOut: 0, accuracy: { value: 0.78, low: 0.69, high: 0.85, n: 100 }, logLoss: 0.5, brier: 0.17, calibrationError: 0.04,
  calibration: [], meanMargin: 1.1, lengthCorrelation: 0.05, accuracyByLength: [], leftSide: null, ceiling: null, mistakes: [], lossCurve: [], gain: 1, bias: 0, seconds: 60,
};

describe('accuracy in words', () => {
  it('compares a person’s judgements with how people agree', () => {
    expect(accuracyReading(REPORT)).toContain('78 % of the time. People agree with one another 60 to 75 %');
  });

  it('says how unsure few pairs leave it', () => {
    expect(accuracyReading({ ...REPORT, accuracy: { value: 0.8, low: 0.38, high: 0.96, n: 5 } })).toContain('between 38 % and 96 %');
  });

  it('calls guessing guessing, and the opposite the opposite', () => {
    expect(accuracyReading({ ...REPORT, accuracy: { value: 0.52, low: 0.45, high: 0.59, n: 200 } })).toContain('guessing');
    expect(accuracyReading({ ...REPORT, accuracy: { value: 0.3, low: 0.22, high: 0.4, n: 100 } })).toContain('opposite');
  });

  it('measures simulated judgements against their ceiling, and suspects what lies above it', () => {
    expect(accuracyReading({ ...REPORT, ceiling: 0.875 })).toContain('88 %');
    expect(accuracyReading({ ...REPORT, ceiling: 0.65 })).toContain('suspect the split');
  });

  it('does not sell partly simulated judgements as a person’s taste', () => {
    const reading = accuracyReading({ ...REPORT, simulatedPairs: 120 });
    expect(reading).toContain('500 judgements in all, 120 are simulated');
    expect(reading).not.toContain('People agree');
  });

  it('knows of a report from before simulated judgements were counted that all or none were', () => {
    expect(judgesOf({ ...REPORT, ceiling: 0.875 })).toEqual({ simulated: 500, all: 500 });
    expect(judgesOf(REPORT)).toEqual({ simulated: 0, all: 500 });
    expect(judgesOf({ ...REPORT, simulatedPairs: 7 })).toEqual({ simulated: 7, all: 500 });
  });

  it('admits that nothing was held out', () => {
    expect(accuracyReading({ ...REPORT, accuracy: null, heldOutPairs: 0 })).toContain('Nothing was held out');
  });
});

test('pairs that were too long are counted, where there are any', () => {
  expect([0, 1, 3].map((leftOut) => leftOutReading({ ...REPORT, leftOut }))).toEqual([
    null,
    '1 judgement is longer than the model reads and was left out.',
    '3 judgements are longer than the model reads and were left out.',
  ]);
});

describe('the labeler’s agreement with itself in words', () => {
  it('stands against the accuracy', () => {
    expect(selfAgreementReading({ ...REPORT, selfAgreement: { expected: 0.81 } })).toBe(
      'Asked about these pairs twice, the simulated labeler would agree with itself 81 % of the time; the model agrees with the labeler 78 % of the time.',
    );
    expect(selfAgreementReading({ ...REPORT, selfAgreement: { counted: { value: 0.7, low: 0.4, high: 0.89, n: 10 } } })).toContain('about 10 pairs, people agreed with themselves 70 % of the time (40 % to 89 %)');
  });

  it('is not known yet where nobody judged twice, and not spoken of where the report is older than the question', () => {
    expect(selfAgreementReading({ ...REPORT, selfAgreement: null })).toContain('not known yet: nobody judged a pair twice');
    expect(selfAgreementReading(REPORT)).toBeNull();
  });
});

describe('biases in words', () => {
  it('names the direction and the size of a liking for length', () => {
    expect(lengthReading(0.31)).toBe('It likes longer texts: r = 0.31.');
    expect(lengthReading(-0.6)).toMatch(/^It strongly likes shorter texts: r = −0.60./);
    expect(lengthReading(0.02)).toContain('does not care');
    expect(lengthReading(null)).toContain('cannot be said');
  });

  it('sees a lean to one side only when the interval leaves half out', () => {
    const half = { value: 0.5, low: 0.4, high: 0.6, n: 100 };
    expect(sideReading({ labels: half, model: half })).toContain('No side is favoured');
    expect(sideReading({ labels: { value: 0.7, low: 0.6, high: 0.78, n: 100 }, model: half })).toMatch(/lean to the left.*cannot see sides/);
    expect(sideReading({ labels: { value: 0.3, low: 0.22, high: 0.4, n: 100 }, model: half })).toContain('lean to the right');
  });
});

describe('a score in words', () => {
  // Table of the standard normal distribution.
  it.each([[0, 0.5], [1, 0.8413], [-1, 0.1587], [2, 0.9772], [3, 0.9987]])('%d standard deviations leave %d below', (z, share) => {
    expect(normalShare(z)).toBeCloseTo(share, 3);
  });

  it('is turned around below the middle', () => {
    expect(scoreReading(1)).toBe('Better than about 84 % of what the base model writes.');
    expect(scoreReading(-1)).toBe('Worse than about 84 % of what the base model writes.');
  });
});

describe('calibration in words', () => {
  const bin = (predicted: number, observed: number, n: number) => ({ low: predicted - 0.05, high: predicted + 0.05, predicted, observed, n });

  it('sees too much certainty on both ends of the scale', () => {
    expect(calibrationCaption([bin(0.9, 0.7, 50), bin(0.1, 0.3, 50)])).toBe('Surer than it should be: on average it is 90 % sure of the text that it prefers, and right 70 % of the time (100 pairs).');
  });

  it('sees too little, and enough', () => {
    expect(calibrationCaption([bin(0.6, 0.9, 20)])).toContain('Less sure than it could be');
    expect(calibrationCaption([bin(0.8, 0.79, 20)])).toContain('About as sure as it should be');
  });
});
