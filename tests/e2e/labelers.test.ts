import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import type { Comparison, JudgementEvent, PairVerdict, PersonRater } from '../../src/feedback/judgement';
import { writeDatasetFile } from '../../src/text/datasetFile';
import { launchOptions } from '../../tools/chromium.ts';
import { expect, test } from './lab';
import { violations } from './screenFaults';

// People need no graphics to differ.
test.use({ launchOptions: launchOptions('none') });

const bob: PersonRater = { kind: 'person', name: 'Bob', id: 'bob' };
const cid: PersonRater = { kind: 'person', name: 'Cid', id: 'cid' };

/** Three pairs that Bob and Cid judged, alike on the first only, and one that nobody did. */
function disputed(): string {
  const comparisons = Array.from({ length: 4 }, (_, order): Comparison => ({ id: `p${order}`, datasetId: 'd', order, prompt: `Story ${order}.`, responses: [' It rained.', ' The sun shone all day.'], swapped: false, source: { kind: 'imported', file: 'mine' }, created: 1 }));
  const said = (rater: PersonRater, ...verdicts: PairVerdict[]) =>
    verdicts.map((verdict, order): JudgementEvent => ({ id: `${rater.id} ${order}`, datasetId: 'd', comparisonId: `p${order}`, at: 1 + order, rater, kind: 'judged', verdict }));
  return writeDatasetFile({ dataset: { id: 'd', name: 'Disputed', created: 1, seed: 1 }, comparisons, events: [...said(bob, 'first', 'first', 'tie'), ...said(cid, 'first', 'second', 'first')] });
}

async function openDisputed(page: Page): Promise<void> {
  await page.goto('./#/collect');
  await page.getByRole('button', { name: 'Say who judges' }).click();
  await page.getByRole('textbox', { name: 'Name of the labeler' }).fill('Ann');
  await page.getByRole('textbox', { name: 'Name of the labeler' }).press('Enter');
  await page.locator('input[aria-label="Import a file"]').setInputFiles([{ name: 'disputed.jsonl', mimeType: 'application/jsonl', buffer: Buffer.from(disputed()) }]);
  await page.getByRole('button', { name: 'Import 4 items' }).click();
  await expect(page.getByText('3 judged · 1 to go')).toBeVisible();
}

// A sentence holds the explanations of its terms, unseen: what is looked for here stands between two of them.
const quality = (page: Page) => page.getByText('How well do I judge?').click();

test('people who differ are told apart, compared, and settled by somebody who does not see what they said', async ({ page, complaints }) => {
  await openDisputed(page);
  await quality(page);
  await expect(page.getByText('No pair is decided yet.')).toBeVisible();
  await page.keyboard.press('1');
  await expect(page.getByText(/100 % of 1, p/)).toBeVisible();

  // Alike on one of three.
  await expect(page.getByRole('row', { name: /Bob and Cid 3 33 %/ })).toBeVisible();
  await expect(page.getByText('On 2 items two people differ')).toBeVisible();

  expect(await violations(page, 'how well one judges')).toEqual([]);

  const settle = page.getByRole('button', { name: /^Settle them/ });
  await settle.click();
  const left = (n: number) => expect(page.getByText(`to settle: ${n}.`)).toBeVisible();
  await left(2);
  await expect(page.getByText('Story 1.').filter({ visible: true })).toBeVisible();
  await expect(page.getByText('Judged before')).toBeHidden();
  await expect(page.getByText('All items')).toBeHidden();
  expect(await violations(page, 'settling')).toEqual([]);
  await page.keyboard.press('Escape');
  await settle.click();
  await left(2);
  await page.keyboard.press('2');
  await left(1);
  await page.keyboard.press('z');
  await left(2);
  await page.keyboard.press('2');
  await left(1);
  await expect(page.getByText('Story 2.').filter({ visible: true })).toBeVisible();
  await page.keyboard.press('1');
  await expect(page.getByText('All judged')).toBeVisible();
  await expect(page.getByText('There is nothing that two people judge differently')).toBeVisible();

  // Her own file has her events alone, and what settled a conflict says so.
  await page.getByText('Files', { exact: true }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'My judgements only' }).click();
  const lines = readFileSync(await (await download).path(), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  const events: JudgementEvent[] = lines.flatMap(({ event }) => event ?? []);
  expect(new Set(events.map(({ rater }) => rater.kind === 'person' && rater.name))).toEqual(new Set(['Ann']));
  expect(events.map((event) => [event.comparisonId, event.kind, event.kind === 'judged' && event.adjudicates === true])).toEqual([
    ['p3', 'judged', false],
    ['p1', 'judged', true],
    ['p1', 'undone', false],
    ['p1', 'judged', true],
    ['p2', 'judged', true],
  ]);
  expect(complaints).toEqual([]);
});

test('who judges is remembered, and a new name keeps the person', async ({ page }) => {
  await openDisputed(page);
  await page.keyboard.press('1');
  await page.getByRole('button', { name: 'Rename' }).click();
  await page.getByRole('textbox', { name: 'Name of the labeler' }).fill('Anna');
  await page.getByRole('button', { name: 'Rename' }).click();
  await page.reload();
  await expect(page.getByRole('combobox', { name: 'Judging as' })).toHaveValue(/.+/);
  await expect(page.getByRole('option', { name: 'Anna' })).toBeAttached();
  await quality(page);
  await expect(page.getByText(/100 % of 1, p/)).toBeVisible();
  // What she takes back she alone can do again.
  const redo = page.getByRole('button', { name: 'Redo' });
  await page.keyboard.press('z');
  await expect(redo).toBeEnabled();
  await page.getByRole('combobox', { name: 'Judging as' }).selectOption({ label: 'you, without a name' });
  await expect(page.getByText('No pair is decided yet.')).toBeVisible();
  await expect(redo).toBeDisabled();
  await page.getByRole('combobox', { name: 'Judging as' }).selectOption({ label: 'Anna' });
  await expect(redo).toBeEnabled();
});
