import type { Page } from '@playwright/test';
import { launchOptions } from '../../tools/chromium.ts';
import { storedEvents } from './formDataset';
import { expect, send, test } from './lab';
import { QUICK_PPO, QUICK_SAMPLING } from './quick';

// Judging needs no graphics; the processor writes the few pairs sooner than a software adapter.
test.use({ launchOptions: launchOptions('none') });

const PAIRS = 6;

async function openQueue(page: Page): Promise<void> {
  await page.goto('./');
  const { shipped } = await send(page, 'start', {});
  const modelId = shipped[0].id;
  const { datasetId } = await send(page, 'createDataset', { name: 'Pairs', seed: 1, modelId });
  await send(page, 'sampleComparisons', { datasetId, modelId, count: PAIRS, options: QUICK_SAMPLING, cut: QUICK_PPO.cut });
  await page.goto('./#/collect');
  await expect(page.getByText(`${PAIRS} to go`)).toBeVisible();
  // Nothing of these tests is about writing more.
  await page.getByText('More pairs').click();
  await page.getByRole('checkbox', { name: /Go on writing/ }).uncheck();
  await page.getByText('More pairs').click();
}

const judged = (page: Page, n: number) => expect(page.getByText(`${n} judged · ${PAIRS - n} to go`)).toBeVisible();

/** Every judgement so far is on disk: counts change at the key, before that. */
const saved = (page: Page) => expect(page.getByRole('main').getByRole('status').filter({ hasText: 'Saved on this device' })).toBeVisible();

/** What the store holds, so that nothing in memory can answer for it. */
async function stored(page: Page): Promise<unknown[]> {
  return (await storedEvents(page)).map((event) => (event.kind === 'judged' ? event.verdict : event.kind));
}

test('every key does what its button says, once, and the log keeps all of it', async ({ page, complaints }) => {
  await openQueue(page);
  await page.keyboard.press('t');
  await judged(page, 1);
  await page.keyboard.press('b');
  await judged(page, 2);
  await page.keyboard.press('s');
  await expect(page.getByText('2 judged · 3 to go · 1 skipped')).toBeVisible();
  await page.keyboard.press('z');
  await judged(page, 2);
  await page.keyboard.press('z');
  await judged(page, 1);
  // Held down, a key repeats; a judgement must not.
  for (let i = 0; i < 4; i++) await page.keyboard.down('1');
  await page.keyboard.up('1');
  await judged(page, 2);
  await page.keyboard.press('ArrowRight');
  await judged(page, 3);
  await saved(page);
  const log = await stored(page);
  expect(log.slice(0, 5)).toEqual(['tie', 'both-bad', 'skipped', 'undone', 'undone']);
  expect(log).toHaveLength(7);
  expect(complaints).toEqual([]);
});

test('the chosen side is the one on the screen, whatever the order in the store', async ({ page }) => {
  await openQueue(page);
  const shown: string[] = [];
  for (let i = 0; i < PAIRS; i++) {
    const text = await page.getByRole('region', { name: 'First continuation' }).locator('p.reading').innerText();
    shown.push(text.trim());
    await page.keyboard.press('1');
    await (i < PAIRS - 1 ? judged(page, i + 1) : expect(page.getByText('All judged')).toBeVisible());
  }
  await saved(page);
  const chosen = await page.evaluate(
    () =>
      new Promise<string[]>((resolve) => {
        const request = indexedDB.open('nudge');
        request.onsuccess = () => {
          const transaction = request.result.transaction(['events', 'comparisons']);
          const events = transaction.objectStore('events').getAll();
          const comparisons = transaction.objectStore('comparisons').getAll();
          transaction.oncomplete = () => {
            const byId = new Map(comparisons.result.map((comparison) => [comparison.id, comparison]));
            resolve(events.result.map(({ comparisonId, verdict }) => byId.get(comparisonId).responses[verdict === 'first' ? 0 : 1].trim()));
          };
        };
      }),
  );
  expect(chosen).toEqual(shown);
});

test('nothing fires while somebody types, and not in a dialog', async ({ page }) => {
  await openQueue(page);
  await page.getByText('More pairs').click();
  await page.getByRole('textbox', { name: /beginnings/ }).pressSequentially('1 bats 2 z');
  await page.getByRole('spinbutton', { name: /How many/ }).first().press('1');
  await judged(page, 0);
  await page.getByText('More pairs').click();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Help and keys' })).toBeVisible();
  await page.keyboard.press('1');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog', { name: 'Help and keys' })).toBeHidden();
  await judged(page, 0);
});

test('help says where one is in the loop, and leads to the next step', async ({ page }) => {
  await openQueue(page);
  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Help and keys' });
  await expect(help.getByRole('link', { name: 'Collect' })).toHaveAttribute('aria-current', 'page');
  await expect(help.getByText('Next: Judge the first.')).toBeVisible();
  await help.getByRole('link', { name: 'Reward' }).press('Enter');
  await expect(help).toBeHidden();
  await expect(page.getByRole('heading', { level: 1, name: 'Reward' })).toBeVisible();
});

