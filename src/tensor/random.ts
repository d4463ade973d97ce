import { pcgHash } from './pcg';

/** Where a stream stands: two whole numbers that fit any store. */
export interface RandomState {
  seed: number;
  counter: number;
}

/**
 * A stream of random numbers on the host that its state, two integers, resumes
 * exactly. Every draw is a hash of (seed, counter); the counter then moves on.
 */
export class RandomStream {
  #counter: number;

  /** Both whole numbers from 0 to 2⁵³ − 1. Throws RangeError. */
  constructor(
    readonly seed: number,
    counter = 0,
  ) {
    if (!Number.isSafeInteger(seed) || seed < 0) throw new RangeError(`A seed is a whole number from 0 on, not ${seed}.`);
    if (!Number.isSafeInteger(counter) || counter < 0) throw new RangeError(`A counter is a whole number from 0 on, not ${counter}.`);
    this.#counter = counter;
  }

  static from({ seed, counter }: RandomState): RandomStream {
    return new RandomStream(seed, counter);
  }

  /** Hashes drawn so far. */
  get counter(): number {
    return this.#counter;
  }

  state(): RandomState {
    return { seed: this.seed, counter: this.#counter };
  }

  /** Uniform in the open interval (0, 1), in steps of 2⁻³². */
  uniform(): number {
    return (this.#word() + 0.5) / 2 ** 32;
  }

  /** Uniform over 0 … n − 1, without the bias of a plain remainder. n from 1 to 2³². */
  integer(n: number): number {
    const limit = 2 ** 32 - (2 ** 32 % n);
    let word = this.#word();
    while (word >= limit) word = this.#word();
    return word % n;
  }

  /** Standard normal, by the polar form of Box and Muller (1958). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** 0 … n − 1 in random order (Fisher and Yates; Durstenfeld 1964). */
  permutation(n: number): Int32Array {
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  }

  /** An independent stream that depends on this one's seed and the label, not on how much was drawn. */
  fork(label: string): RandomStream {
    let [high, low] = [0, 0];
    for (const byte of new TextEncoder().encode(label)) {
      high = pcgHash(high, low, byte, 1);
      low = pcgHash(low, high, byte, 2);
    }
    const [seedLow, seedHigh] = words(this.seed);
    high = pcgHash(high, seedLow, seedHigh, 3);
    low = pcgHash(low, seedLow, seedHigh, 4);
    return new RandomStream((high >>> 11) * 2 ** 32 + low);
  }

  #word(): number {
    const counter = this.#counter++;
    return pcgHash(...words(this.seed), ...words(counter));
  }
}

/** The low and the high 32 bits of a whole number up to 2⁵³. */
function words(value: number): [number, number] {
  return [value >>> 0, Math.floor(value / 2 ** 32)];
}
