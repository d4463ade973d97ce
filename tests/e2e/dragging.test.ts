import type { Locator, Page } from '@playwright/test';
import { launchOptions } from '../../tools/chromium.ts';
import { item, openForm, said, storedEvents, template } from './formDataset';
import { expect, test } from './lab';

// A mouse needs no graphics.
test.use({ launchOptions: launchOptions('none') });

/** Takes one with the mouse and holds it over another; pixels below its middle. */
async function hold(page: Page, from: Locator, over: Locator, below = 0): Promise<void> {
  await over.scrollIntoViewIfNeeded();
  await from.scrollIntoViewIfNeeded();
  const [here, there] = [(await from.boundingBox())!, (await over.boundingBox())!];
  await page.mouse.move(here.x + here.width / 2, here.y + here.height / 2);
  await page.mouse.down();
  const [x, y] = [there.x + there.width / 2, there.y + there.height / 2 + below];
  await page.mouse.move(x, y, { steps: 8 });
  // A hand never rests: where it enters something, a browser says only with its next move that it is over it.
  await page.mouse.move(x + 1, y);
}

/** What it looks like while the button is down, for whoever looks at the results. */
async function photograph(page: Page, name: string, path: (name: string) => string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.evaluate(() => document.getAnimations().forEach((animation) => animation.finish()));
    await page.screenshot({ path: path(`${name}-${colorScheme}.png`) });
  }
}

test('responses are put in order by dragging, as by the buttons', async ({ page, complaints }, testInfo) => {
  await openForm(page, template('Put in order'), [0, 1, 2].map((order) => item(order, [' Rain.', ' Sun.', ' Snow.', ' Fog.'], { swapped: false })));
  const main = page.getByRole('main');
  const rows = main.locator('li[draggable]');
  const row = (name: string) => rows.filter({ hasText: name });
  const order = () => rows.allTextContents().then((all) => all.map((text) => text.trim().replace(/\s+/g, ' ').split(' ').slice(0, 2).join(' ')));
  const choose = async () => {
    for (const key of ['1', '2', '3']) await page.keyboard.press(key);
    await expect(rows).toHaveCount(4);
  };

  await choose();
  await hold(page, row('Fourth'), row('Second'));
  await expect(row('Fourth')).toHaveCSS('opacity', '0.5');
  await expect(row('Second')).toContainClass('before');
  await photograph(page, 'ranking', (name) => testInfo.outputPath(name));
  await page.mouse.up();
  expect(await order()).toEqual(['1. First', '2. Fourth', '3. Second', '4. Third']);
  await expect(main.locator('li.before, li.after, li.dragged')).toHaveCount(0);

  // Down, and let go in the gap below the last one that it was held over.
  const { height } = (await row('Third').boundingBox())!;
  await hold(page, row('First'), row('Third'));
  await expect(row('Third')).toContainClass('after');
  await page.mouse.up();
  await hold(page, row('Fourth'), row('Second'), height / 2 + 2);
  await page.mouse.up();
  expect(await order()).toEqual(['1. Second', '2. Fourth', '3. Third', '4. First']);

  // Outside of the list nothing happens.
  await hold(page, row('Second'), row('First'));
  await hold(page, row('Second'), main.getByRole('heading', { level: 1 }));
  await page.mouse.up();
  await expect(main.locator('li.before, li.after, li.dragged')).toHaveCount(0);
  expect(await order()).toEqual(['1. Second', '2. Fourth', '3. Third', '4. First']);
  await page.keyboard.press('Enter');
  await expect(page.getByText('1 judged · 2 to go')).toBeVisible();

  const press = async (name: string, way: 'up' | 'down', times: number) => {
    for (let i = 0; i < times; i++) await main.getByRole('button', { name: `${name}: one place ${way}`, exact: true }).click();
  };
  await choose();
  await press('Fourth', 'up', 2);
  await press('First', 'down', 3);
  await press('Fourth', 'down', 1);
  await main.getByRole('button', { name: 'Submit' }).click();
  await expect(page.getByText('2 judged · 1 to go')).toBeVisible();
  await expect.poll(async () => (await storedEvents(page)).map((event) => said(event).verdict)).toEqual(Array(2).fill({ kind: 'ranking', groups: [[1], [3], [2], [0]] }));

  // One that shares a place leaves it; others pass both of those that share one.
  await choose();
  await main.getByRole('button', { name: 'Third: tied with the one above', exact: true }).click();
  await hold(page, row('First'), row('Second'));
  await expect(row('Third')).toContainClass('after');
  await page.mouse.up();
  expect(await order()).toEqual(['1. Second', '1. Third', '2. First', '3. Fourth']);
  await hold(page, row('Second'), row('Fourth'));
  await page.mouse.up();
  expect(await order()).toEqual(['1. Third', '2. First', '3. Fourth', '4. Second']);
  expect(complaints).toEqual([]);
});

test('questions of a form are put in another order by dragging, as by the buttons', async ({ page, complaints }, testInfo) => {
  await openForm(page, template('Questionnaire'), [0, 1].map((order) => item(order, [' Rain.', ' Sun.'])));
  await page.locator('summary', { hasText: 'The form' }).click();
  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Edit the form' });
  const cards = dialog.getByRole('group', { name: /^Question \d/ });
  const grip = (card: number) => cards.nth(card).getByTitle('Drag to another place');
  const asked = (card: number) => cards.nth(card).getByRole('textbox', { name: 'What is asked' });
  const questions = () => Promise.all([0, 1, 2, 3].map((card) => asked(card).inputValue()));
  const [better, why, what, sure] = await questions();

  await page.setViewportSize({ width: 1280, height: 1600 });
  await hold(page, grip(3), cards.nth(1).getByRole('heading'));
  await expect(dialog.locator('li[data-place="1"]')).toContainClass('before');
  await photograph(page, 'editor', (name) => testInfo.outputPath(name));
  await page.mouse.up();
  expect(await questions()).toEqual([better, sure, why, what]);
  // On a field of another question, which takes in nothing of it.
  await hold(page, grip(1), asked(3));
  await page.mouse.up();
  expect(await questions()).toEqual([better, why, what, sure]);
  await hold(page, grip(1), dialog.getByRole('textbox', { name: 'Guidelines' }));
  await page.mouse.up();
  expect(await questions()).toEqual([better, why, what, sure]);
  await expect(dialog.getByRole('textbox', { name: 'Guidelines' })).toHaveValue(template('Questionnaire').guidelines);

  // There and back, by the mouse and by the buttons, is where it was.
  await hold(page, grip(0), cards.nth(3).getByRole('heading'));
  await page.mouse.up();
  expect(await questions()).toEqual([why, what, sure, better]);
  for (let place = 4; place > 1; place--) await dialog.getByRole('button', { name: `Question ${place}: up` }).click();
  expect(await questions()).toEqual([better, why, what, sure]);
  await expect(dialog.getByRole('button', { name: 'Use this form' })).toBeDisabled();
  expect(complaints).toEqual([]);
});
