import { describe, expect, it } from 'vitest';
import { EXPERIMENTS, experimentByName } from '../../../src/experiments';
import { Workbench, type Send } from '../../../src/experiments/workbench';
import { readPpoSettings } from '../../../src/lab/ppoSchema';
import { readRewardSettings } from '../../../src/lab/rewardJob';
import type { Evaluation, PpoSettings, RewardSettings } from '../../../src/lab/protocol';
import { HELD_OUT_PROMPTS } from '../../../src/text/prompts';

/*
 * Whole experiments take minutes to hours on a real lab (npm run experiment);
 * here each is asked what it would do, and its figure and table are made of
 * numbers that a lab could have answered. That the steps themselves work is
 * workbench.test.ts's business.
 */

const interval = (mean: number) => ({ mean, std: 1, low: mean - 0.1, high: mean + 0.1, n: 256 });

/** Answers as a lab would, and reads all settings as the lab does. */
function answering(seed: number): Send {
  let ids = 0;
  const evaluation: Evaluation = {
    samples: 256,
    gold: { base: interval(0), tuned: interval(1 + 0.1 * seed) },
    reward: { base: interval(0), tuned: interval(2) },
    kl: 6 + seed,
    distinct2: { base: 0.6, tuned: 0.5 },
    referenceNll: { base: 2, tuned: 3 },
  };
  const answers: Record<string, (args: never) => unknown> = {
    createDataset: () => ({ datasetId: `d${ids++}` }),
    sampleComparisons: () => ({ added: 1 }),
    labelWithRule: () => ({ judged: 1, temperature: 0.2, ceiling: 0.875 }),
    trainReward: ({ settings }: { settings: RewardSettings }) => {
      readRewardSettings(settings);
      return { modelId: `r${ids++}`, report: { accuracy: { value: 0.7, low: 0.6, high: 0.8, n: 100 }, ceiling: 0.875, trainPairs: 800 } };
    },
    learningCurve: ({ fractions }: { fractions: number[] }) => ({ points: fractions.map((fraction) => ({ labels: Math.round(800 * fraction), accuracy: { value: 0.5 + 0.2 * fraction, low: 0, high: 1, n: 100 }, logLoss: 0.6 })) }),
    tuneOnPreferences: () => ({ modelId: `m${ids++}` }),
    keepPolicy: () => ({ modelId: `m${ids++}` }),
    createRun: ({ settings }: { settings: PpoSettings }) => {
      readPpoSettings(settings);
      return { runId: `run${ids++}`, leftOut: 0 };
    },
    play: () => ({ run: { status: 'finished', reward: { weights: { model: 0, length: 0, rule: 1 }, rule: 'chars', coefficients: { model: 0, length: 0, rule: 0.5, constant: -1 } } } }),
    history: () => ({
      run: { status: 'ready' },
      metrics: Array.from({ length: 8 }, (_, i) => ({ iteration: i + 1, metrics: { 'objective/kl': i * i, 'objective/score_mean': 0.4 * i, gold: 3 + 0.2 * i, 'objective/kl_coef': 0.1, distinct_2: 0.6, length_mean: 20, 'objective/kl_k2': i, 'objective/kl_k3': i, 'objective/score_disagreement': 0.3, 'policy/first_minibatch_max_ratio_error': 0, 'policy/rollout_logprob_error': 0 } })),
    }),
    evaluate: () => evaluation,
    scoreSamples: () => ({ rows: HELD_OUT_PROMPTS.flatMap((prompt, p) => Array.from({ length: 32 }, (_, i) => ({ prompt, response: '', score: Math.sin(i + p), gold: Math.cos(i * p), kl: 0 }))) }),
    nextTokens: ({ prompts }: { prompts: string[] }) => ({ texts: ['', 'a', 'long'], probabilities: prompts.map(() => [0.5, 0.3, 0.2]) }),
  };
  return async (type, args) => (answers[type] as (args: unknown) => never)(args);
}

const numbersOf = (value: unknown): number[] => (typeof value === 'number' ? [value] : typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersOf) : []);

describe('the experiments', () => {
  it('have names of their own, a question, and something to expect', () => {
    expect(new Set(EXPERIMENTS.map(({ name }) => name)).size).toBe(EXPERIMENTS.length);
    for (const { name, question, expectation } of EXPERIMENTS) {
      expect(name).toMatch(/^[a-z-]+$/);
      expect(question).toMatch(/\?/);
      expect(expectation.length).toBeGreaterThan(40);
      expect(experimentByName(name).name).toBe(name);
    }
    expect(() => experimentByName('no such')).toThrow(/There are: hacking/);
  });

  it.each(EXPERIMENTS.map((experiment) => [experiment.name, experiment] as const))('%s asks for what the lab allows, and draws all of it', async (_, experiment) => {
    const outcomes: unknown[] = [];
    for (const seed of [1, 2, 3]) {
      const send = answering(seed);
      const memory = new Map<string, unknown>();
      outcomes.push(await experiment.measure(new Workbench(send, { get: (key) => memory.get(key), put: (key, value) => void memory.set(key, value) }, { modelId: 'm', width: 64, rule: 'long-words' }), seed));
    }
    for (const seen of [outcomes.slice(0, 1), outcomes]) {
      const { panels } = experiment.figure(JSON.parse(JSON.stringify(seen)));
      expect(panels.length).toBeGreaterThan(0);
      for (const panel of panels) {
        expect(panel.series.flatMap(({ points }) => points).length, panel.title).toBeGreaterThan(0);
        for (const number of numbersOf(panel)) expect(Number.isFinite(number), panel.title).toBe(true);
      }
      const { columns, rows } = experiment.table(JSON.parse(JSON.stringify(seen)));
      expect(rows.length).toBeGreaterThan(0);
      for (const row of rows) {
        expect(row).toHaveLength(columns.length);
        expect(row.join(' ')).not.toMatch(/NaN|undefined|Infinity/);
      }
    }
  });
});
