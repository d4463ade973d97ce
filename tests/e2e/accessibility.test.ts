import type { Page } from '@playwright/test';
import { launchOptions } from '../../tools/chromium.ts';
import { expect, send, test } from './lab';
import { QUICK_PPO, QUICK_REWARD, QUICK_SAMPLING } from './quick';
import { CONTRAST, STANDARD, violations } from './screenFaults';

// The same rooms on any device; the processor fills them sooner than a software adapter would.
test.use({ launchOptions: launchOptions('none') });
test.describe.configure({ timeout: 240_000 });

const ROOMS = ['welcome', 'collect', 'reward', 'optimise', 'compare', 'library'];

/** What axe finds wrong in each room, light and dark, as lines that say where. */
async function violationsOfRooms(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const room of ROOMS) {
      await page.goto(`./#/${room}`);
      await expect(page.getByRole('heading').first()).toBeVisible();
      // A colour on its way from one scheme to the other, or a text that fades in, is not yet what people read.
      await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished.catch(() => undefined))));
      found.push(...(await violations(page, `${room}, ${colorScheme}`, colorScheme === 'light' ? STANDARD : CONTRAST)));
    }
  }
  return found;
}

test('empty rooms are accessible, light and dark', async ({ page }) => {
  await page.goto('./');
  await send(page, 'start', {});
  expect(await violationsOfRooms(page)).toEqual([]);

  await page.keyboard.press('?');
  await page.getByText('Keys that work elsewhere').click();
  await page.getByRole('button', { name: 'This list: ?. Change it' }).click();
  await page.keyboard.press('c');
  await expect(page.getByRole('alert').filter({ hasText: 'is the key of' })).toBeVisible();
  expect(await violations(page, 'keys, being changed')).toEqual([]);
});

test('rooms with something in them are accessible, light and dark, and the console stays quiet', async ({ page, complaints }) => {
  await page.goto('./');
  const { shipped } = await send(page, 'start', {});
  const modelId = shipped[0].id;
  const { datasetId } = await send(page, 'createDataset', { name: 'Pairs', seed: 1, modelId });
  await send(page, 'sampleComparisons', { datasetId, modelId, count: 12, options: QUICK_SAMPLING, cut: QUICK_PPO.cut });
  await send(page, 'labelWithRule', { datasetId, rule: 'long-words', temperature: 0.1, seed: 1, limit: 10 });
  const { modelId: rewardModelId } = await send(page, 'trainReward', { datasetId, baseModelId: modelId, name: 'Long words', settings: QUICK_REWARD });
  const { runId } = await send(page, 'createRun', { baseModelId: modelId, rewardModelId, settings: QUICK_PPO, seed: 1 });
  await send(page, 'step', { runId });
  await send(page, 'step', { runId });
  expect(await violationsOfRooms(page)).toEqual([]);
  await page.goto('./#/optimise');
  await page.getByRole('button', { name: 'Text 2, token by token' }).click();
  expect(await violations(page, 'token by token')).toEqual([]);
  await page.goto('./#/collect');
  await page.locator('summary', { hasText: 'The form' }).click();
  expect(await violations(page, 'the form')).toEqual([]);
  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  await expect(page.getByRole('dialog', { name: 'Edit the form' })).toBeVisible();
  expect(await violations(page, 'the form’s editor')).toEqual([]);
  expect(complaints).toEqual([]);
});
