import type { Page } from '@playwright/test';
import { launchOptions } from '../../tools/chromium.ts';
import { expect, test } from './lab';
import { faults } from './screenFaults';

// Looking through items needs no graphics.
test.use({ launchOptions: launchOptions('none') });

const ITEMS = 3000;

/** Imports as many preferences as would show any list that draws every row; each prompt has its number. */
async function importItems(page: Page): Promise<void> {
  await page.goto('./#/collect');
  const lines = Array.from({ length: ITEMS }, (_, i) => JSON.stringify({ prompt: `Beginning ${i}`, chosen: i % 1000 === 7 ? 'A walrus' : 'A dog', rejected: 'A cat' }));
  await page.locator('input[aria-label="Import a file"]').setInputFiles({ name: 'many.jsonl', mimeType: 'application/jsonl', buffer: Buffer.from(lines.join('\n')) });
  await page.getByRole('button', { name: 'Import 3,000 items' }).click();
  await expect(page.getByText('many.jsonl is imported')).toBeVisible();
  await page.getByText('All items').click();
  await expect(page.getByText(`${ITEMS.toLocaleString('en')} items of`)).toBeVisible();
}

const marked = (page: Page) => page.locator('[role="row"].active');

test('a long list has only its rows in sight, is searched, and is walked with the keyboard', async ({ page, complaints }) => {
  await importItems(page);
  const grid = page.getByRole('grid', { name: 'Items' });
  await expect(grid).toHaveAttribute('aria-rowcount', String(ITEMS));
  expect(await grid.getByRole('row').count()).toBeLessThan(40);

  await grid.focus();
  await page.keyboard.press('End');
  await expect(marked(page)).toHaveAttribute('aria-rowindex', String(ITEMS));
  await expect(marked(page)).toBeInViewport();
  await page.keyboard.press('PageUp');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowDown');
  const row = Number(await marked(page).getAttribute('aria-rowindex'));
  expect(row).toBeGreaterThan(ITEMS - 10);
  expect(row).toBeLessThan(ITEMS);
  await page.keyboard.press('Home');
  await expect(marked(page)).toHaveAttribute('aria-rowindex', '1');
  await expect(grid).toHaveAttribute('aria-activedescendant', (await marked(page).getAttribute('id'))!);
  // In a list the arrows walk; they judge nothing.
  await page.keyboard.press('ArrowRight');
  await expect(page.getByText(`${ITEMS} judged`)).toBeVisible();

  await page.getByRole('searchbox').fill('WALRUS');
  await expect(page.getByText(`3 items of ${ITEMS.toLocaleString('en')}`)).toBeVisible();
  await page.getByRole('combobox', { name: 'Judged by' }).selectOption({ label: 'A person' });
  await expect(page.getByText(`0 items of ${ITEMS.toLocaleString('en')}`)).toBeVisible();
  await page.getByRole('combobox', { name: 'Judged by' }).selectOption({ label: 'An imported file' });
  await grid.focus();
  const prompt = await marked(page).locator('.prompt').innerText();
  await page.keyboard.press('Enter');
  await expect(page.getByText('Judged before:')).toBeVisible();
  await expect(page.getByRole('main').locator('p.reading').first()).toHaveText(prompt);
  // The keys judge again; what was judged by the file is now judged by a person.
  await page.keyboard.press('t');
  await expect(page.getByText(`2 items of ${ITEMS.toLocaleString('en')}`)).toBeVisible();
  expect(complaints).toEqual([]);
});

test('the list is accessible, light and dark, wide and narrow', async ({ page }) => {
  await importItems(page);
  expect(await faults(page, 'the list')).toEqual([]);
});
