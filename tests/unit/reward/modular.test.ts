import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { targetsOf } from '../../../src/reward/kinds';
import { lessonsOf, rankTexts } from '../../../src/reward/modular';
import type { Preference } from '../../../src/reward/preference';
import { REWARD_DEFAULTS, type RewardSettings } from '../../../src/reward/settings';
import { trainRewardModel } from '../../../src/reward/training';
import { startBackend } from '../../../src/tensor/backend';
import { RandomStream } from '../../../src/tensor/random';
import { WASM_FOLDER } from '../tensor/wasmFolder';
import { byRule, MODEL, pairs, referenceTexts } from './judgedWorld';

beforeAll(async () => {
  await startBackend({ prefer: 'wasm', wasmFolder: WASM_FOLDER });
});

const MODULAR: RewardSettings = { ...REWARD_DEFAULTS, pipeline: 'modular' };

let made = 0;
const judged = (prompt: string, responses: string[], verdict: Preference['verdict']): Preference => ({ comparisonId: `c${made++}`, prompt, responses, swapped: false, verdict });

const swapSides = (pair: Preference): Preference => ({
  ...pair,
  responses: [pair.responses[1], pair.responses[0]],
  verdict: pair.verdict === 'first' ? 'second' : pair.verdict === 'second' ? 'first' : pair.verdict,
  swapped: !pair.swapped,
});

/** Scores by text. */
const scoresOf = (preferences: Preference[], changes: Partial<RewardSettings> = {}) =>
  Object.fromEntries(rankTexts(preferences, { ...MODULAR, ...changes }).map(({ prompt, response, score }) => [`${prompt} ${response}`, score]));

/** Where a falling function is 0, between 0 and 100. */
function zeroOf(f: (x: number) => number): number {
  let [low, high] = [0, 100];
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (f(middle) > 0) low = middle;
    else high = middle;
  }
  return low;
}

/** Of a pair that nothing else is known of, each score is ±s: the slope of log σ(2s) − λs² is 0, that is σ(−2s) = λs. */
const freshScore = (prior: number) => zeroOf((s) => 1 / (1 + Math.exp(2 * s)) - prior * s);

/** Verdicts at random, on few texts of few prompts, so that texts meet again and again. */
function tangled(seed: number): Preference[] {
  const random = new RandomStream(seed);
  return Array.from({ length: 60 }, () => {
    const first = random.integer(5);
    const second = (first + 1 + random.integer(4)) % 5;
    return judged(`p${random.integer(3)}`, [`t${first}`, `t${second}`], (['first', 'second', 'tie', 'both-bad'] as const)[random.integer(4)]);
  });
}

