import { describe, expect, it } from 'vitest';
import { lossCurves } from '../../../src/app/charts/curves';
import { examplesReading } from '../../../src/app/library/examplesReading';
import { judgesOfTuning, madeBy } from '../../../src/app/library/madeBy';
import { directReading } from '../../../src/app/optimise/directReading';
import { DPO_FIELDS } from '../../../src/app/settings/dpoFields';
import { faultOf, fieldsShown, valueAt } from '../../../src/app/settings/fields';
import { SFT_FIELDS } from '../../../src/app/settings/sftFields';
import { DPO_DEFAULTS, SFT_DEFAULTS, type DpoModelReport, type SftModelReport } from '../../../src/lab/protocol';

const DIRECT: DpoModelReport = {
  by: 'preferences',
  trainPairs: 80,
  heldOutPairs: 20,
  simulatedPairs: 104,
  ties: 3,
  leftOut: 1,
  lossCurve: [],
  heldOutCurve: [{ step: 0, loss: 0.69 }, { step: 4, loss: 0.6 }, { step: 8, loss: 0.55 }],
  heldOutLoss: 0.55,
  accuracy: { value: 0.8, low: 0.6, high: 0.92, n: 20 },
  meanMargin: 0.4,
  kl: { mean: 2.5, standardError: 0.5, samples: 64 },
  seconds: 1,
  settings: DPO_DEFAULTS,
};

const SHOWN: SftModelReport = {
  by: 'examples',
  source: 'tales.txt',
  trainExamples: 9,
  heldOutExamples: 1,
  leftOut: 0,
  trainTokens: 900,
  lossCurve: [],
  heldOutCurve: [{ step: 0, loss: 3 }, { step: 6, loss: 2 }],
  seconds: 1,
  settings: SFT_DEFAULTS,
};

describe('what tuning on judgements came to', () => {
  it('says what it learned from, what was left out, how well it judges, and how far it moved', () => {
    const text = directReading(DIRECT);
    for (const part of ['80 pairs', '3 pairs without a preferred text were left out', '1 pair is longer', '80 % of the time', '60 % to 92 %', '2.5 nats', '64 texts']) expect(text).toContain(part);
    expect(text).not.toMatch(/guessing|by heart/);
  });

  it('calls an interval with one half in it guessing, and a rising held-out loss learning by heart', () => {
    expect(directReading({ ...DIRECT, accuracy: { value: 0.6, low: 0.4, high: 0.78, n: 20 } })).toContain('mere guessing');
    expect(directReading({ ...DIRECT, heldOutCurve: [{ step: 0, loss: 0.69 }, { step: 8, loss: 0.9 }] })).toContain('by heart');
    expect(directReading({ ...DIRECT, heldOutCurve: [{ step: 0, loss: 0.69 }, { step: 4, loss: 0.5 }, { step: 8, loss: 0.6 }] })).toContain('best after step 4');
    expect(directReading({ ...DIRECT, accuracy: null, meanMargin: null, heldOutCurve: [] })).toContain('Nothing was held out');
  });
});

describe('what training on examples came to', () => {
  it('says whether it finds such texts likelier on what it never saw', () => {
    expect(examplesReading(SHOWN)).toContain('from 3.00 to 2.00 nats a token: it finds such texts likelier');
    expect(examplesReading({ ...SHOWN, heldOutCurve: [{ step: 0, loss: 2 }, { step: 6, loss: 3 }] })).toContain('by heart');
    expect(examplesReading({ ...SHOWN, heldOutCurve: [{ step: 0, loss: 3 }, { step: 3, loss: 1.5 }, { step: 6, loss: 2 }] })).toContain('fewer epochs would have done better');
    expect(examplesReading({ ...SHOWN, heldOutCurve: [] })).toContain('Nothing was held out');
  });
});

it('a model says how it was made, and who judged', () => {
  expect(madeBy({ report: DIRECT })).toBe('tuned on 100 judgements directly (DPO, β 0.1, seed 1)');
  expect(madeBy({ report: SHOWN })).toBe('trained on 10 examples of “tales.txt” (3 epochs, seed 1)');
  expect(judgesOfTuning({ report: DIRECT })).toEqual({ simulated: 104, all: 104 });
  expect(judgesOfTuning({ report: SHOWN })).toBeNull();
});

it('held-out losses are joined between their measurements, beside those of training', () => {
  const names = { train: 'preferences/lossCurve', heldOut: 'preferences/heldOutCurve' } as const;
  const { x, panel } = lossCurves([0, 1, 2, 3].map((step) => ({ step, loss: 4 - step })), [{ step: 0, loss: 4 }, { step: 2, loss: 3 }, { step: 4, loss: 1 }], { about: '', names });
  expect(x).toEqual([0, 1, 2, 3, 4]);
  expect(panel.lines.map(({ values }) => values)).toEqual([[4, 3, 2, 1, null], [4, 3.5, 3, 2, 1]]);
  expect(lossCurves([{ step: 0, loss: 1 }], [], { about: '', names }).panel.lines).toHaveLength(1);
});

it('every default can be entered in its form', () => {
  for (const field of fieldsShown(DPO_FIELDS, DPO_DEFAULTS)) expect(faultOf(field, valueAt(DPO_DEFAULTS, field.path)), field.path).toBeNull();
  for (const field of fieldsShown(SFT_FIELDS, SFT_DEFAULTS)) expect(faultOf(field, valueAt(SFT_DEFAULTS, field.path)), field.path).toBeNull();
});
