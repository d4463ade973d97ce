import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { disposeParameters, toParameters, type Weights } from '../../../src/model/parameters';
import type { Sequence } from '../../../src/model/sequences';
import { TUNE_ALL, type Tuning } from '../../../src/model/tuningSettings';
import { minibatchGradients, TuningError, type EpochState } from '../../../src/rl/epochs';
import { CompletionObjective, fineTune, tokenExamples, type SftTraining } from '../../../src/rl/sft';
import { SFT_DEFAULTS, type SftSettings } from '../../../src/rl/sftSettings';
import { startBackend } from '../../../src/tensor/backend';
import { RandomStream } from '../../../src/tensor/random';
import type { Demonstration, Examples } from '../../../src/text/examples';
import { relativeError } from '../../reference/parity';
import { plainLogProbs } from '../model/plainLogProbs';
import { sharpWeights, TINY } from '../model/tinyModel';
import { WASM_FOLDER } from '../tensor/wasmFolder';
import { tinyModel } from './tinyWorld';

beforeAll(async () => {
  await startBackend({ prefer: 'wasm', wasmFolder: WASM_FOLDER });
});

const MODEL = tinyModel();
const BOS = TINY.bos_token_id;
const SEQUENCES: Sequence[] = [
  { prompt: [1, 5], response: [4, 9, 1] },
  { prompt: [1], response: [7] },
  { prompt: [1, 2, 30, 11], response: [6, 17, 3, 3, 20] },
];
const ALL = Int32Array.of(2, 0, 1);

const objectiveOf = (sequences: readonly Sequence[], size: number | null = null) => new CompletionObjective(toParameters(sharpWeights(TINY, 1)), TINY, sequences, { batchSize: 3, microbatchSize: size });
const lossOf = async (objective: CompletionObjective, rows: Int32Array) => (await (await objective.minibatch(rows))(rows).data())[0];

describe('the loss', () => {
  it('is the cross-entropy of the completions’ tokens, read one sequence at a time, over their number', async () => {
    const parameters = toParameters(sharpWeights(TINY, 1));
    const nats = (await Promise.all(SEQUENCES.map(({ prompt, response }) => plainLogProbs(parameters, TINY, prompt, response, 1)))).flat();
    expect(nats).toHaveLength(9);
    const expected = -nats.reduce((a, b) => a + b) / 9;
    expect(await lossOf(objectiveOf(SEQUENCES), ALL)).toBeCloseTo(expected, 4);
    expect(await objectiveOf(SEQUENCES).evaluate()).toBeCloseTo(expected, 4);
  });

  it('does not see padding: a longer neighbour, and with it more padding on both sides, changes nothing', async () => {
    const alone = await lossOf(objectiveOf(SEQUENCES.slice(0, 1)), Int32Array.of(0));
    expect(await lossOf(objectiveOf([SEQUENCES[0], SEQUENCES[2], { prompt: [1, ...Array(20).fill(8)], response: Array(20).fill(3) }]), Int32Array.of(0))).toBeCloseTo(alone, 4);
  });

  it('asks nothing of the prompt: what it costs to predict the prompt is not in it', async () => {
    const parameters = toParameters(sharpWeights(TINY, 1));
    const [{ prompt, response }] = SEQUENCES;
    const [dear] = await plainLogProbs(parameters, TINY, prompt.slice(0, 1), prompt.slice(1), 1);
    expect(dear).toBeLessThan(-1);
    // The same tokens, of which one moves from the prompt to the completion: only then it is paid for.
    const apart = await lossOf(objectiveOf([{ prompt, response }]), Int32Array.of(0));
    const together = await lossOf(objectiveOf([{ prompt: prompt.slice(0, 1), response: [...prompt.slice(1), ...response] }]), Int32Array.of(0));
    expect(together * 4).toBeCloseTo(apart * 3 - dear, 3);
  });

  it('of parts adds up to the whole minibatch’s, gradients too, however uneven the lengths', async () => {
    const inPartsOf = async (size: number | null) => {
      const { loss, gradients } = await minibatchGradients(objectiveOf(SEQUENCES, size), ALL, size);
      return { loss, gradients: new Map(await Promise.all([...gradients].map(async ([name, gradient]) => [name, await gradient.data()] as const))) };
    };
    const whole = await inPartsOf(null);
    for (const size of [1, 2]) {
      const parts = await inPartsOf(size);
      expect(parts.loss).toBeCloseTo(whole.loss, 5);
      for (const [name, gradient] of whole.gradients) expect(relativeError(parts.gradients.get(name)!, gradient), `${name}, ${size} at a time`).toBeLessThan(1e-5);
    }
  });
});

describe('examples as tokens', () => {
  const texts = (...texts: string[]): Examples => ({ kind: 'texts', texts });
  const ids = (text: string) => MODEL.tokenizer.encode(text);

  it('a completion ends with the end-of-sequence token', () => {
    const demonstrations = [{ prompt: 'ab', completion: 'cd' }];
    expect(tokenExamples(MODEL, { kind: 'demonstrations', demonstrations }, 8)).toEqual([{ prompt: 'ab', sequence: { prompt: [BOS, ...ids('ab')], response: [...ids('cd'), TINY.eos_token_id] } }]);
  });

  it('a text is cut into pieces that predict each of its tokens exactly once, the one before each piece given', () => {
    const text = 'abcdefghijk';
    const pieces = tokenExamples(MODEL, texts(text), 5).map(({ sequence }) => sequence);
    const whole = [BOS, ...ids(text), TINY.eos_token_id];
    expect(pieces.flatMap(({ response }) => response)).toEqual(whole.slice(1));
    expect(pieces.map(({ prompt }) => prompt)).toEqual([[BOS], [whole[5]], [whole[10]]]);
    expect(pieces.map(({ response }) => response.length)).toEqual([5, 5, 2]);
  });

  it('of several texts the pieces of one stay together, of a single text they need not', () => {
    const groups = (examples: Examples) => tokenExamples(MODEL, examples, 5).map(({ prompt }) => prompt);
    expect(groups(texts('abcdefg', 'abc'))).toEqual(['0', '0', '1']);
    expect(groups(texts('abcdefg'))).toEqual(['0', '1']);
  });

  it('never ask more of the model than it can read', () => {
    const pieces = tokenExamples(MODEL, texts('a'.repeat(200)), 4096);
    expect(Math.max(...pieces.map(({ sequence: { prompt, response } }) => prompt.length + response.length))).toBe(TINY.max_position_embeddings);
  });
});

