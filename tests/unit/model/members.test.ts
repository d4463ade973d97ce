import { describe, expect, it } from 'vitest';
import { checkShapes } from '../../../src/model/languageModel';
import { MOST_MEMBERS, memberCount, packMembers, unpackMembers } from '../../../src/model/members';
import { initRewardHead } from '../../../src/model/scalarHead';
import { SafetensorsError } from '../../../src/model/safetensors';
import type { Weights } from '../../../src/model/parameters';
import { RandomStream } from '../../../src/tensor/random';
import { sharpWeights, TINY } from './tinyModel';

const Q = 'model.layers.1.self_attn.q_proj.weight';
const trunk = sharpWeights(TINY, 1);
/** A head of its own, and as many matrices of the trunk as are named. */
const member = (seed: number, ...own: string[]): Weights =>
  new Map([...trunk, ...own.map((name) => [name, sharpWeights(TINY, seed).get(name)!] as const), ...initRewardHead(TINY.hidden_size, new RandomStream(seed))]);
const REFERENCE = [Float32Array.of(0.5, -1, 2), Float32Array.of(1, 0, -1), Float32Array.of(0, 0.25, -0.25)];
const packed = () => packMembers([member(1), member(2, Q), member(3)], REFERENCE);

describe('an ensemble as one set of weights', () => {
  it('holds each member whole, and what they share once', () => {
    const weights = packed();
    expect(memberCount(weights)).toBe(3);
    const { first, others, referenceScores } = unpackMembers(weights);
    expect(first).toEqual(member(1));
    expect(others.map((own) => [...own.keys()].sort())).toEqual([[Q, 'score.bias', 'score.weight'], ['score.bias', 'score.weight']]);
    expect(others.map((own) => new Map([...first, ...own]))).toEqual([member(2, Q), member(3)]);
    expect(referenceScores.map((scores) => [...scores])).toEqual(REFERENCE.map((scores) => [...scores]));
  });

  it('of one is that model, and nothing beside', () => {
    const only = member(1);
    const weights = packMembers([only], [REFERENCE[0]]);
    expect(weights).toBe(only);
    expect(memberCount(weights)).toBe(1);
    expect(unpackMembers(weights)).toEqual({ first: only, others: [], referenceScores: [] });
  });

  it('is refused, by the tensor that is wrong, where a file does not hold what it should', () => {
    const spoilt = (change: (weights: Weights) => void, kind: 'reward' | 'language' = 'reward') => {
      const weights = new Map(packed());
      change(weights);
      return () => checkShapes(TINY, weights, kind);
    };
    expect(spoilt(() => undefined)).not.toThrow();
    expect(spoilt(() => undefined, 'language')).toThrow(SafetensorsError);
    expect(spoilt((weights) => weights.delete('ensemble.reference_scores'))).toThrow(/ensemble\.reference_scores is missing/);
    expect(spoilt((weights) => weights.set('ensemble.reference_scores', { shape: [2, 3], data: new Float32Array(6) }))).toThrow(/\[2,3\].*\[3,3\]/);
    expect(spoilt((weights) => weights.set('ensemble.reference_scores', { shape: [3, 1], data: new Float32Array(3) }))).toThrow(/reference_scores/);
    expect(spoilt((weights) => weights.delete('ensemble.1.score.bias'))).toThrow(/ensemble\.1\.score\.bias is missing/);
    expect(spoilt((weights) => weights.set(`ensemble.1.${Q}`, { shape: [1], data: new Float32Array(1) }))).toThrow(/ensemble\.1.*has the shape/);
    expect(spoilt((weights) => weights.set('ensemble.1.other', { shape: [1], data: new Float32Array(1) }))).toThrow(/ensemble\.1\.other is no part/);
    // Without its head the second member is none, and the third hangs in the air.
    expect(spoilt((weights) => weights.delete('ensemble.1.score.weight'))).toThrow(SafetensorsError);
    const head = [...initRewardHead(TINY.hidden_size, new RandomStream(9))];
    const tooMany = spoilt((weights) => {
      for (let k = 3; k <= MOST_MEMBERS; k++) for (const [name, tensor] of head) weights.set(`ensemble.${k}.${name}`, tensor);
      weights.set('ensemble.reference_scores', { shape: [MOST_MEMBERS, 2], data: new Float32Array(2 * MOST_MEMBERS) });
    });
    expect(tooMany).toThrow(/ensemble\.5\.score\.\w+ is no part/);
  });
});
