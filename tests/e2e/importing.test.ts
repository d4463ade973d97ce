import type { Page } from '@playwright/test';
import type { Comparison, JudgementEvent, PersonRater } from '../../src/feedback/judgement';
import { writeDatasetFile, type DatasetFile } from '../../src/text/datasetFile';
import { launchOptions } from '../../tools/chromium.ts';
import { expect, test } from './lab';
import { faults } from './screenFaults';

// A file is read without graphics.
test.use({ launchOptions: launchOptions('none') });

const ada: PersonRater = { kind: 'person', name: 'Ada', id: 'ada' };
const comparisons = Array.from({ length: 3 }, (_, order): Comparison => ({ id: `p${order}`, datasetId: 'd', order, prompt: `Story ${order}.`, responses: [' It rained.', ' The sun shone all day.'], swapped: false, source: { kind: 'imported', file: 'mine' }, created: 1 }));
const said = (rater: PersonRater, order: number): JudgementEvent => ({ id: `${rater.name} ${order}`, datasetId: 'd', comparisonId: `p${order}`, at: 1 + order, rater, kind: 'judged', verdict: 'first' });
const shared: DatasetFile = { dataset: { id: 'd', name: 'Stories', created: 1, seed: 1 }, comparisons, events: [said(ada, 0)] };

async function choose(page: Page, ...files: { name: string; text: string }[]): Promise<void> {
  await page.locator('input[aria-label="Import a file"]').setInputFiles(files.map(({ name, text }) => ({ name, mimeType: 'application/jsonl', buffer: Buffer.from(text) })));
}

const dialog = (page: Page, file: string) => page.getByRole('dialog', { name: `What is in ${file}` });

test('a colleague’s file says what it would add to what is here, and adds just that', async ({ page, complaints }) => {
  await page.goto('./#/collect');
  await choose(page, { name: 'stories.jsonl', text: writeDatasetFile(shared) });
  await expect(dialog(page, 'stories.jsonl').getByText('It is not here yet')).toBeVisible();
  expect(await faults(page, 'a dataset that is not here yet')).toEqual([]);
  await dialog(page, 'stories.jsonl').getByRole('button', { name: 'Import 3 items' }).click();
  await expect(page.getByText('stories.jsonl is imported')).toBeVisible();
  await expect(page.getByText('1 judged · 2 to go')).toBeVisible();

  const bens = { ...shared, comparisons: [...comparisons, { ...comparisons[0], id: 'p3', order: 3, prompt: 'Story 3.' }], events: [said(ada, 0), said({ kind: 'person', name: 'Ben', id: 'ben' }, 1)] };
  await choose(page, { name: 'ben.jsonl', text: writeDatasetFile(bens) });
  const asked = dialog(page, 'ben.jsonl');
  await expect(asked.getByRole('row', { name: 'Items 1 3' })).toBeVisible();
  await expect(asked.getByRole('row', { name: 'Judgements and other acts 1 1' })).toBeVisible();
  await expect(asked.getByText('Ben: 1 act')).toBeVisible();
  expect(await faults(page, 'a dataset that is here')).toEqual([]);
  await asked.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByText('1 judged · 2 to go')).toBeVisible();

  // Two at once are asked about one after the other; the second has nothing that the first did not bring.
  await choose(page, { name: 'ben.jsonl', text: writeDatasetFile(bens) }, { name: 'again.jsonl', text: writeDatasetFile(bens) });
  await asked.getByRole('button', { name: 'Add what is new' }).click();
  await expect(dialog(page, 'again.jsonl').getByText('All of it is here already')).toBeVisible();
  await dialog(page, 'again.jsonl').getByRole('button', { name: 'Close' }).first().click();
  await expect(page.getByText('2 judged · 2 to go')).toBeVisible();
  expect(complaints).toEqual([]);
});

test('a file that contradicts what is here is refused by its lines, and one that is broken by its place', async ({ page }) => {
  await page.goto('./#/collect');
  await choose(page, { name: 'stories.jsonl', text: writeDatasetFile(shared) });
  await page.getByRole('button', { name: 'Import 3 items' }).click();
  await expect(page.getByText('1 judged · 2 to go')).toBeVisible();

  const forged = { ...shared, comparisons: comparisons.map((comparison) => ({ ...comparison, prompt: `${comparison.prompt} Forged.` })) };
  await choose(page, { name: 'forged.jsonl', text: writeDatasetFile(forged) });
  const refused = dialog(page, 'forged.jsonl');
  await expect(refused.getByText('Line 2: its comparison p0 is of other texts')).toBeVisible();
  await expect(refused.getByRole('button', { name: /Add|Import/ })).toHaveCount(0);
  expect(await faults(page, 'a conflict')).toEqual([]);
  await page.keyboard.press('Escape');

  const cut = writeDatasetFile(shared).slice(0, -20);
  await choose(page, { name: 'cut.jsonl', text: cut });
  const fault = page.getByRole('dialog', { name: 'It cannot be read' });
  await expect(fault.getByText(/^Line 5: it is not JSON/)).toBeVisible();
  expect(await faults(page, 'a fault')).toEqual([]);
  await page.keyboard.press('Escape');
  await choose(page, { name: 'notes.txt', text: '\u0000\u0001' });
  await expect(fault.getByText(/It is no table/)).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByText('1 judged · 2 to go')).toBeVisible();
});

test('what another tool wrote is shown with what is broken, left out and lost', async ({ page }) => {
  await page.goto('./#/collect');
  const records = [
    { prompt: 'A cat', chosen: ' slept.', rejected: ' flew.', margin: 0.5 },
    { prompt: 'A cat', chosen: ' slept.', rejected: ' slept.' },
    { prompt: 'A cat', chosen: ' slept.' },
    { prompt: 'A <b>bold</b> cat', chosen: ' slept.', rejected: '<script>alert(1)</script>' },
  ];
  await choose(page, { name: 'cats.jsonl', text: records.map((record) => JSON.stringify(record)).join('\n') });
  const asked = dialog(page, 'cats.jsonl');
  await expect(asked.getByText(/Line 3, field “rejected”/)).toBeVisible();
  await expect(asked.getByText(/two responses are the same text/)).toBeVisible();
  await expect(asked.getByText('<script>alert(1)</script>')).toBeVisible();
  expect(await faults(page, 'items')).toEqual([]);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(asked).toBeHidden();
});
