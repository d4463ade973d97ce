import { playwright } from '@vitest/browser-playwright';
import { configDefaults, defineConfig } from 'vitest/config';
import { launchOptions } from './tools/chromium.ts';

/** tfjs and its backends are bundled together before the first test: one copy of it, and no reload in the middle of a run. */
const TFJS = ['core', 'backend-webgpu', 'backend-wasm', 'backend-cpu'].map((part) => `@tensorflow/tfjs-${part}`);

// For slow shared cores, and for the software adapter, which may take a second to compile one shader.
const PATIENCE = { testTimeout: 60_000, hookTimeout: 60_000 };

const ON_NODE = { environment: 'node', ...PATIENCE } as const;

const WHOLE_LABS = 'tests/unit/lab/**/*.test.ts';

export default defineConfig({
  test: {
    projects: [
      // A file that loads tfjs and the lab anew spends more on that than on its tests: files share what they load.
      // As many workers as a small machine has cores: left to itself Vitest takes one less, and one of two stands idle.
      { extends: './vite.config.ts', test: { ...ON_NODE, name: 'unit', include: ['tests/unit/**/*.test.ts'], exclude: [...configDefaults.exclude, WHOLE_LABS], isolate: false, maxWorkers: 2 } },
      // A lab has one device and one database in a page; so it is here.
      { extends: './vite.config.ts', test: { ...ON_NODE, name: 'labs', include: [WHOLE_LABS], sequence: { groupOrder: 1 } } },
      {
        extends: './vite.config.ts',
        optimizeDeps: { include: TFJS },
        test: {
          name: 'gpu',
          include: ['tests/gpu/**/*.test.ts'],
          ...PATIENCE,
          // Pages that share one software adapter only slow each other down.
          fileParallelism: false,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: launchOptions('software') }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
