import { readFileSync } from 'node:fs';
import { test as base } from '@playwright/test';
import { launchOptions } from '../../tools/chromium.ts';
import { expect, send } from './lab';
import { Site } from './site';

// The example uses the small model that ships, whole; on two cores the processor trains it sooner than a software adapter.
const test = base.extend<{ site: Site }>({
  site: async ({}, use) => {
    const site = await Site.open();
    await use(site);
    await site.close();
  },
});
test.use({ launchOptions: launchOptions('none') });

test('the example of the README does what it says, with the model that ships', async ({ page, site }) => {
  test.setTimeout(300_000);
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const [, example] = /```js\n([\s\S]*?)```/.exec(readme)!;

  const heard: string[] = [];
  page.on('console', (message) => heard.push(message.text()));
  await page.goto(site.url);
  await page.evaluate(`(async () => { ${example} })()`);

  const { datasets, models, runs } = await send(page, 'library', {});
  expect(datasets.map(({ name }) => name)).toEqual(['From the console']);
  expect(models.map(({ name, kind }) => [name, kind])).toEqual([['Cheerful', 'reward']]);
  expect(runs.map(({ iteration }) => iteration)).toEqual([1]);
  // Its listener heard the iteration; the scores of the base model's own texts lie about 0.
  const [, score] = /^1 (-?[\d.]+)$/.exec(heard.find((line) => line.startsWith('1 '))!)!;
  expect(Math.abs(Number(score))).toBeLessThan(1.5);
});
