import { launchOptions } from '../../tools/chromium.ts';
import { item, openForm, storedEvents, template } from './formDataset';
import { expect, send, test } from './lab';
import { QUICK_PPO, QUICK_REWARD, QUICK_SAMPLING } from './quick';

// Judging needs no graphics.
test.use({ launchOptions: launchOptions('none') });

test('what comes next is chosen by a strategy, and the judgements say so', async ({ page, complaints }) => {
  await page.goto('./');
  const { shipped } = await send(page, 'start', {});
  const baseModelId = shipped[0].id;
  const { datasetId } = await send(page, 'createDataset', { name: 'pairs', seed: 1, modelId: baseModelId });
  await send(page, 'sampleComparisons', { datasetId, modelId: baseModelId, count: 40, options: QUICK_SAMPLING, cut: QUICK_PPO.cut });
  await send(page, 'labelWithRule', { datasetId, rule: 'long-words', temperature: 0.1, seed: 1, limit: 10 });
  await page.goto('./#/collect');
  await page.locator('summary', { hasText: 'What comes next' }).click();
  const wanted = page.getByRole('radio', { name: 'Where the judges disagree' });
  await expect(wanted).toBeDisabled();
  await expect(page.getByText(/two or more members: train one in Reward/)).toBeVisible();

  await send(page, 'trainReward', { datasetId, baseModelId, name: 'Two judges', settings: { ...QUICK_REWARD, members: 2 } });
  await expect(wanted).toBeEnabled();
  await page.getByText('Where the judges disagree', { exact: true }).click();
  await expect(page.getByText('30 open items were ranked by “Two judges”.')).toBeVisible();
  await page.getByLabel('Left to chance all the same, in percent').fill('30');
  await page.getByLabel('Left to chance all the same, in percent').press('Enter');
  await page.getByLabel('Ask again, unannounced').selectOption('About 1 in 10');
  await expect(page.getByText('30 % of the items')).toBeVisible();
  await page.locator('summary', { hasText: 'What comes next' }).click();
  const judged = () =>
    page.evaluate(
      () =>
        new Promise<{ comparisonId: string; choice?: string; repeat?: true }[]>((resolve) => {
          const request = indexedDB.open('nudge');
          request.onsuccess = () => {
            const all = request.result.transaction('events').objectStore('events').getAll();
            all.onsuccess = () => {
              request.result.close();
              resolve(all.result.filter(({ rater }: { rater: { kind: string } }) => rater.kind === 'person'));
            };
          };
        }),
    );
  for (let n = 1; n <= 24; n++) {
    await page.keyboard.press('t');
    await expect.poll(async () => (await judged()).length).toBe(n);
    // Each answer counts, so that none that is asked for again is given away; how many are to go is said in tens.
    await expect(page.getByRole('main').getByText(`${10 + n} answers · of them 10 simulated`)).toBeVisible();
    await expect(page.getByText(/ · (about [1234]0|fewer than 10) to go/)).toBeVisible();
    await expect(page.getByRole('link', { name: `Collect ${10 + n} answers` })).toBeVisible();
  }
  const events = await judged();
  expect(new Set(events.map(({ choice }) => choice))).toEqual(new Set(['uncertain', 'random']));
  const again = events.filter(({ repeat }) => repeat).map(({ comparisonId }) => comparisonId);
  expect(again.length).toBeGreaterThan(0);
  expect(new Set(events.map(({ comparisonId }) => comparisonId)).size).toBe(events.length - again.length);
  expect(complaints).toEqual([]);
});

test('what comes again unannounced is taken back as anything else, and shows nothing of what was said before', async ({ page }) => {
  await openForm(page, template('Good or not'), Array.from({ length: 60 }, (_, order) => item(order, ['It rained.'])));
  await page.locator('summary', { hasText: 'What comes next' }).click();
  await page.getByLabel('Ask again, unannounced').selectOption('About 1 in 10');
  await page.locator('summary', { hasText: 'What comes next' }).click();
  const pressed = page.getByRole('main').locator('.responses [aria-pressed="true"]');
  const last = async () => (await storedEvents(page)).findLast(({ kind }) => kind === 'judged')!;
  let answers = 0;
  do {
    await expect(pressed).toHaveCount(0);
    // First everything is good, and from where something may come again, nothing is.
    await page.keyboard.press(answers < 11 ? '1' : '2');
    await expect(page.getByRole('main').getByText(new RegExp(`^${++answers} answers? ·`))).toBeVisible();
    await expect.poll(async () => (await storedEvents(page)).length).toBe(answers);
  } while (!('repeat' in (await last())));
  await page.keyboard.press('z');
  await expect(page.getByRole('main').getByText(`${answers - 1} answers`)).toBeVisible();
  // The answer that was just given, not the first one.
  await expect(pressed).toHaveText([/^Not good/]);
  await expect(page.getByText('Judged before')).toBeHidden();
});
