import { describe, expect, it, test } from 'vitest';
import { calibrationCaption } from '../../../src/app/charts/calibration';
import { columnsOf } from '../../../src/app/charts/plot';
import { learningCurvePanel } from '../../../src/app/reward/learningCurvePanel';
import { accuracyReading, chosenReading, ensembleReading, judgesOf, learningCurveReading, leftOutReading, lengthControlReading, lengthReading, membersReading, normalShare, scoreReading, selfAgreementReading, sideReading } from '../../../src/app/reward/reading';
import { proportion } from '../../../src/feedback/proportion';
import type { LearningCurve, RewardReport } from '../../../src/lab/protocol';

const REPORT: RewardReport = {
  trainPairs: 400, heldOutPairs: 100, leftOut: 0, accuracy: { value: 0.78, low: 0.69, high: 0.85, n: 100 }, logLoss: 0.5, brier: 0.17, calibrationError: 0.04,
  calibration: [], meanMargin: 1.1, lengthCorrelation: 0.05, accuracyByLength: [], leftSide: null, ceiling: null, lossCurve: [], gain: 1, bias: 0, seconds: 60,
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

test('what was chosen because it is hard is no silent part of the test', () => {
  expect(chosenReading(REPORT)).toBeNull();
  expect(chosenReading({ ...REPORT, chosen: { setAside: 1 } })).toBe('1 more judgement of these prompts was asked for because models were unsure of it, and has no part in the test, to keep it fair.');
  expect(chosenReading({ ...REPORT, chosen: { tested: true } })).toContain('the true figure is probably higher');
});

describe('the labeler’s agreement with itself in words', () => {
  it('stands against the accuracy', () => {
    expect(selfAgreementReading({ ...REPORT, selfAgreement: { expected: 0.81 } })).toBe(
      'Asked about these pairs twice, the simulated labeler would agree with itself 81 % of the time; the model agrees with the labeler 78 % of the time.',
    );
    expect(selfAgreementReading({ ...REPORT, selfAgreement: { counted: { value: 0.7, low: 0.4, high: 0.89, n: 10 } } })).toContain('about 10 pairs, people agreed with themselves 70 % of the time (40 % to 89 %)');
  });

  it('is not known yet where nobody judged twice, and not spoken of where the report is older than the question', () => {
    expect(selfAgreementReading({ ...REPORT, selfAgreement: null })).toContain('not known yet: nobody was asked about a pair twice');
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

describe('an ensemble in words', () => {
  it('names its members’ accuracies and how far they are apart; a single model has none', () => {
    expect(ensembleReading(REPORT)).toBeNull();
    const members = [0.7, 0.75].map((value) => ({ accuracy: proportion(100 * value, 100), logLoss: 0.5 }));
    expect(ensembleReading({ ...REPORT, ensemble: { members, disagreement: 0.42 } })).toBe(
      'It is 2 models, and the figures are those of their mean. One by one they reach 70 %, 75 %. On the base model’s texts their rewards are 0.42 apart, where the rewards’ own spread is 1.',
    );
  });

  it('says what its members make of one text', () => {
    expect(membersReading([-1, 2, 2])).toBe('Its 3 members give it −1.00 to 2.00, and disagree by 1.41.');
  });
});

describe('length control in words', () => {
  it('says what length was worth, and what leaving it out changed', () => {
    expect(lengthControlReading(REPORT)).toBeNull();
    const reading = lengthControlReading({ ...REPORT, lengthControl: { gamma: Math.log(3), deviation: 6, correlationWith: 0.6 } });
    expect(reading).toContain('longer by 6.00 tokens gains, for that alone, odds of 3.00 to 1');
    expect(reading).toContain('at r = 0.60; without it, at 0.050.');
    expect(lengthControlReading({ ...REPORT, lengthControl: { gamma: -1, deviation: 6, correlationWith: null } })).toContain('shorter by');
    expect(lengthControlReading({ ...REPORT, lengthControl: { gamma: 0.01, deviation: 6, correlationWith: 0 } })).toContain('hardly counts');
  });
});

describe('a learning curve', () => {
  const curve = (before: number, now: number, n: number, ceiling: number | null = null): LearningCurve => ({
    points: [[200, before], [400, now]].map(([labels, value]) => ({ labels, accuracy: proportion(n * value, n), logLoss: 0.6 })),
    heldOutPairs: n, ceiling, selfAgreement: null,
  });

  it('says that more labels would help only where the last ones clearly did', () => {
    expect(learningCurveReading(curve(0.6, 0.75, 400))).toBe('With 200 labels it is right 60 % of the time, with 400 75 %: it is still rising, so more labels would probably help.');
    expect(learningCurveReading(curve(0.6, 0.75, 20))).toContain('may help, but this does not show it');
    expect(learningCurveReading(curve(0.7, 0.68, 100))).toContain('brought nothing that could be seen');
    expect(learningCurveReading(curve(0.85, 0.86, 400, 0.875))).toContain('as good as the labeler’s noise allows (88 %)');
    expect(learningCurveReading({ ...curve(0.6, 0.7, 100), points: [{ labels: 1, accuracy: null, logLoss: null }] })).toContain('too few');
  });

  it('is drawn with the Wilson interval itself, against the ceiling or what the labeler agrees with itself', () => {
    const panel = learningCurvePanel(curve(0.6, 0.75, 20, 0.875));
    const [low, high] = [0.6, 0.75].map((value) => proportion(20 * value, 20)!);
    expect(columnsOf(panel, [200, 400])).toEqual([[200, 400], [0.6, 0.75], [low.low, high.low], [low.high, high.high]]);
    expect(panel.target).toEqual({ value: 0.875, label: 'ceiling' });
    expect(learningCurvePanel({ ...curve(0.6, 0.7, 20), selfAgreement: { expected: 0.8 } }).target?.value).toBe(0.8);
    expect(learningCurvePanel(curve(0.6, 0.7, 20)).target).toBeUndefined();
  });
});
