import { grad, tensor1d, tensor2d, variable, type Scalar, type Tensor, type Tensor2D, type Variable, mul, reshape, slice } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { LEAN } from '../../../src/rl/settings';
import { minibatchGradients, type Experience, type Policy } from '../../../src/rl/update';
import { startBackend } from '../../../src/tensor/backend';
import { clippedSquaredError } from '../../../src/tensor/clippedSquaredError';
import { clippedSurrogate } from '../../../src/tensor/clippedSurrogate';
import { RandomStream } from '../../../src/tensor/random';
import { WASM_FOLDER } from '../tensor/wasmFolder';

beforeAll(async () => {
  await startBackend({ prefer: 'wasm', wasmFolder: WASM_FOLDER });
});

const [ROWS, T] = [3, 4];
const MASK = [1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 0];
const TOKENS = MASK.reduce((a, b) => a + b);
const random = new RandomStream(4);
const draw = (scale: number) => MASK.map(() => scale * random.normal());
const OLD = draw(1);
// Log-ratios beyond the clip on both sides, and none at its edges, where there is no derivative.
const NEW = OLD.map((old, i) => old + [0.05, 0.4, -0.5, -0.1, 0.6, -0.3, 2, -2, 0.1, 0.3, -0.9, 1][i]);
const ADVANTAGES = draw(1.5);
const OLD_VALUES = draw(1);
const VALUES = OLD_VALUES.map((old, i) => old + [0.1, -0.1, 0.5, -0.6, 0.05, 0.3, 3, 3, -0.35, 0.15, 0.7, 1][i]);
const RETURNS = draw(2);

const clip = (x: number, low: number, high: number) => Math.min(high, Math.max(low, x));

/** Both losses in float64, straight from the paper's formulas. */
function surrogate(logProbs: readonly number[]): number {
  let sum = 0;
  logProbs.forEach((logProb, i) => {
    const ratio = Math.exp(logProb - OLD[i]);
    // The paper maximises min(ρA, clip(ρ)A).
    sum -= MASK[i] * Math.min(ratio * ADVANTAGES[i], clip(ratio, 0.8, 1.2) * ADVANTAGES[i]);
  });
  return sum / TOKENS;
}

function valueLoss(values: readonly number[]): number {
  let sum = 0;
  values.forEach((value, i) => {
    const clipped = clip(value, OLD_VALUES[i] - 0.2, OLD_VALUES[i] + 0.2);
    sum += MASK[i] * Math.max((value - RETURNS[i]) ** 2, (clipped - RETURNS[i]) ** 2);
  });
  return sum / (2 * TOKENS);
}

function centralDifferences(f: (x: readonly number[]) => number, x: readonly number[]): number[] {
  const at = (i: number, step: number) => f(x.map((value, j) => (i === j ? value + step : value)));
  return x.map((_, i) => (at(i, 1e-5) - at(i, -1e-5)) / 2e-5);
}

const grid = (values: readonly number[]) => tensor2d([...values], [ROWS, T]);

async function check(f: (x: Tensor) => Scalar, reference: (x: readonly number[]) => number, x: readonly number[]): Promise<void> {
  expect((await f(grid(x)).data())[0]).toBeCloseTo(reference(x), 5);
  const gradient = await grad(f)(grid(x)).data();
  centralDifferences(reference, x).forEach((expected, i) => expect(gradient[i]).toBeCloseTo(expected, 4));
}

