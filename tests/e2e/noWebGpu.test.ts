import { launchOptions } from '../../tools/chromium.ts';
import { expect, send, test } from './lab';
import { QUICK_PPO, QUICK_REWARD, QUICK_SAMPLING } from './quick';

test.use({ launchOptions: launchOptions('none') });

test('a browser without WebGPU is told so in plain words', async ({ page }) => {
  await page.goto('./#/collect');
  await expect(page.getByText('No WebGPU here: the slow way')).toBeVisible();
  await expect(page.getByText(/it offers no graphics adapter/)).toBeVisible();
  await expect(page.getByText(/In Chrome or Edge/)).toBeVisible();
});

test('the whole loop runs on WebAssembly', async ({ page }) => {
  await page.goto('./');
  const { adapter, shipped } = await send(page, 'start', {});
  expect(adapter).toMatchObject({ backend: 'wasm', slow: true });

  const modelId = shipped[0].id;
  const { datasetId } = await send(page, 'createDataset', { name: 'wasm', seed: 1, modelId });
  const { added } = await send(page, 'sampleComparisons', { datasetId, modelId, count: 12, options: QUICK_SAMPLING, cut: QUICK_PPO.cut });
  expect(added).toBe(12);
  const { judged } = await send(page, 'labelWithRule', { datasetId, rule: 'long-words', temperature: 0.1, seed: 1 });
  expect(judged).toBe(12);

  const reward = await send(page, 'trainReward', { datasetId, baseModelId: modelId, name: 'wasm reward', settings: QUICK_REWARD });
  expect(reward.report.trainPairs + reward.report.heldOutPairs).toBe(12);

  const { runId } = await send(page, 'createRun', { baseModelId: modelId, rewardModelId: reward.modelId, settings: QUICK_PPO, seed: 1 });
  await send(page, 'step', { runId });
  const { run } = await send(page, 'step', { runId });
  expect(run.iteration).toBe(2);
  const { metrics } = await send(page, 'history', { runId });
  // The policy is still the reference when it writes its first batch, and no longer when it writes its second.
  expect(metrics[0].metrics['objective/kl']).toBeCloseTo(0, 4);
  expect(Math.abs(metrics[1].metrics['objective/kl'])).toBeGreaterThan(1e-6);
});
