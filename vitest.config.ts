import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { launchOptions } from './tools/chromium.ts';

/** tfjs and its backends are bundled together before the first test: one copy of it, and no reload in the middle of a run. */
const TFJS = ['core', 'backend-webgpu', 'backend-wasm', 'backend-cpu'].map((part) => `@tensorflow/tfjs-${part}`);

// For slow shared cores, and for the software adapter, which may take a second to compile one shader.
const PATIENCE = { testTimeout: 60_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    projects: [
      {
        extends: './vite.config.ts',
        // As many as a small machine has cores: left to itself it takes one less, and one of two stands idle.
        test: { name: 'unit', environment: 'node', include: ['tests/unit/**/*.test.ts'], maxWorkers: 2, ...PATIENCE },
      },
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
