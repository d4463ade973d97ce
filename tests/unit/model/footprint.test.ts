import { describe, expect, it } from 'vitest';
import { backwardEffort, decodingEffort, forwardEffort, idealSeconds } from '../../../src/model/arithmetic';
import type { ModelConfig } from '../../../src/model/config';
import { trainingBuffers, tunedModelBuffers } from '../../../src/model/demand';
import { backwardBuffers, countNumbers, decodingBuffers, forwardBuffers, largestBytes, pooledBytes, type Buffers } from '../../../src/model/footprint';
import { parameterShapes } from '../../../src/model/parameters';
import { TUNE_ALL } from '../../../src/model/tuningSettings';

/* Sizes that no two kinds of tensor share, so that each can be counted by hand. D = 4, F = 7, H = 2, L = 3, V = 11. */
const CONFIG: ModelConfig = { vocab_size: 11, hidden_size: 4, intermediate_size: 7, num_hidden_layers: 3, num_attention_heads: 2, max_position_embeddings: 64, rms_norm_eps: 1e-5, rope_theta: 1e4, initializer_range: 0.02, pad_token_id: 0, bos_token_id: 1, eos_token_id: 1 };
const N = 13;
const LORA = { ...TUNE_ALL, what: 'lora' as const, rank: 2 };
const LAST = { ...TUNE_ALL, what: 'last' as const, layers: 1 };
const HEAD = { ...TUNE_ALL, what: 'head' as const };

/** How many buffers of one size there are. */
const of = (buffers: Buffers, floats: number) => buffers.reduce((sum, [size, count]) => (size === floats ? sum + count : sum), 0);

describe('buffers that the device keeps by exact size', () => {
  it('cost for each size what the phase that wants most of it does', () => {
    const phases: Buffers[] = [[[10, 3], [5, 1]], [[10, 2], [10, 2], [7, 1]]];
    // Of 10 floats four at once, in the second; of 5 and 7 one each.
    expect(pooledBytes(phases)).toBe(4 * (4 * 10 + 5 + 7));
    expect(largestBytes(phases)).toBe(40);
    expect(pooledBytes([])).toBe(0);
  });

  it('do not count what there is none of', () => {
    expect(largestBytes([[[100, 0], [3, 1]]])).toBe(12);
  });
});

describe('a pass', () => {
  it('makes five [N, D], two [N, 3·D], [N, 2·F] and [N, F] a layer, and a log-sum for each head', () => {
    const forward = forwardBuffers(CONFIG, N);
    expect([of(forward, N * 4), of(forward, N * 12), of(forward, N * 14), of(forward, N * 7), of(forward, N * 2)]).toEqual([17, 6, 3, 3, 3]);
    // Queries, keys and values stand together, gate and up.
    expect([of(forward, 3 * 16), of(forward, 2 * 28)]).toEqual([3, 3]);
    // Half a head of angles, cosines and sines.
    expect(of(forward, N)).toBe(2);
  });

  it('has low-rank products where there is an adapter, one for all that read the same', () => {
    const rank = { ...LORA, rank: 5 };
    // Of three, one, two and one matrices.
    expect([15, 10, 5].map((width) => of(forwardBuffers(CONFIG, N, rank), N * width))).toEqual([3, 3, 6]);
    expect([15, 10, 5].map((width) => of(forwardBuffers(CONFIG, N, { ...rank, targets: ['q_proj', 'v_proj'] }), N * width))).toEqual([0, 3, 0]);
  });

  it('goes back only as far as something is trained', () => {
    expect([TUNE_ALL, { ...LORA, rank: 5 }, LAST, HEAD].map((tuning) => of(backwardBuffers(CONFIG, N, tuning), N * 4))).toEqual([22, 22, 8, 1]);
    expect([TUNE_ALL, LORA].map((tuning) => of(backwardBuffers(CONFIG, N, tuning), 11 * 4))).toEqual([2, 0]);
  });
});

