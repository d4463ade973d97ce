import { defineConfig } from '@playwright/test';
import { launchOptions } from '../../tools/chromium.ts';

const GRAPHICS = /\/(deviceLoss|journey|privacy)\.test\.ts$/;

export default defineConfig({
  testDir: '.',
  testMatch: '*.test.ts',
  outputDir: '../../test-results/e2e',
  reporter: [['list'], ['json', { outputFile: '../../test-results/e2e.json' }]],
  // Those that compute on the software adapter one at a time, for they share it; beside them those that only show and judge.
  workers: 2,
  projects: [
    { name: 'graphics', testMatch: GRAPHICS, workers: 1 },
    { name: 'plain', testIgnore: GRAPHICS },
  ],
  forbidOnly: Boolean(process.env.CI),
  timeout: 120_000,
  expect: { timeout: 20_000 },
  use: { launchOptions: launchOptions('software') },
});
