import { launchOptions } from '../../tools/chromium.ts';
import { expect, send, test } from './lab';
import { prepareReward } from './quick';

// The same on any device; the processor is there sooner than a software adapter.
test.use({ launchOptions: launchOptions('none') });

test('simulated judgements are marked wherever they appear', async ({ page }) => {
  await page.goto('./#/library');
  await prepareReward(page);
  const link = (name: string) => page.getByRole('navigation').getByRole('link', { name });
  await expect(link('Collect')).toContainText('12 judgements, all simulated');
  const main = page.getByRole('main');
  await expect(main.getByRole('listitem').filter({ hasText: 'Reward model' })).toContainText('all simulated');
  for (const room of ['welcome', 'collect', 'reward']) {
    await page.goto(`./#/${room}`);
    await expect(main.getByText('all simulated').first()).toBeVisible();
  }
});

test('a pair that is asked again is answered by the person, and the log speaks for nobody else', async ({ page }) => {
  await page.goto('./#/reward');
  await prepareReward(page);
  // Another dataset is in use meanwhile.
  await send(page, 'createDataset', { name: 'later', seed: 1 });
  // Keys alone: the list of what pulled hardest, its first row, the judgement, and back.
  await expect(page.getByRole('button', { name: 'What pulled hardest' })).toBeVisible();
  await page.keyboard.press('h');
  await expect(page.getByText('This judgement pulled hardest')).toBeVisible();
  await page.keyboard.press('1');
  await expect(page.getByText('Judged before:')).toBeVisible();
  await page.keyboard.press('1');
  await expect(page.getByRole('main').getByRole('status').filter({ hasText: 'Saved on this device' })).toBeVisible();
  const raters = await page.evaluate(async () => {
    const answer = <T>(request: IDBRequest<T>) => new Promise<T>((done, fail) => Object.assign(request, { onsuccess: () => done(request.result), onerror: () => fail(request.error) }));
    const database = await answer(indexedDB.open('nudge'));
    const events = (await answer(database.transaction('events').objectStore('events').getAll())) as { kind: string; rater: { kind: string } }[];
    database.close();
    return events.map(({ kind, rater }) => `${kind} ${rater.kind}`);
  });
  expect(raters).toEqual([...Array<string>(12).fill('judged simulated'), 'judged person']);
  await page.keyboard.press('d');
  await expect(page.getByText('Judged again since')).toBeVisible();
});
