import { defineConfig } from '@playwright/test';
import { launchOptions } from '../../tools/chromium.ts';

export default defineConfig({
  testDir: '.',
  testMatch: '*.test.ts',
  outputDir: '../../test-results/e2e',
  reporter: [['list'], ['json', { outputFile: '../../test-results/e2e.json' }]],
  // One at a time: they share a software adapter and, often, two slow cores.
  workers: 1,
  forbidOnly: Boolean(process.env.CI),
  timeout: 120_000,
  expect: { timeout: 20_000 },
  use: { launchOptions: launchOptions('software') },
});
