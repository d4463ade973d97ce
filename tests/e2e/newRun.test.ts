import { launchOptions } from '../../tools/chromium.ts';
import { PPO_PRESETS } from '../../src/rl/settings';
import { expect, send, test } from './lab';
import { prepareReward, QUICK_PPO } from './quick';

// The same on any device; the processor is there sooner than a software adapter.
test.use({ launchOptions: launchOptions('none') });

test('a run that stopped itself says to make a new one, and opens the form filled like it', async ({ page }) => {
  await page.goto('./#/optimise');
  const models = await prepareReward(page);
  const settings = { ...QUICK_PPO, iterations: 30, learningRate: 0.05, kl: { ...PPO_PRESETS.unleashed.settings.kl, cap: 1 } };
  const { runId } = await send(page, 'createRun', { ...models, settings, seed: 77 });
  expect((await send(page, 'play', { runId })).run.status).toBe('failed');
  await expect(page.getByText(/make a new run with a higher β or a lower learning rate/)).toBeVisible();

  await page.getByRole('button', { name: 'New run with these settings' }).click();
  const form = page.getByRole('dialog', { name: 'New run' });
  await expect(form.getByRole('radio', { name: PPO_PRESETS.unleashed.title })).toBeChecked();
  await form.getByText('Settings', { exact: true }).click();
  await form.getByLabel('Learning rate', { exact: true }).fill('0.01');
  await form.getByRole('button', { name: 'Create the run' }).click();
  await expect(form).toBeHidden();
  const { runs } = await send(page, 'library', {});
  expect(runs[1]).toMatchObject({ ...models, seed: 77, status: 'ready', settings: { ...settings, learningRate: 0.01 } });
});

test('a run on judged pairs of one’s own openings is offered them first', async ({ page }) => {
  const own = ['Tom saw a cat and', 'Lily found a box. She', 'Ben was sad because'];
  await page.goto('./#/optimise');
  await prepareReward(page, own);
  const openings = page.getByLabel('Openings that it writes on from');
  await expect(openings).toHaveValue('own');
  await expect(page.getByText(/^It takes very roughly .* for 60 iterations on WebAssembly/)).toBeVisible();
  await page.getByRole('button', { name: 'Create the run' }).click();
  await expect(page.getByText('On 3 openings of its own.')).toBeVisible();

  await page.getByRole('button', { name: 'New run' }).click();
  const form = page.getByRole('dialog', { name: 'New run' });
  await form.getByLabel('Openings that it writes on from').selectOption('lab');
  // The tiny model's tokens are short, so the lab's openings have more of them.
  await form.getByText('Settings', { exact: true }).click();
  await form.getByLabel('Longest prompt, tokens', { exact: true }).fill('64');
  await form.getByRole('button', { name: 'Create the run' }).click();
  await expect(form).toBeHidden();
  const { runs } = await send(page, 'library', {});
  expect(runs.map(({ prompts }) => prompts)).toEqual([own, undefined]);
});