describe('losses', () => {
  it('the clipped surrogate and its gradient', async () => {
    const loss = (x: Tensor) => clippedSurrogate(x as Tensor2D, grid(OLD), grid(ADVANTAGES), grid(MASK), 0.2, TOKENS).loss;
    await check(loss, surrogate, NEW);
    // Some tokens must be clipped and some not, or this proves nothing.
    const slopes = centralDifferences(surrogate, NEW).filter((_, i) => MASK[i] === 1);
    expect(slopes.some((slope) => slope === 0) && slopes.some((slope) => slope !== 0)).toBe(true);
  });

  it('the clipped value loss and its gradient', async () => {
    const loss = (x: Tensor) => clippedSquaredError(x as Tensor2D, grid(OLD_VALUES), grid(RETURNS), grid(MASK), 0.2, TOKENS).loss;
    await check(loss, valueLoss, VALUES);
    const slopes = centralDifferences(valueLoss, VALUES).filter((_, i) => MASK[i] === 1);
    expect(slopes.some((slope) => slope === 0) && slopes.some((slope) => slope !== 0)).toBe(true);
  });

  it('at a ratio of exactly 1 the gradient is that of the plain policy gradient', async () => {
    const loss = (x: Tensor) => clippedSurrogate(x as Tensor2D, grid(OLD), grid(ADVANTAGES), grid(MASK), 0.2, TOKENS).loss;
    const gradient = await grad(loss)(grid(OLD)).data();
    ADVANTAGES.forEach((advantage, i) => expect(gradient[i]).toBeCloseTo((-advantage * MASK[i]) / TOKENS, 6));
  });

  it('ratios stay finite however far the policy went', async () => {
    const one = tensor2d([[1, 1]]);
    const { statistics } = clippedSurrogate(tensor2d([[0, -1000]]), tensor2d([[-1000, 0]]), one, one, 0.2, 2);
    const [ratioMean, , , , ratioMax] = await statistics.data();
    expect(ratioMax / Math.exp(20)).toBeCloseTo(1, 5);
    expect(ratioMean / (Math.exp(20) / 2)).toBeCloseTo(1, 5);
  });
});

/** A policy of one log-probability, entropy and value a row and token, so gradients are those of the losses themselves. */
class Table implements Policy {
  readonly variables = new Map<string, Variable>([
    ['logProbs', variable(tensor1d(NEW))],
    ['values', variable(tensor1d(VALUES))],
  ]);

  evaluate(rows: Int32Array) {
    const pick = (name: string, scale = 1) =>
      mul(scale, reshape(slice(this.variables.get(name)!, [rows[0] * T], [rows.length * T]), [rows.length, T])) as Tensor2D;
    return { logProbs: pick('logProbs'), entropy: pick('logProbs', 3), values: pick('values') };
  }
}

