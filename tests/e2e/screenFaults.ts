import type { Page } from '@playwright/test';
import axe from 'axe-core';

/** Each width and each colour scheme once. */
const LOOKS = [
  { width: 1280, colorScheme: 'light' },
  { width: 390, colorScheme: 'dark' },
] as const;
export const STANDARD = { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] } as const;
export const CONTRAST = { type: 'rule', values: ['color-contrast'] } as const;

declare global {
  interface Window {
    axe?: typeof axe;
  }
}

/** What axe finds wrong with a screen as it is, as lines that say where. */
export async function violations(page: Page, where: string, runOnly: typeof STANDARD | typeof CONTRAST = STANDARD): Promise<string[]> {
  // It stays until the page is loaded anew.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  const found = await page.evaluate(async (rules) => (await window.axe!.run({ runOnly: { ...rules, values: [...rules.values] }, resultTypes: ['violations'] })).violations, runOnly);
  return found.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${where}: ${id}: ${target.join(' ')}: ${failureSummary ?? ''}`));
}

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

/** What is wrong with a screen as it is, light and dark, wide and narrow, as lines that say where. */
export async function faults(page: Page, where: string): Promise<string[]> {
  const found: string[] = [];
  for (const { width, colorScheme } of LOOKS) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // A colour on its way from one scheme to the other is not yet what people see.
    await page.evaluate(() => document.getAnimations().forEach((animation) => animation.finish()));
    const here = `${where}, ${width}, ${colorScheme}`;
    found.push(...(await violations(page, here)));
    found.push(...(await smallTargets(page)).map((target) => `${here}: ${target}`));
    const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (beyond > 0) found.push(`${here}: ${beyond} pixels too wide`);
  }
  return found;
}