describe('rankTexts', () => {
  it.each([0.01, 1])('puts a pair that nothing else is known of apart by what a prior of %d leaves', (prior) => {
    const s = freshScore(prior);
    const scores = scoresOf([judged('p', ['a', 'b'], 'second'), judged('q', ['a', 'b'], 'tie')], { prior });
    expect(scores['p b']).toBeCloseTo(s, 6);
    expect(scores['p a']).toBeCloseTo(-s, 6);
    expect(scores['q a']).toBeCloseTo(0, 8);
    expect(scores['q b']).toBeCloseTo(0, 8);
  });

  it.each(['bradley-terry', 'plackett-luce', 'elo'] as const)('by %s ranks all prompts at once as each by itself, the middle of each at 0', (ranking) => {
    const all = tangled(1);
    const together = scoresOf(all, { ranking });
    for (const prompt of ['p0', 'p1', 'p2']) {
      const alone = scoresOf(all.filter((one) => one.prompt === prompt), { ranking });
      for (const [text, score] of Object.entries(alone)) expect(together[text], text).toBeCloseTo(score, 5);
      expect(Object.values(alone).reduce((a, b) => a + b)).toBeCloseTo(0, 5);
    }
  });

  it.each(['bradley-terry', 'plackett-luce', 'elo'] as const)('by %s does not care which response is called first', (ranking) => {
    const all = tangled(2);
    const [one, turned] = [scoresOf(all, { ranking }), scoresOf(all.map(swapSides), { ranking })];
    expect(Object.keys(turned).sort()).toEqual(Object.keys(one).sort());
    for (const [text, score] of Object.entries(one)) expect(turned[text], text).toBeCloseTo(score, 6);
  });

  it('finds the same scores of pairs by Plackett–Luce as by Bradley–Terry', () => {
    const all = tangled(3);
    const [one, other] = [scoresOf(all), scoresOf(all, { ranking: 'plackett-luce' })];
    for (const [text, score] of Object.entries(one)) expect(other[text], text).toBeCloseTo(score, 5);
  });

  it('of a whole ranking by Plackett–Luce has no slope left', () => {
    const prior = 0.1;
    const { 'p a': a, 'p b': b, 'p c': c } = scoresOf([judged('p', ['c', 'a', 'b'], { kind: 'ranking', groups: [[1], [2], [0]] })], { ranking: 'plackett-luce', prior });
    // d/ds of s_a − log(e^a + e^b + e^c) + s_b − log(e^b + e^c) − λ/2·Σ s².
    const all = Math.exp(a) + Math.exp(b) + Math.exp(c);
    const rest = Math.exp(b) + Math.exp(c);
    expect(1 - Math.exp(a) / all).toBeCloseTo(prior * a, 6);
    expect(1 - Math.exp(b) / all - Math.exp(b) / rest).toBeCloseTo(prior * b, 6);
    expect(-Math.exp(c) / all - Math.exp(c) / rest).toBeCloseTo(prior * c, 6);
  });

  it('by Elo moves points judgement by judgement, in log-odds', () => {
    const games = [judged('p', ['a', 'b'], 'first'), judged('p', ['c', 'a'], 'second')];
    const points = Math.log(10) / 400;
    // a wins 16 of 32 from b, then expects 1/(1 + 10^(−16/400)) of c and wins the rest.
    const second = 32 * (1 - 1 / (1 + 10 ** (-16 / 400)));
    const scores = scoresOf(games, { ranking: 'elo' });
    expect(scores['p a']).toBeCloseTo((16 + second) * points, 10);
    expect(scores['p b']).toBeCloseTo(-16 * points, 10);
    expect(scores['p c']).toBeCloseTo(-second * points, 10);
    const other = scoresOf(games.slice(0, 1), { ranking: 'elo', elo: { k: 10, base: 3 } });
    expect(other['p a']).toBeCloseTo((5 * Math.log(3)) / 400, 10);
  });

  it('passes over what compares nothing, and counts a text that stands in a ranking twice where it stands first', () => {
    expect(scoresOf([judged('p', ['a', 'a'], 'first'), judged('p', ['b'], { kind: 'thumb', response: 0, up: true })])).toEqual({});
    const groups = [[0], [1], [2]];
    const twice = judged('p', ['a', 'b', 'a'], { kind: 'ranking', groups });
    for (const ranking of ['plackett-luce', 'bradley-terry'] as const) {
      const scores = scoresOf([twice], { ranking });
      expect(Object.keys(scores).sort()).toEqual(['p a', 'p b']);
    }
    expect(scoresOf([twice], { ranking: 'plackett-luce' })['p a']).toBeCloseTo(freshScore(0.01), 6);
    expect(scoresOf([judged('p', ['a', 'a'], { kind: 'ranking', groups: [[0], [1]] })], { ranking: 'plackett-luce' })).toEqual({});
  });

  it('takes the edited text of a rewrite for the better one', () => {
    const scores = scoresOf([judged('p', ['a'], { kind: 'rewrite', response: 0, text: 'b' })], { prior: 0.5 });
    expect(scores['p b']).toBeCloseTo(freshScore(0.5), 6);
  });

  it('asks for a prior that keeps scores finite', () => {
    expect(() => scoresOf([judged('p', ['a', 'b'], 'first')], { prior: 0 })).toThrow(RangeError);
  });
});

