import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CRITIC_TERMS, criticReading, DIRECT_TERMS, directReading } from '../../../src/app/optimise/directReading';
import { EVALUATION_TERMS, evaluationReading, WIN_TERMS, winReading } from '../../../src/app/compare/reading';
import { definitionOf } from '../../../src/app/controls/definitions';
import { explainedParts, type Terms } from '../../../src/app/controls/explainedParts';
import { GLOSSARY } from '../../../src/app/controls/glossary';
import { MEASURES } from '../../../src/app/controls/measureGlossary';
import { METRICS } from '../../../src/app/controls/metricGlossary';
import { conflictsReading, consistencyReading, firstListedReading, goldReading, leftReading, longerReading, QUALITY_TERMS, runReading, timesReading, unreadReading } from '../../../src/app/collect/qualityReading';
import { EXAMPLES_TERMS, examplesReading } from '../../../src/app/library/examplesReading';
import { NARRATION_TERMS, narrate } from '../../../src/app/optimise/narration';
import { mainPanels, morePanels } from '../../../src/app/optimise/panels';
import { DISPUTE_TERMS } from '../../../src/app/reward/disputeReading';
import { IMAGE_TERMS, imageAccuracyReading, orderReading } from '../../../src/app/reward/imageReading';
import { certaintyReading, lengthReading, REPORT_TERMS } from '../../../src/app/reward/reading';
import { TWO_WAYS_TERMS, twoWaysReading } from '../../../src/app/reward/twoWaysReading';
import { WAY_TERMS, wayReading } from '../../../src/app/reward/ways';
import { DPO_DEFAULTS, ILQL_DEFAULTS, LEAN, REWARD_DEFAULTS, SFT_DEFAULTS, type Evaluation, type ImageRewardReport, type RewardReport } from '../../../src/lab/protocol';
import { METRIC_NAMES } from '../../../src/rl/metrics';

const everyTerms: Record<string, Terms> = { NARRATION_TERMS, EVALUATION_TERMS, WIN_TERMS, REPORT_TERMS, IMAGE_TERMS, DISPUTE_TERMS, TWO_WAYS_TERMS, WAY_TERMS, DIRECT_TERMS, CRITIC_TERMS, EXAMPLES_TERMS, QUALITY_TERMS };

