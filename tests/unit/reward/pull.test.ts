import { add, matMul, memory, mul, reshape, scalar, sub, tensor1d, tensor2d, tidy, variable, variableGrads, type Tensor1D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { batchLoss, rowsOf } from '../../../src/reward/batchLoss';
import { disputesOf, hardestPulls } from '../../../src/reward/dispute';
import { targetsOf, type Target } from '../../../src/reward/kinds';
import type { Part } from '../../../src/reward/minibatches';
import type { Preference } from '../../../src/reward/preference';
import { Pulls } from '../../../src/reward/pull';
import { startBackend } from '../../../src/tensor/backend';
import { WASM_FOLDER } from '../tensor/wasmFolder';

beforeAll(async () => {
  await startBackend({ prefer: 'wasm', wasmFolder: WASM_FOLDER });
});

const SETTINGS = { ties: 'soft', bothBad: 'tie', margin: 0, centring: 0 } as const;
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

type Example = Target & { place: number };

/** Pulls of one step at learning rate 1, where each text has the score that stands in its judgement's row. */
async function pullsOf(parts: Part<Example>[], scores: number[][], zero = 0): Promise<number[]> {
  const rows = rowsOf(parts);
  const pulls = new Pulls(scores.length, rows.length);
  const { value, grads } = tidy(() => {
    const given = tensor1d(rows.map(({ example, text }) => scores[example.place][text] ?? 0));
    return variableGrads(() => batchLoss(add(given, pulls.probe), parts, SETTINGS, { zero: scalar(zero) }), [pulls.probe]);
  });
  pulls.add(parts, await grads[pulls.probe.name].data(), 1);
  value.dispose();
  grads[pulls.probe.name].dispose();
  pulls.dispose();
  return [...pulls.result()];
}

const placed = (targets: Target[]): Example[] => targets.map((target, place) => ({ ...target, place }));

describe('the pull of a judgement in one step', () => {
  it('is what the loss of its kind would change by if its scores moved', async () => {
    const before = memory().numTensors;
    const [sure, wrong, tie, rating, thumb, ranking] = placed([
      { kind: 'pair', target: { label: 1, strength: 0, bothBad: 0 } },
      { kind: 'pair', target: { label: 0, strength: 0, bothBad: 0 } },
      { kind: 'pair', target: { label: 0.5, strength: 0, bothBad: 0 } },
      { kind: 'rating', target: 1.5 },
      { kind: 'thumb', target: 0 },
      { kind: 'ranking', target: { groups: [[2], [0], [1]] } },
    ]);
    const scores = [[3, 0], [2, 0], [1, 0], [-0.5], [1], [0.2, 0.4, -0.6]];
    const parts: Part<Example>[] = [
      { kind: 'pair', filled: [sure, wrong, tie, sure], counted: 3, texts: 2 },
      { kind: 'rating', filled: [rating], counted: 1, texts: 1 },
      { kind: 'thumb', filled: [thumb], counted: 1, texts: 1 },
      { kind: 'ranking', filled: [ranking], counted: 1, texts: 3 },
    ];
    const pulls = await pullsOf(parts, scores, 0.25);
    // Plackett and Luce: the chance of each to be chosen among those that are left, less whether it was.
    const powers = scores[5].map(Math.exp);
    const [first, then] = [powers[0] + powers[1] + powers[2], powers[0] + powers[1]];
    const ofRanking = [powers[0] / first + powers[0] / then - 1, powers[1] / first + powers[1] / then, powers[2] / first - 1];
    const expected = [
      2 * (1 - sigmoid(3)),
      2 * sigmoid(2),
      2 * (sigmoid(1) - 0.5),
      2 * 2,
      sigmoid(1 - 0.25),
      ofRanking.reduce((sum, slope) => sum + Math.abs(slope), 0),
    ];
    // Six judgements count; the pair that only fills the step adds nothing to its pull.
    pulls.forEach((pull, i) => expect(pull).toBeCloseTo(expected[i] / 6, 6));
    expect(memory().numTensors).toBe(before);
  });

  it('of a text that a shorter ranking does not have is nothing', async () => {
    const [long, short] = placed([
      { kind: 'ranking', target: { groups: [[0], [1], [2]] } },
      { kind: 'ranking', target: { groups: [[0], [1]] } },
    ]);
    const pulls = await pullsOf([{ kind: 'ranking', filled: [long, short], counted: 2, texts: 3 }], [[0, 0, 0], [1, 0, 99]]);
    expect(pulls[1]).toBeCloseTo(1 - sigmoid(1), 6);
  });
});

/**
 * A linear scorer r = w·x fitted by gradient descent, all judgements in every
 * step; of each text x is given.
 */
async function fitLinear(preferences: Preference[], features: Record<string, number[]>, { start, steps, rate }: { start: number[]; steps: number; rate: number }) {
  const examples = placed(targetsOf(preferences));
  const parts: Part<Example>[] = [{ kind: 'pair', filled: examples, counted: examples.length, texts: 2 }];
  const rows = rowsOf(parts).map(({ example, text }) => features[preferences[example.place].responses[text]]);
  const pulls = new Pulls(examples.length, rows.length);
  const w = variable(tensor2d(start, [start.length, 1]));
  for (let step = 0; step < steps; step++) {
    const { grads } = tidy(() => variableGrads(() => batchLoss(add(reshape(matMul(tensor2d(rows), w), [-1]) as Tensor1D, pulls.probe), parts, SETTINGS, {}), [w, pulls.probe]));
    pulls.add(parts, await grads[pulls.probe.name].data(), rate);
    w.assign(tidy(() => sub(w, mul(rate, grads[w.name]))));
  }
  const weights = [...(await w.data())];
  const scoreOf = (text: string) => features[text].reduce((sum, x, i) => sum + x * weights[i], 0);
  const scored = preferences.map((pair) => ({ pair: { ...pair, responses: pair.responses as [string, string], verdict: pair.verdict as 'first' }, scores: [scoreOf(pair.responses[0]), scoreOf(pair.responses[1])] as [number, number], lengths: [1, 1] as [number, number] }));
  return { weights, pulls: [...pulls.result()], learned: { judged: preferences, scored } };
}

const pair = (comparisonId: string, responses: [string, string], verdict: 'first' | 'second' = 'first'): Preference => ({ comparisonId, prompt: 'p', responses, swapped: false, verdict });

describe('a linear scorer', () => {
  const TEXTS = { a: [1, 0], b: [0, 0], c: [0, 1] };
  const ten = Array.from({ length: 10 }, (_, i) => pair(`same ${i}`, ['a', 'b']));

  it('goes on contradicting the one that contradicts ten, and is pulled hardest by it', async () => {
    const judged = [...ten, pair('dissent', ['a', 'b'], 'second')];
    // Bradley and Terry's likelihood of ten to one is highest at log 10, where nothing moves any more.
    const { weights, pulls, learned } = await fitLinear(judged, TEXTS, { start: [Math.log(10), 0], steps: 5, rate: 0.5 });
    expect(weights[0]).toBeCloseTo(Math.log(10), 5);
    expect(disputesOf(learned, { judged: [], scored: [] })).toMatchObject({ learned: { ordered: 11, against: 1 }, worst: [{ comparisonId: 'dissent', order: { chance: expect.closeTo(1 / 11, 5) } }] });
    // 10/11 against 1/11 of each of the ten, of which the mean is 20/121.
    const [hardest, next] = hardestPulls(learned, pulls);
    expect(hardest).toMatchObject({ comparisonId: 'dissent', pull: expect.closeTo(5.5, 4) });
    expect(next.pull).toBeCloseTo(0.55, 4);
  });

  it('is pulled harder by one that stands alone than by each of ten that say the same', async () => {
    const [rate, steps] = [0.8, 60];
    const { pulls, weights } = await fitLinear([...ten, pair('alone', ['c', 'b'])], TEXTS, { start: [0, 0], steps, rate });
    // Each weight for itself: the gradient of log σ(w), ten times or once, of eleven.
    const alone = (times: number) => {
      let [w, pull] = [0, 0];
      for (let step = 0; step < steps; step++) {
        pull += (rate * 2 * sigmoid(-w)) / 11;
        w += (rate * times * sigmoid(-w)) / 11;
      }
      return { w, pull };
    };
    expect(weights[0]).toBeCloseTo(alone(10).w, 4);
    expect(weights[1]).toBeCloseTo(alone(1).w, 4);
    for (const pull of pulls.slice(0, 10)) expect(pull).toBeCloseTo(alone(10).pull, 4);
    expect(pulls[10]).toBeCloseTo(alone(1).pull, 4);
    expect(pulls[10]).toBeGreaterThan(2 * pulls[0]);
  });
});
