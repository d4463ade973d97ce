import { describe, expect, test } from 'vitest';
import { pcgHash } from '../../../src/tensor/pcg';
import { RandomStream } from '../../../src/tensor/random';
import { chiSquare, chiSquareLimit } from './chiSquare';

// One in 30,000 at chance; seeds are fixed, so a test that passes goes on passing.
const Z = 4;

describe('the PCG hash', () => {
  test('is the published one, folded', () => {
    // Worked out with unbounded integers instead of 32-bit arithmetic.
    const exact = (input: bigint[]) => {
      const mask = 0xffffffffn;
      const v = input.map((x) => (x * 1664525n + 1013904223n) & mask);
      const mix = () => {
        for (const [to, a, b] of [[0, 1, 3], [1, 2, 0], [2, 0, 1], [3, 1, 2]]) v[to] = (v[to] + v[a] * v[b]) & mask;
      };
      mix();
      for (let i = 0; i < 4; i++) v[i] ^= v[i] >> 16n;
      mix();
      return Number(v[0] ^ (v[0] >> 16n));
    };
    for (const input of [[0, 0, 0, 0], [1, 2, 3, 4], [0xffffffff, 7, 0x80000000, 12345], [9, 0, 31, 1023]])
      expect(pcgHash(...(input as [number, number, number, number]))).toBe(exact(input.map(BigInt)));
  });

  test('turns half of the output over when one bit of a small input turns', () => {
    const random = new RandomStream(1);
    const n = 1000;
    for (let place = 0; place < 4; place++)
      for (let bit = 0; bit < 10; bit++) {
        const flips = new Array<number>(32).fill(0);
        for (let i = 0; i < n; i++) {
          const input: [number, number, number, number] = [random.integer(50), random.integer(500), random.integer(32), random.integer(1024)];
          const before = pcgHash(...input);
          input[place] ^= 1 << bit;
          const turned = before ^ pcgHash(...input);
          for (let k = 0; k < 32; k++) flips[k] += (turned >>> k) & 1;
        }
        for (const count of flips) expect(Math.abs(count - n / 2) / Math.sqrt(n / 4)).toBeLessThan(Z + 1);
      }
  });

  test.each([0, 1, 2, 3])('spreads a counter in place %i over all bits', (place) => {
    const bits = new Array<number>(32).fill(0);
    const n = 20_000;
    for (let i = 0; i < n; i++) {
      const input: [number, number, number, number] = [5, 6, 7, 8];
      input[place] = i;
      const word = pcgHash(...input);
      for (let bit = 0; bit < 32; bit++) bits[bit] += (word >>> bit) & 1;
    }
    for (const count of bits) expect(Math.abs(count - n / 2) / Math.sqrt(n / 4)).toBeLessThan(Z + 1);
  });
});

describe('a random stream', () => {
  test('is uniform, alone and in successive pairs', () => {
    const random = new RandomStream(12);
    const n = 200_000;
    const single = new Array<number>(100).fill(0);
    const pairs = new Array<number>(256).fill(0);
    let previous = random.uniform();
    let [lowest, highest] = [previous, previous];
    for (let i = 0; i < n; i++) {
      const u = random.uniform();
      lowest = Math.min(lowest, u);
      highest = Math.max(highest, u);
      single[Math.floor(u * 100)]++;
      pairs[Math.floor(previous * 16) * 16 + Math.floor(u * 16)]++;
      previous = u;
    }
    expect(lowest > 0 && highest < 1).toBe(true);
    expect(chiSquare(single, single.map(() => n / 100))).toBeLessThan(chiSquareLimit(99, Z));
    expect(chiSquare(pairs, pairs.map(() => n / 256))).toBeLessThan(chiSquareLimit(255, Z));
  });

  test('resumes from its state', () => {
    const random = new RandomStream(2 ** 40 + 3);
    for (let i = 0; i < 10; i++) random.normal();
    const state = JSON.parse(JSON.stringify(random.state()));
    const ahead = [random.uniform(), random.integer(10), random.normal()];
    const again = RandomStream.from(state);
    expect([again.uniform(), again.integer(10), again.normal()]).toEqual(ahead);
    expect(again.counter).toBe(random.counter);
  });

  test('goes on past 2³² draws without repeating itself', () => {
    expect(new RandomStream(1, 2 ** 32 + 5).uniform()).not.toBe(new RandomStream(1, 5).uniform());
    expect(new RandomStream(2 ** 32 + 1).uniform()).not.toBe(new RandomStream(1).uniform());
  });

  test('draws integers evenly, where a remainder would not', () => {
    // Of 2³² words modulo 3·2³⁰ the first third would come twice as often.
    const random = new RandomStream(4);
    const n = 30_000;
    const thirds = [0, 0, 0];
    for (let i = 0; i < n; i++) thirds[Math.floor(random.integer(3 * 2 ** 30) / 2 ** 30)]++;
    expect(chiSquare(thirds, thirds.map(() => n / 3))).toBeLessThan(chiSquareLimit(2, Z));
  });

  test('has normal moments and tails', () => {
    const random = new RandomStream(5);
    const n = 100_000;
    const x = Array.from({ length: n }, () => random.normal());
    const moment = (k: number) => x.reduce((sum, value) => sum + value ** k, 0) / n;
    // E x^k and its standard error √(E x^2k − (E x^k)²)/√n for a standard normal.
    for (const [k, mean, variance] of [[1, 0, 1], [2, 1, 2], [3, 0, 15], [4, 3, 96]])
      expect(Math.abs(moment(k) - mean) / Math.sqrt(variance / n)).toBeLessThan(Z);
    const beyond2 = x.filter((value) => Math.abs(value) > 2).length / n;
    expect(Math.abs(beyond2 - 0.0455)).toBeLessThan(Z * Math.sqrt((0.0455 * 0.9545) / n));
  });

  test('permutes: every element once, every order alike', () => {
    const random = new RandomStream(6);
    expect([...random.permutation(50)].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    const counts = new Map<string, number>();
    for (let i = 0; i < 12_000; i++) {
      const order = random.permutation(4).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    expect(chiSquare([...counts.values()], new Array(24).fill(500))).toBeLessThan(chiSquareLimit(23, Z));
  });

  test('forks into streams that differ by label and by seed, and not by how much was drawn', () => {
    const random = new RandomStream(7);
    const first = random.fork('rollout').uniform();
    random.uniform();
    expect(random.fork('rollout').uniform()).toBe(first);
    const others = [random.fork('labels'), random.fork('tuollor'), new RandomStream(8).fork('rollout'), random, new RandomStream(7)];
    expect(new Set([first, ...others.map((stream) => stream.uniform())]).size).toBe(6);
    expect(Number.isSafeInteger(random.fork('rollout').seed)).toBe(true);
  });

  test('refuses what is no whole number', () => {
    expect(() => new RandomStream(-1)).toThrow(RangeError);
    expect(() => new RandomStream(0.5)).toThrow(RangeError);
    expect(() => new RandomStream(1, NaN)).toThrow(RangeError);
  });
});