test('nothing fires while somebody composes, writes in the page, or means the browser', async ({ page }) => {
  await openQueue(page);
  await page.evaluate(() => {
    const note = Object.assign(document.createElement('div'), { id: 'note', contentEditable: 'true', textContent: 'a note' });
    document.querySelector('main')!.append(note, document.createElement('textarea'), document.createElement('select'));
  });
  for (const place of ['#note', 'main > textarea', 'main > select']) {
    await page.locator(place).focus();
    await page.keyboard.press('t');
    await page.keyboard.press('ArrowLeft');
  }
  await page.evaluate(() => {
    (document.activeElement as HTMLElement).blur();
    for (const facts of [{ isComposing: true }, { repeat: true }, { ctrlKey: true }, { metaKey: true }, { altKey: true }])
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 't', bubbles: true, cancelable: true, ...facts }));
  });
  await judged(page, 0);
  await page.evaluate(() => document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 't', bubbles: true, cancelable: true })));
  await judged(page, 1);
});

test('a key is changed by the keyboard alone, and the button, the list and the next visit know it', async ({ page, complaints }) => {
  await openQueue(page);
  const sheet = page.getByRole('dialog', { name: 'Help and keys' });
  const field = sheet.getByRole('textbox', { name: /^New key for “Equally good”/ });
  const key = (printed: string) => sheet.getByRole('button', { name: `Equally good: ${printed}. Change it` });

  await page.keyboard.press('?');
  await key('T').focus();
  await page.keyboard.press('Enter');
  await expect(field).toBeFocused();
  await page.keyboard.press('b');
  await expect(sheet.getByRole('alert')).toContainText('“Both bad”');
  await page.keyboard.press('Enter');
  await expect(sheet.getByRole('alert')).toContainText('That key works the page or the browser');
  // Escape leaves the key as it is; the list stays open.
  await page.keyboard.press('Escape');
  await expect(key('T')).toBeFocused();

  await page.keyboard.press('Space');
  await page.keyboard.press('e');
  await expect(key('E')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(sheet).toBeHidden();
  await expect(page.getByRole('button', { name: 'Tie' })).toHaveAttribute('aria-keyshortcuts', 'e');

  await page.reload();
  // A new visit may write more while this goes on.
  const counted = (n: number) => expect(page.getByText(new RegExp(`^${n} judged`))).toBeVisible();
  await counted(0);
  await page.keyboard.press('t');
  await counted(0);
  await page.keyboard.press('e');
  await counted(1);

  await page.keyboard.press('?');
  await key('E').press('Enter');
  await page.keyboard.press('Tab');
  await expect(sheet.getByRole('button', { name: 'No key' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(key('no key')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Tie' })).not.toHaveAttribute('aria-keyshortcuts');
  await page.keyboard.press('e');
  await page.keyboard.press('t');
  await counted(1);

  await page.keyboard.press('?');
  await sheet.getByRole('button', { name: 'Restore all keys' }).press('Enter');
  await expect(sheet.getByRole('status')).toHaveText('All keys are as they came.');
  await expect(key('T')).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('t');
  await counted(2);
  expect(complaints).toEqual([]);
});

test('a judgement that cannot be saved is kept, said, and saved later', async ({ page }) => {
  await openQueue(page);
  await page.evaluate(() => {
    const add = IDBObjectStore.prototype.add;
    IDBObjectStore.prototype.add = function () {
      throw new DOMException('no room', 'QuotaExceededError');
    };
    Object.assign(window, { giveRoom: () => (IDBObjectStore.prototype.add = add) });
  });
  await page.keyboard.press('1');
  await page.keyboard.press('2');
  await expect(page.getByText('2 judgements not saved yet')).toBeVisible();
  await expect(page.getByText('Saved on this device')).toBeHidden();
  expect(await stored(page)).toEqual([]);

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export everything' }).click();
  expect((await download).suggestedFilename()).toBe('Pairs.nudge.jsonl');

  await page.evaluate(() => (window as unknown as { giveRoom: () => void }).giveRoom());
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByText('not saved yet')).toBeHidden();
  expect(await stored(page)).toHaveLength(2);
});

/** Writes into a database of its own until the site's share of the disk has no room for even a judgement. */
async function fillDisk(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const filler = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open('filler');
      request.onupgradeneeded = () => request.result.createObjectStore('bytes', { autoIncrement: true });
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const fits = (size: number) =>
      new Promise<boolean>((resolve) => {
        const transaction = filler.transaction('bytes', 'readwrite');
        transaction.oncomplete = () => resolve(true);
        transaction.onabort = () => resolve(false);
        // Random, for what can be compressed takes no room.
        transaction.objectStore('bytes').add(crypto.getRandomValues(new Uint8Array(size)));
      });
    for (let size = 1 << 16; size >= 1; size >>= 2) while (await fits(size));
    filler.close();
  });
}

test('a disk that fills up while somebody judges loses nothing', async ({ page, site }) => {
  const browser = await page.context().newCDPSession(page);
  const { origin } = new URL(site.url);
  // Set before anything is written: Chromium remembers for half a minute how much room there was.
  await browser.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 4 << 20 });
  await openQueue(page);
  await page.keyboard.press('1');
  await saved(page);
  await fillDisk(page);
  await page.keyboard.press('2');
  await page.keyboard.press('t');
  await expect(page.getByText('2 judgements not saved yet')).toBeVisible();
  await expect(page.getByText('The browser has no room left for this site')).toBeVisible();
  await judged(page, 3);
  expect(await stored(page)).toHaveLength(1);

  await browser.send('Storage.overrideQuotaForOrigin', { origin });
  await page.getByRole('button', { name: 'Try again' }).click();
  await saved(page);
  expect((await stored(page)).slice(1)).toEqual([expect.stringMatching(/first|second/), 'tie']);
});