describe('every name of a measured number', () => {
  it('that an iteration can have is defined in words, by a formula and with a source', () => {
    for (const name of METRIC_NAMES) expect(METRICS[name], name).toBeDefined();
    expect(Object.keys(METRICS).sort()).toEqual([...METRIC_NAMES].sort());
  });

  it('has words that end as a sentence does, a formula, and a source whose files are there', () => {
    for (const [name, { title, about, formula, source }] of Object.entries({ ...METRICS, ...MEASURES })) {
      expect(title, name).not.toBe('');
      expect(about, name).toMatch(/\S.*[.?]$/);
      expect(formula, name).toMatch(/\S/);
      expect(source, name).toMatch(/\b(19|20)\d\d\b|src\//);
      for (const [file] of source.matchAll(/src\/[\w/.]+/g)) expect(existsSync(file), `${name}: ${file}`).toBe(true);
    }
  });

  it('is not the name of something else', () => {
    const names = [METRICS, MEASURES, GLOSSARY].flatMap((list) => Object.keys(list));
    expect(new Set(names).size).toBe(names.length);
  });

  it('stands in a chart with its definition', () => {
    const history = [{ metrics: Object.fromEntries(METRIC_NAMES.map((name) => [name, 1])) }];
    const lines = [...mainPanels(history, LEAN), ...morePanels(history).flatMap(({ panels }) => panels)].flatMap(({ lines }) => lines);
    expect(new Set(lines.map(({ of }) => of))).toEqual(new Set(METRIC_NAMES));
  });

  it('of the three estimates of the KL shares one panel', () => {
    const history = [{ metrics: { 'objective/kl': 1, 'objective/kl_k2': 2, 'objective/kl_k3': 3 } }];
    const panels = morePanels(history).flatMap(({ panels }) => panels);
    expect(panels.map(({ lines }) => lines.map(({ label, of, values }) => [label, of, values[0]]))).toContainEqual([
      ['k1', 'objective/kl', 1],
      ['k3', 'objective/kl_k3', 3],
      ['k2', 'objective/kl_k2', 2],
    ]);
  });
});

describe('a sentence', () => {
  it('is the same in parts, each named thing explained once', () => {
    const sentence = 'The reward model is pleased; the reward rose by 2 nats, and the reward is not all.';
    const parts = explainedParts(sentence, { 'the reward': 'reward', 'the reward model': 'reward model', nat: 'nat' });
    expect(parts.map(({ text }) => text).join('')).toBe(sentence);
    // “nats” is another word than “nat”.
    expect(parts.filter(({ of }) => of)).toEqual([{ text: 'The reward model', of: 'reward model' }, { text: 'the reward', of: 'reward' }]);
  });

  it('is found by phrases in lower case that lead to a definition', () => {
    for (const [list, terms] of Object.entries(everyTerms))
      for (const [phrase, of] of Object.entries(terms)) {
        expect(phrase, list).toBe(phrase.toLowerCase());
        expect(definitionOf(of).about, `${list}: ${phrase}`).toMatch(/\S/);
      }
  });

  it('explains the numbers that it gives', () => {
    const explained = (sentences: readonly string[], terms: Terms) => sentences.flatMap((sentence) => explainedParts(sentence, terms).flatMap(({ of }) => of ?? []));
    const { headline, details } = narrate({ status: 'running', settings: LEAN, history: Array.from({ length: 8 }, (_, i) => ({ 'objective/kl': 7 + i, 'objective/kl_coef': 0.2 + i, 'objective/score_mean': i, 'policy/skipped_minibatches': 2 })) });
    expect(explained([headline, ...details], NARRATION_TERMS)).toEqual(expect.arrayContaining(['objective/kl', 'objective/score_mean', 'objective/kl_coef', 'policy/skipped_minibatches']));

    const report = { logLoss: 0.5, brier: 0.2, calibrationError: 0.04, meanMargin: 1.1 } as RewardReport;
    expect(explained([certaintyReading(report)!, lengthReading(0.3)], REPORT_TERMS)).toEqual(['reward/logLoss', 'reward/brier', 'reward/calibrationError', 'reward/meanMargin', 'reward/lengthCorrelation']);

    const share = { value: 0.6, low: 0.5, high: 0.7, n: 100 };
    const images = { accuracy: share, heldOutPairs: 100 } as ImageRewardReport;
    expect(explained([imageAccuracyReading(images), orderReading(9, 3)], IMAGE_TERMS)).toEqual(['images/accuracy', 'images/score']);

    const two = twoWaysReading({ heldOutPairs: 100, accuracy: null, agreement: share, disputed: share, correlation: 0.5, texts: [], disagreements: [] }, 'A', 'B');
    const ways = [wayReading(REWARD_DEFAULTS), ...(['bradley-terry', 'plackett-luce', 'elo'] as const).map((ranking) => wayReading({ ...REWARD_DEFAULTS, pipeline: 'modular', ranking }))];
    expect(new Set(explained(two, TWO_WAYS_TERMS))).toEqual(new Set(Object.values(TWO_WAYS_TERMS)));
    expect(new Set(explained(ways, WAY_TERMS))).toEqual(new Set(Object.values(WAY_TERMS)));

    const at = (mean: number) => ({ mean, std: 1, low: mean - 0.1, high: mean + 0.1, n: 64 });
    const evaluation: Evaluation = { samples: 64, gold: { base: at(0), tuned: at(0) }, reward: { base: at(0), tuned: at(2) }, kl: 5, distinct2: { base: 0.7, tuned: 0.3 }, referenceNll: { base: 2, tuned: 5 } };
    const ofMeasured = explained(evaluationReading(evaluation, 'reward model'), EVALUATION_TERMS);
    const ofBounded = explained(evaluationReading({ ...evaluation, kl: null, klAtMost: 2 }, 'reward model'), EVALUATION_TERMS);
    expect(ofMeasured).not.toContain('evaluation/klAtMost');
    expect(new Set([...ofMeasured, 'evaluation/klAtMost'])).toEqual(new Set(Object.values(EVALUATION_TERMS)));
    expect(new Set(ofBounded)).toEqual(new Set(Object.values(EVALUATION_TERMS)));
    expect(explained([winReading({ value: 0.6, low: 0.5, high: 0.7, n: 100 }, 'You')], WIN_TERMS)).toEqual(['compare/wins', 'interval']);

    const curve = [{ step: 0, loss: 1 }, { step: 9, loss: 2 }];
    const direct = { by: 'preferences' as const, trainPairs: 9, heldOutPairs: 5, simulatedPairs: 0, ties: 0, leftOut: 0, lossCurve: curve, heldOutCurve: curve, heldOutLoss: 2, accuracy: { value: 0.8, low: 0.6, high: 0.9, n: 5 }, meanMargin: 1, kl: { mean: 2, standardError: 0.1, samples: 64 }, seconds: 1, settings: DPO_DEFAULTS };
    expect(new Set(explained([directReading(direct)], DIRECT_TERMS))).toEqual(new Set(Object.values(DIRECT_TERMS)));
    const critic = { by: 'values' as const, trainTexts: 9, heldOutTexts: 5, simulatedTexts: 0, leftOut: 0, lossCurve: curve, heldOutCurve: curve, heldOutLoss: 2, accuracy: { value: 0.8, low: 0.6, high: 0.9, n: 5 }, kl: { mean: 2, standardError: 0.1, samples: 64 }, seconds: 1, settings: ILQL_DEFAULTS };
    expect(new Set(explained([criticReading(critic)], CRITIC_TERMS))).toEqual(new Set(Object.values(CRITIC_TERMS)));
    const examples = { by: 'examples' as const, source: 'a', trainExamples: 5, heldOutExamples: 2, leftOut: 0, trainTokens: 9, lossCurve: curve, heldOutCurve: curve, seconds: 1, settings: SFT_DEFAULTS };
    expect(explained([examplesReading(examples)], EXAMPLES_TERMS)).toEqual(['examples/heldOutCurve']);

    const lean = { share, p: 0.06 };
    const times = { n: 9, median: 4, quarter: 3, threeQuarters: 5, slowest: { elapsed: 6, comparisonId: 'a' }, reflex: 1, unread: 2, bins: [] };
    const quality = [leftReading(lean), longerReading(lean), firstListedReading(lean)!, runReading({ longest: 5, of: 20, p: 0.3 })!, consistencyReading(share), goldReading({ right: share, misses: [], kappa: { defined: true, value: 0.5, rows: 9 } }), timesReading(times), unreadReading(times)!, conflictsReading(3)];
    expect(new Set(explained(quality, QUALITY_TERMS))).toEqual(new Set(Object.values(QUALITY_TERMS)));
  });
});
