import type { AdamWOptions } from '../../../src/tensor/adamW';

type Arrays = Map<string, number[]>;

/** AdamW one number at a time, written from the papers' formulas; what the project's own is held against. */
export class ScalarAdamW {
  #t = 0;
  #m: Arrays = new Map();
  #v: Arrays = new Map();

  constructor(private readonly o: AdamWOptions) {}

  /** Updates `weights` in place and returns the gradients' norm. */
  step(weights: Arrays, gradients: Arrays, learningRate: number): number {
    const norm = Math.hypot(...[...gradients.values()].flat());
    const clip = this.o.maxGradNorm !== null && norm > this.o.maxGradNorm ? this.o.maxGradNorm / norm : 1;
    this.#t++;
    for (const [name, w] of weights) {
      if (!gradients.has(name)) continue;
      const m = this.#m.get(name) ?? w.map(() => 0);
      const v = this.#v.get(name) ?? w.map(() => 0);
      this.#m.set(name, m);
      this.#v.set(name, v);
      w.forEach((_, i) => {
        const g = gradients.get(name)![i] * clip;
        m[i] += (1 - this.o.beta1) * (g - m[i]);
        v[i] += (1 - this.o.beta2) * (g * g - v[i]);
        const one = 1 - Math.pow(this.o.beta1, this.#t);
        const two = 1 - Math.pow(this.o.beta2, this.#t);
        const move =
          this.o.epsilonPlacement === 'pytorch'
            ? m[i] / one / (Math.sqrt(v[i] / two) + this.o.epsilon)
            : ((Math.sqrt(two) / one) * m[i]) / (Math.sqrt(v[i]) + this.o.epsilon);
        w[i] = w[i] * (1 - learningRate * this.o.weightDecay) - learningRate * move;
      });
    }
    return norm;
  }
}