describe('a minibatch', () => {
  const experience: Experience = {
    rows: ROWS,
    length: T,
    mask: Float32Array.from(MASK),
    logProbs: Float32Array.from(OLD),
    values: Float32Array.from(OLD_VALUES),
    advantages: Float32Array.from(ADVANTAGES),
    returns: Float32Array.from(RETURNS),
  };
  const settings = { ...LEAN, valueCoefficient: 0.1, entropyCoefficient: 0.02 };
  const rows = Int32Array.of(0, 1, 2);

  async function run(microbatchSize: number | null, changed: Partial<Experience> = {}) {
    const policy = new Table();
    const { gradients, report } = await minibatchGradients(policy, { ...experience, ...changed }, rows, { ...settings, microbatchSize });
    const read = async (name: string) => [...(await gradients.get(name)!.data())];
    return { logProbs: await read('logProbs'), values: await read('values'), report };
  }

  /** Of the policy alone. */
  async function gradients(changed: Partial<Experience>) {
    const { gradients, report } = await minibatchGradients(new Table(), { ...experience, ...changed }, rows, { ...settings, entropyCoefficient: 0 });
    expect([...gradients.keys()]).toEqual(['logProbs']);
    return { logProbs: [...(await gradients.get('logProbs')!.data())], report };
  }

  it('adds policy, value and entropy terms with their coefficients', async () => {
    const { logProbs, values, report } = await run(null);
    const policySlopes = centralDifferences(surrogate, NEW);
    const valueSlopes = centralDifferences(valueLoss, VALUES);
    logProbs.forEach((slope, i) => expect(slope).toBeCloseTo(policySlopes[i] - (0.02 * 3 * MASK[i]) / TOKENS, 4));
    values.forEach((slope, i) => expect(slope).toBeCloseTo(0.1 * valueSlopes[i], 5));
    const entropy = NEW.reduce((sum, x, i) => sum + 3 * x * MASK[i], 0) / TOKENS;
    expect(report.totalLoss).toBeCloseTo(surrogate(NEW) + 0.1 * valueLoss(VALUES) - 0.02 * entropy, 5);
  });

  it('adds the KL penalty with its coefficient, and leaves out a value loss where there are no returns', async () => {
    const estimates = { k2: (x: number) => x ** 2 / 2, k3: (x: number) => Math.exp(-x) - 1 + x };
    for (const estimator of ['k2', 'k3'] as const) {
      const penalty = { estimator, coefficient: 0.3, reference: Float32Array.from(OLD_VALUES) };
      const kl = (logProbs: readonly number[]) => logProbs.reduce((sum, x, i) => sum + MASK[i] * estimates[estimator](x - OLD_VALUES[i]), 0) / TOKENS;
      const plain = await gradients({ returns: undefined });
      const { logProbs, report } = await gradients({ returns: undefined, penalty });
      const slopes = centralDifferences(kl, NEW);
      logProbs.forEach((slope, i) => expect(slope - plain.logProbs[i]).toBeCloseTo(0.3 * slopes[i], 4));
      expect(report.klLoss).toBeCloseTo(kl(NEW), 5);
      expect(report.totalLoss - plain.report.totalLoss).toBeCloseTo(0.3 * kl(NEW), 5);
      expect(plain.report).not.toHaveProperty('klLoss');
      expect(report).not.toHaveProperty('valueLoss');
      expect(report).not.toHaveProperty('valueClipFraction');
      const dirty = await gradients({ returns: undefined, penalty: { ...penalty, reference: penalty.reference.map((value, i) => (MASK[i] === 1 ? value : 50)) } });
      expect(dirty.logProbs).toEqual(logProbs);
    }
  });

  it('reports over valid tokens only', async () => {
    const { report } = await run(null);
    const valid = NEW.map((x, i) => ({ x: x - OLD[i], v: VALUES[i] - OLD_VALUES[i] })).filter((_, i) => MASK[i] === 1);
    const mean = (f: (token: { x: number; v: number }) => number) => valid.reduce((sum, token) => sum + f(token), 0) / valid.length;
    expect(report.ratioMean).toBeCloseTo(mean(({ x }) => Math.exp(x)), 5);
    expect(report.ratioMax).toBeCloseTo(Math.exp(0.6), 5);
    expect(report.ratioError).toBeCloseTo(Math.exp(0.6) - 1, 5);
    expect(report.clipFraction).toBeCloseTo(mean(({ x }) => (Math.abs(Math.exp(x) - 1) > 0.2 ? 1 : 0)), 6);
    expect(report.valueClipFraction).toBeCloseTo(mean(({ v }) => (Math.abs(v) > 0.2 ? 1 : 0)), 6);
    expect(report.approxKl2).toBeCloseTo(mean(({ x }) => x ** 2 / 2), 5);
    expect(report.approxKl3).toBeCloseTo(mean(({ x }) => Math.exp(x) - 1 - x), 5);
  });

  it('in parts of uneven token counts equals the whole', async () => {
    const whole = await run(null);
    for (const size of [1, 2]) {
      const parts = await run(size);
      parts.logProbs.forEach((slope, i) => expect(slope).toBeCloseTo(whole.logProbs[i], 6));
      parts.values.forEach((slope, i) => expect(slope).toBeCloseTo(whole.values[i], 6));
      for (const name of Object.keys(whole.report) as (keyof typeof whole.report)[]) expect(parts.report[name]).toBeCloseTo(whole.report[name]!, 5);
    }
  });

  it('is blind to whatever stands after the end', async () => {
    const dirty = (values: Float32Array) => values.map((value, i) => (MASK[i] === 1 ? value : 50));
    const clean = await run(null);
    const other = await run(null, { advantages: dirty(experience.advantages), returns: dirty(experience.returns!), values: dirty(experience.values) });
    expect(other).toEqual(clean);
  });
});
