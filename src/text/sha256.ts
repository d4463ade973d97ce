/*
 * SHA-256 (FIPS 180-4), of bytes that come piece by piece: the browser's own
 * digest wants all of them at once, and a secure context.
 */

const PRIMES = firstPrimes(64);

/** The first 32 bits of the fractional part of a root of each prime (FIPS 180-4, sections 4.2.2 and 5.3.3). */
const fractions = (primes: readonly number[], root: (prime: number) => number) => primes.map((prime) => (root(prime) % 1) * 2 ** 32);
const ROUND_CONSTANTS = Uint32Array.from(fractions(PRIMES, Math.cbrt));
const INITIAL = Uint32Array.from(fractions(PRIMES.slice(0, 8), Math.sqrt));

function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  return primes;
}

const rotate = (x: number, bits: number) => (x >>> bits) | (x << (32 - bits));

const BLOCK = 64;

export class Sha256 {
  private readonly state = INITIAL.slice();
  private readonly schedule = new Uint32Array(64);
  private readonly block = new Uint8Array(BLOCK);
  private readonly view = new DataView(this.block.buffer);
  private filled = 0;
  private length = 0;

  update(bytes: Uint8Array): this {
    this.length += bytes.length;
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + BLOCK - this.filled);
      this.block.set(part, this.filled);
      this.filled += part.length;
      at += part.length;
      if (this.filled === BLOCK) this.compress();
    }
    return this;
  }

  /** In hexadecimal; nothing can be added after it. */
  digest(): string {
    const bits = this.length * 8;
    this.block[this.filled++] = 0x80;
    if (this.filled > BLOCK - 8) {
      this.block.fill(0, this.filled);
      this.compress();
    }
    this.block.fill(0, this.filled);
    this.view.setUint32(BLOCK - 8, Math.floor(bits / 2 ** 32));
    this.view.setUint32(BLOCK - 4, bits >>> 0);
    this.compress();
    return Array.from(this.state, (word) => word.toString(16).padStart(8, '0')).join('');
  }

  /** One block into the state (section 6.2.2). */
  private compress(): void {
    const { schedule: w, state, view } = this;
    for (let t = 0; t < 16; t++) w[t] = view.getUint32(4 * t);
    for (let t = 16; t < 64; t++) {
      const [near, far] = [w[t - 2], w[t - 15]];
      const small1 = rotate(near, 17) ^ rotate(near, 19) ^ (near >>> 10);
      const small0 = rotate(far, 7) ^ rotate(far, 18) ^ (far >>> 3);
      w[t] = small1 + w[t - 7] + small0 + w[t - 16];
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let t = 0; t < 64; t++) {
      const big1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
      const choice = (e & f) ^ (~e & g);
      const first = (h + big1 + choice + ROUND_CONSTANTS[t] + w[t]) | 0;
      const big0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
      const majority = (a & b) ^ (a & c) ^ (b & c);
      h = g;
      g = f;
      f = e;
      e = (d + first) | 0;
      d = c;
      c = b;
      b = a;
      a = (first + big0 + majority) | 0;
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => (state[i] += word));
    this.filled = 0;
  }
}
