import { launchOptions } from '../../tools/chromium.ts';
import { expect, send, test } from './lab';
import { prepareReward } from './quick';
import { violations } from './screenFaults';

// The same on any device; the processor is there sooner than a software adapter.
test.use({ launchOptions: launchOptions('none') });

test('a rule of one’s own is read as it is typed, tried on texts, and trains a model without any reward model', async ({ page, complaints }) => {
  await page.goto('./#/optimise');
  await send(page, 'start', {});
  await page.getByRole('button', { name: 'Use a rule of your own' }).click();
  const form = page.getByRole('dialog', { name: 'New run' });
  await expect(form.getByText(/^Tried on 32 texts that the base model just wrote: .* on average/)).toBeVisible();

  const rule = form.getByLabel('The rule', { exact: true });
  await rule.fill('chars + dragons');
  await expect(form.getByText(/At character 9: “dragons” is not known/)).toBeVisible();
  await expect(form.getByRole('button', { name: 'Create the run' })).toBeDisabled();
  await rule.fill('chars');
  await expect(form.getByText(/At character/)).toBeHidden();
  await form.getByText('What a rule may say').click();
  expect(await violations(page, 'the rule')).toEqual([]);

  await form.getByText('Settings', { exact: true }).click();
  // The tiny model's tokens are short, so the lab's openings have more of them.
  await form.getByLabel('Longest prompt, tokens', { exact: true }).fill('64');
  await form.getByLabel('Texts in an iteration', { exact: true }).fill('4');
  await form.getByRole('button', { name: 'Create the run' }).click();
  await expect(form).toBeHidden();
  await expect(page.getByText(/the rule scores them/)).toBeVisible();
  await page.getByRole('button', { name: 'Step' }).click();
  await expect(page.getByText('1 of 60')).toBeVisible();
  await expect(page.getByText(/tuned on the rule “chars”/)).toBeVisible();
  const { runs } = await send(page, 'library', {});
  expect(runs[0]).toMatchObject({ iteration: 1, reward: { rule: 'chars', weights: { model: 0, length: 0, rule: 1 } } });
  expect(runs[0]).not.toHaveProperty('rewardModelId');
  for (const room of ['compare', 'library']) {
    await page.goto(`./#/${room}`);
    await expect(page.getByText(/a model that is gone/)).toBeHidden();
  }
  expect(complaints).toEqual([]);
});

test('texts are measured against references without a reward model, and beside one', async ({ page }) => {
  await page.goto('./#/reward');
  await send(page, 'start', {});
  const table = page.getByRole('region', { name: 'Texts against references, table' });
  await expect(table.getByRole('row')).toHaveCount(3);
  await expect(table.getByRole('columnheader', { name: 'Reward' })).toBeHidden();
  await expect(page.getByText(/^BLEU puts “Today walk weather/)).toBeVisible();

  await page.getByLabel('Texts to measure').fill('The weather is nice today, perfect for a walk.\nA cat.');
  await expect(table.getByRole('row', { name: /^The weather is nice today/ }).getByRole('cell').first()).toHaveText('100');
  await prepareReward(page);
  await expect(table.getByRole('row', { name: /^The weather is nice today/ }).getByRole('cell').nth(4)).toHaveText(/^−?\d/);
});
