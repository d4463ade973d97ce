import { readFileSync } from 'node:fs';
import { join } from 'node:path';
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
async function importFiles(page: Page, files: { name: string; text: string | Buffer }[]): Promise<void> {
  const chosen = files.map(({ name, text }) => ({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(text) }));
  await page.locator('input[aria-label="Import a file"]').setInputFiles(chosen);
}

test('a malformed line is shown by its number before anything is kept, and left out where the person says so', async ({ page }) => {
  await page.goto('./#/collect');
  await send(page, 'start', {});
  const lines = [PREFERENCE, PREFERENCE, PREFERENCE, '{"prompt": "A cat", "chosen": " slept."}'];
  await importFiles(page, [{ name: 'mine.jsonl', text: lines.join('\n') }]);
  await expect(page.getByText(/Line 4, field “rejected”/)).toBeVisible();
  await page.getByRole('button', { name: 'Cancel' }).click();
  expect((await send(page, 'library', {})).datasets).toEqual([]);

  await importFiles(page, [{ name: 'mine.jsonl', text: lines.join('\n') }]);
  await page.getByRole('button', { name: 'Import 3 items, without 1 broken line' }).click();
  await expect(page.getByText('mine.jsonl is imported')).toBeVisible();
  expect((await send(page, 'library', {})).datasets).toHaveLength(1);
});

test('a file that is no JSON at all is refused by its line', async ({ page }) => {
  await page.goto('./#/collect');
  await send(page, 'start', {});
  await importFiles(page, [{ name: 'mine.jsonl', text: `${PREFERENCE}\nnot json` }]);
  await expect(page.getByText(/Line 2/)).toBeVisible();
  await page.getByRole('button', { name: 'Cancel' }).click();
  expect((await send(page, 'library', {})).datasets).toEqual([]);
});

const MODEL_FILES = ['config.json', 'tokenizer.json', 'model.safetensors'] as const;

const json = (change: (file: Record<string, never>) => void) => (bytes: Buffer) => {
  const file = JSON.parse(bytes.toString()) as Record<string, never>;
  change(file);
  return JSON.stringify(file);
};

test('a model with one hostile file is refused by what is wrong with it, and taken once that is put right', async ({ page, site }) => {
  const files = MODEL_FILES.map((name) => ({ name, text: readFileSync(join(site.folder, 'models/tiny', name)) }));
  const faults: [(typeof MODEL_FILES)[number], (bytes: Buffer) => string | Buffer, string][] = [
    ['config.json', json((config) => Object.assign(config, { hidden_size: 1e9 })), 'The model\'s config cannot be used: hidden_size is 1000000000, not a whole number from 2 to 4096.'],
    ['config.json', json((config) => Object.assign(config, { vocab_size: 300 })), 'The model\'s config cannot be used: vocab_size is 300, but the tokenizer\'s number of tokens is'],
    ['tokenizer.json', json((tokenizer) => Object.assign(tokenizer, { normalizer: { type: 'Lowercase' } })), 'The tokenizer file cannot be used: normalizer is not null'],
    ['tokenizer.json', () => 'not json', 'The tokenizer file cannot be used: the file is not JSON.'],
    ['model.safetensors', () => Buffer.from('ffffffffffffff7f7b7d', 'hex'), 'The weights cannot be used: the file declares a header of 9223372036854775807 bytes'],
    ['model.safetensors', (bytes) => bytes.subarray(0, -2), 'The weights cannot be used: model.norm.weight'],
  ];
  await page.goto('./#/collect');
  await send(page, 'start', {});
  for (const [name, spoil, sentence] of faults) {
    await importFiles(page, files.map((file) => (file.name === name ? { name, text: spoil(file.text) } : file)));
    await expect(page.getByText(sentence)).toBeVisible();
  }
  expect((await send(page, 'library', {})).models).toEqual([]);

  await importFiles(page, files);
  await expect(page.getByText('The model is imported')).toBeVisible();
  expect((await send(page, 'library', {})).models).toHaveLength(1);
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
