import { test as base, expect, type Page } from '@playwright/test';
import type { CommandName, Commands, Result } from '../../src/lab/protocol';
import { Site } from './site';
import { placeTinyModel } from './tinyModel';

/*
 * Tests against the built page. Each worker serves one copy of it, with the
 * tiny model in place of the shipped ones; each test has a browser profile of
 * its own.
 */
export const test = base.extend<{ complaints: string[] }, { site: Site }>({
  site: [
    async ({}, use) => {
      const site = await Site.open();
      placeTinyModel(site.folder);
      await use(site);
      await site.close();
    },
    { scope: 'worker' },
  ],
  baseURL: async ({ site }, use) => use(site.url),
  /** What the page complained of on its console, and uncaught errors. */
  complaints: async ({ page }, use) => use(listen(page)),
});

export { expect };

/** Collects errors and warnings of a page's console from now on, violations of its content security policy among them. */
export function listen(page: Page): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || /Content.Security.Policy/i.test(message.text())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return complaints;
}

/** Sends a command as a person at the console would. */
export function send<N extends CommandName>(page: Page, type: N, args: Commands[N]['args']): Promise<Result<N>> {
  return page.evaluate(([name, given]) => window.nudge.send(name, given), [type, args] as const) as Promise<Result<N>>;
}
