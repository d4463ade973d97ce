import type { Page } from '@playwright/test';
import { launchOptions } from '../../tools/chromium.ts';
import { expect, send, test } from './lab';

// What is wrong with a file is no matter of graphics, and a browser without them starts sooner.
test.use({ launchOptions: launchOptions('none') });

test.afterEach(({ site }) => {
  site.missing.clear();
  site.halved.clear();
});

const PREFERENCE = JSON.stringify({ prompt: 'A cat', chosen: ' slept.', rejected: ' flew.' });

/** Chooses files in Collect, as its import button does. */
async function importFiles(page: Page, files: { name: string; text: string }[]): Promise<void> {
  const chosen = files.map(({ name, text }) => ({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(text) }));
  await page.locator('input[type="file"]').first().setInputFiles(chosen);
}

test('a malformed preference file is refused by its line, and nothing of it is kept', async ({ page }) => {
  await page.goto('./#/collect');
  await send(page, 'start', {});
  const lines = [PREFERENCE, PREFERENCE, PREFERENCE, '{"prompt": "A cat", "chosen": " slept."}'];
  await importFiles(page, [{ name: 'mine.jsonl', text: lines.join('\n') }]);
  await expect(page.getByText('mine.jsonl was not imported')).toBeVisible();
  await expect(page.getByText(/Line 4, field "rejected"/)).toBeVisible();
  expect((await send(page, 'library', {})).datasets).toEqual([]);

  await importFiles(page, [{ name: 'mine.jsonl', text: lines.slice(0, 3).join('\n') }]);
  await expect(page.getByText('mine.jsonl is imported')).toBeVisible();
  expect((await send(page, 'library', {})).datasets).toHaveLength(1);
});

test('a file that is no JSON at all is refused by its line', async ({ page }) => {
  await page.goto('./#/collect');
  await send(page, 'start', {});
  await importFiles(page, [{ name: 'mine.jsonl', text: `${PREFERENCE}\nnot json` }]);
  await expect(page.getByText(/Line 2/)).toBeVisible();
  expect((await send(page, 'library', {})).datasets).toEqual([]);
});

test('a model with hostile files is refused by what is wrong with it', async ({ page }) => {
  await page.goto('./#/collect');
  await send(page, 'start', {});
  const config = JSON.stringify({ hidden_size: 1e9, vocab_size: 300 });
  await importFiles(page, [
    { name: 'config.json', text: config },
    { name: 'tokenizer.json', text: '{}' },
    { name: 'model.safetensors', text: '\xff\xff\xff\xff\xff\xff\xff\x7f{}' },
  ]);
  await expect(page.getByText('The model was not imported')).toBeVisible();
  await expect(page.getByText(/cannot be used: \w+/)).toBeVisible();
  expect((await send(page, 'library', {})).models).toEqual([]);
});

for (const [fault, sentence] of [
  ['missing', /could not be fetched .*404/],
  ['halved', /Only \d+ of \d+ bytes/],
] as const) {
  test(`a model file that is ${fault} is told of, and trying again works once it is there`, async ({ page, site }) => {
    site[fault].add('models/tiny/model.safetensors');
    await page.goto('./#/collect');
    const write = page.getByRole('button', { name: /Let the model write/ });
    await write.click();
    await expect(page.getByText(sentence).first()).toBeVisible();

    site[fault].clear();
    await write.click();
    await expect(page.getByRole('region', { name: 'First continuation' })).toBeVisible();
  });
}

test('a missing list of models is told of, and trying again works once it is there', async ({ page, site }) => {
  site.missing.add('models/index.json');
  await page.goto('./#/collect');
  await expect(page.getByText(/list of models could not be fetched/)).toBeVisible();
  site.missing.clear();
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('button', { name: /Let the model write/ })).toBeEnabled();
});