describe('lessonsOf', () => {
  const mixed = [
    judged('p', ['a', 'b'], 'first'),
    judged('q', ['a', 'b'], 'tie'),
    judged('p', ['c'], { kind: 'thumb', response: 0, up: true }),
    judged('q', ['d'], { kind: 'rating', response: 0, criterion: 'quality', scale: '1 to 5', value: 4 }),
  ];

  it('leaves judgements alone end to end', () => {
    const { lessons, scale } = lessonsOf(mixed, REWARD_DEFAULTS);
    expect(lessons).toBe(mixed);
    expect(scale).toBeNull();
  });

  it.each<Partial<RewardSettings>>([{}, { prior: 3 }, { ranking: 'plackett-luce' }, { ranking: 'elo' }, { ranking: 'elo', elo: { k: 200, base: 2 } }])(
    'makes the same z-scores of texts that were judged once, whatever ranks them (%o)',
    (changes) => {
      const { lessons, scale } = lessonsOf(mixed, { ...MODULAR, ...changes });
      // Scores s, −s, 0, 0 have a standard deviation of s/√2.
      const targets = targetsOf(lessons);
      expect(targets.map(({ kind }) => kind)).toEqual(['rating', 'rating', 'rating', 'rating', 'thumb', 'rating']);
      expect(lessons.slice(0, 4).map(({ prompt, responses }) => `${prompt} ${responses[0]}`)).toEqual(['p a', 'p b', 'q a', 'q b']);
      [Math.SQRT2, -Math.SQRT2, 0, 0].forEach((z, i) => expect(targets[i].target).toBeCloseTo(z, 5));
      expect(lessons.slice(4)).toEqual(mixed.slice(2));
      expect(scale!.bias).toBeCloseTo(0, 8);
    },
  );

  it('has nothing to scale where nothing was ranked, or all came out alike', () => {
    expect(lessonsOf(mixed.slice(2), MODULAR)).toEqual({ lessons: mixed.slice(2), scale: null });
    expect(lessonsOf(mixed.slice(1, 2), MODULAR).scale).toBeNull();
  });
});

describe('a reward model that learns a ranking', () => {
  const train = (preferences: Preference[], changes: Partial<RewardSettings> = {}) =>
    trainRewardModel({
      model: MODEL,
      preferences,
      referenceTexts: referenceTexts(40),
      settings: { ...MODULAR, learningRate: 6e-3, batchSize: 16, epochs: 4, normalisationSamples: 40, ...changes },
    });

  it('judges pairs that it never saw, the same that are held out end to end', async () => {
    const data = pairs(160, 1, byRule);
    const before = memory().numTensors;
    const { report } = await train(data);
    expect(memory().numTensors).toBe(before);
    expect(report.accuracy!.low).toBeGreaterThan(0.5);
    expect(report.logLoss!).toBeLessThan(Math.LN2);

    const { report: direct } = await train(data, { pipeline: 'end-to-end', epochs: 1 });
    const promptsOf = (ids: readonly string[]) => new Set(data.filter(({ comparisonId }) => ids.includes(comparisonId)).map(({ prompt }) => prompt));
    expect(report.heldOut).toEqual(direct.heldOut);
    expect(report).toMatchObject({ heldOutPairs: 32, trainPairs: 128 });
    expect(report.heldOut).toHaveLength(32);
    const heldOut = promptsOf(report.heldOut!);
    const learned = promptsOf(data.map(({ comparisonId }) => comparisonId).filter((id) => !report.heldOut!.includes(id)));
    expect([...heldOut].filter((prompt) => learned.has(prompt))).toEqual([]);
    // Steps are counted in texts, two of each pair; one fills the last.
    expect(report.lossCurve).toHaveLength(4 * Math.ceil((2 * 128) / 16));
  });

  it('reports in the log-odds of what ranked, and rewards come out alike', async () => {
    const data = pairs(40, 4, byRule);
    const [one, other] = [await train(data, { epochs: 1 }), await train(data, { epochs: 1, ranking: 'elo' })];
    // Every text was judged once, so the z-scores are the same, and the log-odds of a winner are s and 16 points.
    const ratio = freshScore(0.01) / ((16 * Math.log(10)) / 400);
    expect(one.report.meanMargin! / other.report.meanMargin!).toBeCloseTo(ratio, 2);
    expect(one.report.accuracy).toEqual(other.report.accuracy);
    const head = ({ weights }: typeof one) => [...weights.get('score.weight')!.data];
    head(one).forEach((weight, i) => expect(head(other)[i]).toBeCloseTo(weight, 3));
  });

  it('does not care which response was called first', async () => {
    const data = pairs(40, 5, byRule);
    const [one, turned] = [await train(data, { epochs: 1 }), await train(data.map(swapSides), { epochs: 1 })];
    expect(turned.report.accuracy).toEqual(one.report.accuracy);
    expect(turned.report.leftSide).toEqual(one.report.leftSide);
    const head = ({ weights }: typeof one) => [...weights.get('score.weight')!.data];
    head(one).forEach((weight, i) => expect(head(turned)[i]).toBeCloseTo(weight, 3));
  });
});
