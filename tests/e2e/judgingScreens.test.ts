import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { TEMPLATES } from '../../src/feedback/formTemplates';
import { launchOptions } from '../../tools/chromium.ts';
import { item, openForm, template } from './formDataset';
import { expect, test } from './lab';

// A screen needs no device.
test.use({ launchOptions: launchOptions('none') });

const WIDTHS = [1280, 390];

/**
 * Targets below 24 × 24 CSS pixels to which no exception of WCAG 2.2, 2.5.8
 * applies: they stand in a line of text, or a circle of 24 pixels on their
 * middle touches no other target and no such circle.
 */
function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const SIZE = 24;
    // What lies behind a modal dialog cannot be pressed.
    const reachable = document.querySelector('dialog[open]') ?? document;
    const targets = [...reachable.querySelectorAll<HTMLElement>('a[href], button, input, select, textarea, summary, [role="button"]')]
      // A field that nobody sees is reached by another.
      .filter((element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !element.closest('.visually-hidden') && !element.matches(':disabled'))
      .map((element) => {
        // Whoever chooses the words chooses the box.
        const box = ((element.matches('input') && element.closest('label')) || element).getBoundingClientRect();
        return { element, box, x: box.left + box.width / 2, y: box.top + box.height / 2, small: Math.min(box.width, box.height) < SIZE - 0.5 };
      })
      .filter(({ box }) => box.width > 1 && box.height > 1);
    const inText = (element: HTMLElement) => getComputedStyle(element).display === 'inline' && [...(element.parentElement?.childNodes ?? [])].some((node) => node !== element && node instanceof Text && node.data.trim() !== '');
    const gap = (x: number, y: number, { left, right, top, bottom }: DOMRect) => Math.hypot(Math.max(left - x, 0, x - right), Math.max(top - y, 0, y - bottom));
    return targets
      .filter(({ small, element }) => small && !inText(element))
      .filter(({ element, x, y }) => targets.some((other) => other.element !== element && (gap(x, y, other.box) < SIZE / 2 || (other.small && Math.hypot(x - other.x, y - other.y) < SIZE))))
      .map(({ element, box }) => `${element.tagName} “${element.getAttribute('aria-label') ?? element.innerText.slice(0, 40)}”: ${box.width.toFixed(1)} × ${box.height.toFixed(1)}`);
  });
}

/** What is wrong with the screen as it is, light and dark, wide and narrow, as lines that say where. */
async function faults(page: Page, where: string): Promise<string[]> {
  const found: string[] = [];
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      // A colour on its way from one scheme to the other is not yet what people see.
      await page.evaluate(() => document.getAnimations().forEach((animation) => animation.finish()));
      const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
      found.push(...violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${where}, ${width}, ${colorScheme}: ${id}: ${target.join(' ')}`)));
    }
    found.push(...(await smallTargets(page)).map((target) => `${where}, ${width}: ${target}`));
    const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (beyond > 0) found.push(`${where}, ${width}: ${beyond} pixels too wide`);
  }
  return found;
}

const RESPONSES: Partial<Record<string, string[]>> = { 'Put in order': ['Rain.', 'Sun.', 'Snow.', 'Fog.'], 'Good or not': ['Birds fly.'], 'Write it better': ['It rained.'], 'Mark what is wrong': ['It rained all day.'] };

for (const { name } of TEMPLATES)
  test(`${name}: accessible and large enough, empty and filled in`, async ({ page }) => {
    const conversation = name === 'Good or not' && { turns: [{ role: 'user' as const, text: 'What flies?' }], conversationId: 'c' };
    await openForm(page, template(name), [0, 1].map((order) => item(order, RESPONSES[name] ?? ['It rained.', 'The sun shone.'], { ...conversation })));
    expect(await faults(page, name)).toEqual([]);
    await page.keyboard.press('n');
    await page.keyboard.type('a comment');
    await page.keyboard.press('Escape');
    if (name === 'Put in order') for (const key of ['1', '2', '3']) await page.keyboard.press(key);
    else if (name === 'Questionnaire') for (const key of ['1', '4', 'Enter']) await page.keyboard.press(key);
    else if (name === 'Mark what is wrong') {
      await page.getByText('rained', { exact: true }).click();
      await page.keyboard.press('2');
    }
    expect(await faults(page, `${name}, filled in`)).toEqual([]);
  });

test('what stands beside judging is accessible and large enough', async ({ page }) => {
  await openForm(page, template('How much better?'), Array.from({ length: 10 }, (_, order) => item(order, ['It rained.', 'The sun shone all day.'])));
  for (const key of ['1', '7', '4']) await page.keyboard.press(key);
  for (const panel of ['What comes next', 'The form', 'Talk with the model', 'All items', 'How well do I judge?']) {
    const summary = page.locator('summary', { hasText: panel });
    await summary.click();
    expect(await faults(page, panel)).toEqual([]);
    await summary.click();
  }
  await page.keyboard.press('g');
  expect(await faults(page, 'guidelines')).toEqual([]);
  await page.keyboard.press('a');
  expect(await faults(page, 'several at once')).toEqual([]);
  await page.keyboard.press('a');
  await page.keyboard.press('w');
  expect(await faults(page, 'focus')).toEqual([]);
  await page.keyboard.press('w');
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
  expect(await faults(page, 'keys')).toEqual([]);
});
