import type { Page } from '@playwright/test';
import { launchOptions } from '../../tools/chromium.ts';
import { expect, test } from './lab';

// Judging what came from a file needs no graphics.
test.use({ launchOptions: launchOptions('none') });

/** Chooses a file as a newcomer does, with the button of the empty room, and imports what it holds. */
async function bring(page: Page, name: string, text: string, items: string): Promise<void> {
  await page.goto('./#/collect');
  const choosing = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Choose my own files' }).and(page.locator('button')).click();
  await (await choosing).setFiles([{ name, mimeType: 'application/octet-stream', buffer: Buffer.from(text) }]);
  await page.getByRole('button', { name: `Import ${items}` }).click();
}

test('a spreadsheet with a person’s own columns is judged with one key, and asked in words that suit it', async ({ page }) => {
  await bring(page, 'cooking.csv', 'question,answer_a,answer_b\nHow long?,Ten minutes,Twenty\nHow hot?,Very,Hardly\n', '2 items');
  await expect(page.getByRole('heading', { level: 1, name: 'Which is better?' })).toBeVisible();
  await expect(page.getByText('The prompt')).toBeVisible();
  await page.keyboard.press('1');
  await expect(page.getByText('1 judged · 1 to go')).toBeVisible();
});

test('a list of conversations asks of each answer whether it is good, without anybody choosing a form', async ({ page }) => {
  const said = (role: string, content: string) => ({ role, content });
  const messages = [said('user', 'Hello'), said('assistant', 'Good day'), said('user', 'And now?'), said('assistant', 'We talk')];
  await bring(page, 'talks.jsonl', `${JSON.stringify({ messages })}\n`, '2 items');
  await expect(page.getByRole('heading', { level: 1, name: 'Is this a good answer?' })).toBeVisible();
  await page.keyboard.press('1');
  await expect(page.getByText('1 judged · 1 to go')).toBeVisible();
  await expect(page.getByRole('region', { name: 'The conversation so far' })).toContainText('Good day');
});

test('items that no question of the form is about are not lost from sight: one button asks what suits them', async ({ page }) => {
  await bring(page, 'orders.jsonl', `${JSON.stringify({ prompt: 'Which?', responses: ['a', 'b', 'c', 'd'] })}\n`, '1 item');
  await expect(page.getByRole('heading', { level: 1, name: 'Put them in order, the best first.' })).toBeVisible();
  await page.getByText('The form', { exact: true }).click();
  await page.getByRole('button', { name: 'Use it: Which is better?' }).click();
  await page.getByRole('button', { name: 'Use it all the same' }).click();
  await expect(page.getByRole('heading', { name: '1 item waits for another question' })).toBeVisible();
  await page.getByRole('button', { name: 'Ask that' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Put them in order, the best first.' })).toBeVisible();
  for (const key of ['3', '1', '2']) await page.keyboard.press(key);
  await expect(page.getByRole('listitem').filter({ hasText: '4.' })).toContainText(/Fourth [abcd]/);
});

test('the second tap of a double one judges nothing: the next item has come under the finger', async ({ page }) => {
  await bring(page, 'cooking.csv', `question,answer_a,answer_b\n${[1, 2, 3].map((i) => `How long ${i}?,Ten minutes,Twenty\n`).join('')}`, '3 items');
  const choice = page.getByRole('button', { name: 'First is better' });
  await expect(choice).toBeVisible();
  // As a browser counts the taps of a finger; how quick two taps of a test are depends on what else the machine does.
  const tap = (detail: number) => choice.evaluate((button, detail) => button.dispatchEvent(new PointerEvent('click', { bubbles: true, pointerType: 'touch', detail })), detail);
  await tap(1);
  await expect(page.getByText('1 judged · 2 to go')).toBeVisible();
  await tap(2);
  await tap(1);
  await expect(page.getByText('2 judged · 1 to go')).toBeVisible();
});

test('when all is judged, one button leads to the export, also from where nothing but the item was on the screen', async ({ page }) => {
  await bring(page, 'cooking.csv', 'question,answer_a,answer_b\nHow long?,Ten minutes,Twenty\n', '1 item');
  await expect(page.getByRole('button', { name: 'First is better' })).toBeVisible();
  await page.keyboard.press('w');
  await expect(page.getByText('Files', { exact: true })).toBeHidden();
  await page.keyboard.press('1');
  await page.getByRole('button', { name: 'Export what was judged' }).click();
  await expect(page.getByText('Files', { exact: true })).toBeInViewport();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Everything' })).toBeInViewport();
});
