import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { launchOptions } from './tools/chromium.ts';

/** tfjs and its backends are bundled together before the first test: one copy of it, and no reload in the middle of a run. */
const TFJS = ['core', 'backend-webgpu', 'backend-wasm', 'backend-cpu'].map((part) => `@tensorflow/tfjs-${part}`);

export default defineConfig({
  test: {
    projects: [
      {
        extends: './vite.config.ts',
        test: { name: 'unit', environment: 'node', include: ['tests/unit/**/*.test.ts'] },
      },
      {
        extends: './vite.config.ts',
        optimizeDeps: { include: TFJS },
        test: {
          name: 'gpu',
          include: ['tests/gpu/**/*.test.ts'],
          // The software adapter may take a second to compile one shader.
          testTimeout: 60_000,
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
