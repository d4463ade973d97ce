import type { Mutant } from '../../tools/mutants/mutant';

const ADAMW = 'tests/unit/tensor/adamW.test.ts';

/** Mistakes in AdamW and in the clipping of its gradients. */
export const OPTIMISER: readonly Mutant[] = [
  {
    name: 'AdamW without bias correction',
    file: 'src/tensor/adamWOnHost.ts',
    find: `const correction1 = 1 - beta1 ** this.#updates;
    const rootCorrection2 = Math.sqrt(1 - beta2 ** this.#updates);`,
    replace: `const correction1 = 1;
    const rootCorrection2 = 1;`,
    tests: [ADAMW],
    project: 'unit',
  },
  {
    name: 'norm clipped for each tensor alone',
    file: 'src/tensor/adamWOnHost.ts',
    find: 'this.#update(name, variables.get(name)!, hostValues(gradient), scale, learningRate)',
    replace: `this.#update(
      name, variables.get(name)!, hostValues(gradient),
      maxGradNorm === null ? 1 : Math.min(1, maxGradNorm / (Math.hypot(...hostValues(gradient)) + CLIP_EPSILON)), learningRate,
    )`,
    tests: [ADAMW],
    project: 'unit',
  },
  {
    name: 'AdamW without bias correction, in WGSL',
    file: 'src/tensor/adamWOnGpu.ts',
    find: 'settings.learningRate * rootCorrection / control[1]',
    replace: 'settings.learningRate * rootCorrection',
    tests: ['tests/gpu/tensorAdamW.test.ts'],
    project: 'gpu',
  },
];