describe('a model that is tuned', () => {
  // Embedding 44, final norm 4; a layer has two norms of 4, four matrices of 16 and three of 28: 156.
  const trunk = 44 + 4 + 3 * 156;

  it('has each weight once, and four flat copies of what is trained', () => {
    expect(countNumbers(parameterShapes(CONFIG))).toBe(trunk);
    const whole = (trunk + 5) * 4;
    expect(pooledBytes([tunedModelBuffers(CONFIG, TUNE_ALL, 'value')])).toBe(whole + 16 * (trunk + 5));
    expect(pooledBytes([tunedModelBuffers(CONFIG, LAST, 'value')])).toBe(whole + 16 * (156 + 4 + 5));
    // A reward model's head alone.
    expect(pooledBytes([tunedModelBuffers(CONFIG, HEAD, 'score')])).toBe(whole + 16 * 5);
  });

  it('holds as many sets of gradients as it is told', () => {
    const one = pooledBytes([trainingBuffers(CONFIG, N, TUNE_ALL, 'value', 1)]);
    expect(pooledBytes([trainingBuffers(CONFIG, N, TUNE_ALL, 'value', 3)]) - one).toBe(2 * 4 * (trunk + 5));
  });
});

it('decoding keeps two caches a layer, and logits of the steps between two looks', () => {
  const buffers = decodingBuffers(CONFIG, 3, 5, 40);
  expect(of(buffers, 3 * 45 * 4)).toBe(6);
  // 31 launches a step, 256 before a submit: the ninth step is begun.
  expect(of(buffers, 3 * 11)).toBe(9);
  expect(of(decodingBuffers(CONFIG, 3, 5, 2), 3 * 11)).toBe(2);
});

describe('operations', () => {
  // Products of a layer for one position: 2 · (4 · 16 + 3 · 28) = 296. A row of 5 attends to 15 pairs, 4 · D each.
  const layer = 5 * 296 + 15 * 16;

  it('forward are those of its products', () => {
    expect(forwardEffort(CONFIG, 1, 5, 0).flops).toBe(3 * layer);
    expect(forwardEffort(CONFIG, 2, 5, 4).flops).toBe(6 * layer + 4 * 2 * 4 * 11);
    // Rank 2: q, k, v, o read 4 and write 4, gate and up 4 and 7, down 7 and 4; 2 · 2 · (4 · 8 + 3 · 11) = 260.
    expect(forwardEffort(CONFIG, 1, 5, 0, LORA).flops).toBe(3 * (layer + 5 * 260));
  });

  it('backward are twice those, less where nothing is trained', () => {
    const attention = 2.5 * 15 * 16;
    expect(backwardEffort(CONFIG, 1, 5, 1, TUNE_ALL).flops).toBe(3 * (2 * 5 * 296 + attention) + 2 * 88);
    expect(backwardEffort(CONFIG, 1, 5, 1, LAST).flops).toBe(2 * 5 * 296 + attention + 88);
    expect(backwardEffort(CONFIG, 1, 5, 1, HEAD).flops).toBe(88);
    expect(backwardEffort(CONFIG, 1, 5, 1, LORA).flops).toBe(3 * (5 * 296 + 2 * 5 * 260 + attention) + 88);
  });

  it('of decoding are those of reading prompt and response once, with logits at every token', () => {
    // The cache spares nothing of what a single pass over both would do but the prompt's logits.
    const whole = forwardEffort(CONFIG, 3, 9, 0).flops + 3 * (4 + 1) * 88;
    expect(decodingEffort(CONFIG, 3, 5, 4).flops).toBe(whole);
  });

  it('take the time of the operations and of the launches', () => {
    expect(idealSeconds({ flops: 8e9, launches: 1000 }, { flopsPerSecond: 4e9, secondsPerLaunch: 1e-4 })).toBeCloseTo(2.1, 12);
  });
});