/** Beginnings that are answered by their own last letter, three times. */
function demonstrations(count: number, seed: number): Demonstration[] {
  const random = new RandomStream(seed);
  const letter = () => 'abcdefgh'[random.integer(8)];
  return Array.from({ length: count }, () => {
    const prompt = `${letter()}${letter()}${letter()}`;
    return { prompt, completion: prompt[2].repeat(3) };
  });
}

function train(examples: Examples, changes: Partial<SftSettings> = {}, more: Partial<SftTraining> = {}) {
  return fineTune({ model: MODEL, examples, settings: { ...SFT_DEFAULTS, learningRate: 1e-2, batchSize: 8, ...changes }, ...more });
}

const shown = (count: number, seed = 1): Examples => ({ kind: 'demonstrations', demonstrations: demonstrations(count, seed) });
const numbersOf = (weights: Weights) => [...weights].map(([name, { data }]) => [name, [...data]]);

describe('fine-tuning', () => {
  it('learns what the examples show, on beginnings that it never saw too', async () => {
    const before = memory().numTensors;
    const { weights, report } = await train(shown(96), { epochs: 12 });
    expect(memory().numTensors).toBe(before);
    expect(report.trainExamples + report.heldOutExamples).toBe(96);
    expect(report.trainTokens).toBe(4 * report.trainExamples);
    expect(report.lossCurve).toHaveLength(12 * Math.ceil(report.trainExamples / 8));
    const [first, last] = [report.heldOutCurve[0], report.heldOutCurve.at(-1)!];
    expect(first.step).toBe(0);
    expect(last.step).toBe(report.lossCurve.length);
    expect(last.loss).toBeLessThan(first.loss / 2);
    // The weights handed out are those that were measured.
    const parameters = toParameters(weights);
    const fresh = demonstrations(16, 99);
    const nats = (await Promise.all(fresh.map(({ prompt, completion }) => plainLogProbs(parameters, TINY, [BOS, ...MODEL.tokenizer.encode(prompt)], [...MODEL.tokenizer.encode(completion), 1], 1)))).flat();
    expect(-nats.reduce((a, b) => a + b) / nats.length).toBeLessThan(first.loss / 2);
    disposeParameters(parameters);
  });

  it('gives the same model for the same seed, and another for another', async () => {
    const [a, b, c] = [await train(shown(30)), await train(shown(30)), await train(shown(30), { seed: 2 })];
    expect(numbersOf(b.weights)).toEqual(numbersOf(a.weights));
    expect({ ...b.report, seconds: 0 }).toEqual({ ...a.report, seconds: 0 });
    expect(numbersOf(c.weights)).not.toEqual(numbersOf(a.weights));
  });

  it.each<[string, Tuning]>([
    ['everything', TUNE_ALL],
    ['an adapter', { ...TUNE_ALL, what: 'lora', rank: 2, alpha: 4 }],
  ])('goes on after a stop as if it had never stopped, training %s', async (_, tune) => {
    const straight = await train(shown(40), { tune });
    const kept: EpochState[] = [];
    const stopped = train(shown(40), { tune }, {
      keep: (state) => kept.push(state),
      onStep: (done) => {
        if (done === 8) throw new Error('enough');
      },
    });
    await expect(stopped).rejects.toThrow('enough');
    const from = kept.at(-1)!;
    expect(from.lossCurve.length % 5).not.toBe(0);
    const resumed = await train(shown(40), { tune }, { from });
    expect(numbersOf(resumed.weights)).toEqual(numbersOf(straight.weights));
    expect({ ...resumed.report, seconds: 0 }).toEqual({ ...straight.report, seconds: 0 });
  });

  it('learns whole texts', async () => {
    const { report } = await train({ kind: 'texts', texts: Array.from({ length: 12 }, (_, i) => `the ${'abcdefghijkl'[i]} sat on the mat.`) }, { epochs: 8, pieceLength: 10 });
    expect(report.heldOutCurve.at(-1)!.loss).toBeLessThan(report.heldOutCurve[0].loss - 1);
  });

  it('leaves out what is too long, and says what is missing', async () => {
    const long = { prompt: 'a', completion: 'b'.repeat(80) };
    const { report } = await train({ kind: 'demonstrations', demonstrations: [long, ...demonstrations(9, 3)] }, { epochs: 1, heldOutShare: 0 });
    expect(report).toMatchObject({ leftOut: 1, trainExamples: 9, heldOutExamples: 0, heldOutCurve: [] });
    await expect(train({ kind: 'demonstrations', demonstrations: [long] })).rejects.toThrow(/longer than the 64 tokens/);
    await expect(train({ kind: 'texts', texts: [''] })).rejects.toThrow(TuningError);
    const damaged = { ...MODEL, weights: new Map(MODEL.weights).set('model.norm.weight', { shape: [16], data: new Float32Array(16).fill(NaN) }) };
    await expect(train(shown(20), {}, { model: damaged })).rejects.toThrow(/finite/);
  });
});
