import { describe, expect, it } from 'vitest';
import { splitByImage } from '../../../src/reward/split';
import { RandomStream } from '../../../src/tensor/random';

const split = (judged: string[][], share: number, seed = 1) => splitByImage(judged, (images) => images, share, new RandomStream(seed));
const imagesIn = (judged: string[][]) => new Set(judged.flat());

describe('splitByImage', () => {
  it('holds out just the share of pairs whose images stand in no other', () => {
    const pairs = Array.from({ length: 100 }, (_, i) => [`a${i}`, `b${i}`]);
    const { train, heldOut, mixed } = split(pairs, 0.2);
    expect([train.length, heldOut.length, mixed.length]).toEqual([80, 20, 0]);
    expect(split(pairs, 0.2)).toEqual({ train, heldOut, mixed });
    expect(split(pairs, 0.2, 2).heldOut).not.toEqual(heldOut);
  });

  it('never has an image on both sides, and drops no judgement without saying so', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const random = new RandomStream(seed);
      const images = 2 + random.integer(30);
      const judged = Array.from({ length: 1 + random.integer(60) }, () => Array.from({ length: 1 + random.integer(3) }, () => `${random.integer(images)}`));
      const { train, heldOut, mixed } = split(judged, random.uniform() * 0.9, seed);
      expect(train.length).toBeGreaterThan(0);
      const learned = imagesIn(train);
      for (const image of imagesIn(heldOut)) expect(learned.has(image)).toBe(false);
      expect([...train, ...heldOut, ...mixed].sort()).toEqual([...judged].sort());
    }
  });

  it('of few images that were judged often holds out some, and leaves the most to learn from', () => {
    const all = Array.from({ length: 20 }, (_, i) => Array.from({ length: i }, (_, j) => [`${i}`, `${j}`])).flat();
    const { train, heldOut } = split(all, 0.2);
    expect(heldOut.length).toBeGreaterThan(0);
    expect(train.length).toBeGreaterThan(all.length / 2);
  });

  it('holds out nothing where nothing would be left, or nothing is asked for', () => {
    expect(split([['a', 'b']], 0.5)).toEqual({ train: [['a', 'b']], heldOut: [], mixed: [] });
    expect(split([['a', 'b'], ['b', 'c'], ['a', 'c']], 0.3).train).toHaveLength(3);
    expect(split([['a', 'b'], ['c', 'd']], 0).heldOut).toEqual([]);
  });
});
