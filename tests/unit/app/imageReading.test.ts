import { describe, expect, it, test } from 'vitest';
import { imageAccuracyReading, lessonReading, orderReading, unusedReading } from '../../../src/app/reward/imageReading';
import { proportion } from '../../../src/feedback/proportion';
import type { ImageRewardReport } from '../../../src/lab/protocol';

const REPORT: ImageRewardReport = {
  trainPairs: 300, heldOutPairs: 100, leftOut: 0, mixed: 0, simulatedPairs: 0, accuracy: proportion(90, 100), logLoss: 0.3, brier: 0.1, calibrationError: 0.04,
  calibration: [], meanMargin: 1.1, leftSide: null, ceiling: null, lossCurve: [], gain: 1, bias: 0, seconds: 60,
};

test('what there is to learn from, and what remains to be scored', () => {
  expect(lessonReading({ judgements: 48, judged: 30, pictures: 30 })).toBe('It will learn from 48 judgements of 30 pictures.');
  expect(lessonReading({ judgements: 48, judged: 30, pictures: 1234 })).toContain('The other 1,204 pictures, which nobody has judged,');
  expect(lessonReading({ judgements: 1, judged: 2, pictures: 3 })).toBe('It will learn from 1 judgement of 2 pictures. The other one, which nobody has judged, it can score afterwards.');
});

describe('accuracy on pictures in words', () => {
  const of = (right: number, n: number, more: Partial<ImageRewardReport> = {}) => imageAccuracyReading({ ...REPORT, accuracy: proportion(right, n), heldOutPairs: n, ...more });

  it('stands against a coin', () => {
    expect(of(90, 100)).toBe('On 100 pairs of pictures that it never saw, it prefers the picture that the judgement preferred 90 % of the time. A coin reaches 50 %.');
    expect(of(52, 100)).toContain('mere guessing');
    expect(of(20, 100)).toContain('the opposite of what was asked');
  });

  it('gives the interval where few pairs leave it wide', () => {
    // Wilson 1927 for 4 of 5 at z = 1.96: 0.376 to 0.964.
    expect(of(4, 5)).toContain('between 38 % and 96 %');
  });

  it('does not sell simulated judgements as a person’s taste', () => {
    expect(of(90, 100, { simulatedPairs: 40 })).toContain('40 are simulated: this is not how well it knows a person’s taste');
  });

  it('admits that there is nothing to go by', () => {
    expect(imageAccuracyReading({ ...REPORT, heldOutPairs: 0, accuracy: null })).toContain('No judgement was left to try it on');
    expect(imageAccuracyReading({ ...REPORT, heldOutPairs: 3, accuracy: null })).toContain('no accuracy to give');
  });
});

test('judgements that were used for nothing are counted, where there are any', () => {
  expect(unusedReading({ mixed: 0, leftOut: 0 })).toBeNull();
  expect(unusedReading({ mixed: 12, leftOut: 0 })).toBe('12 judgements compare a picture that it learned from with one that it did not; they were used for neither.');
  expect(unusedReading({ mixed: 1, leftOut: 2 })).toBe(
    '1 judgement compares a picture that it learned from with one that it did not; it was used for neither. 2 judgements speak of something that is not a picture and were left out.',
  );
});

test('the order says how much of it is a guess', () => {
  expect(orderReading(30, 0)).toMatch(/^30 pictures, the best first\. .* All of them are judged\.$/);
  expect(orderReading(30, 1)).toContain('One is not judged');
  expect(orderReading(3000, 1200)).toContain('1,200 pictures are not judged: there the score is its guess alone.');
});
