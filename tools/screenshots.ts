import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium, type Page } from 'playwright';
import { build, preview } from 'vite';
import type { CommandName, Commands, Result } from '../src/lab/protocol';
import { LEAN } from '../src/rl/settings';
import { launchOptions } from './chromium';
import { ARCHIVE } from './loop/chain';

/*
 * `npm run screenshots -- LOOP`: every room of the built page, empty and with
 * the finished loop of that folder in it, in light and dark, wide and narrow;
 * with --portraits, only the pictures of the README.
 */

const ROOMS = ['welcome', 'collect', 'reward', 'optimise', 'compare', 'library'];
const WIDTHS = { wide: 1280, narrow: 390 };
const SCHEMES = ['light', 'dark'] as const;
const PAIRS = { written: 48, judged: 41 };

function send<N extends CommandName>(page: Page, type: N, args: Commands[N]['args']): Promise<Result<N>> {
  return page.evaluate(([name, given]) => window.nudge.send(name, given), [type, args] as const) as Promise<Result<N>>;
}

/** Wait until nothing moves any more: fonts, colours on their way, texts that fade in, charts that are drawn in a task of their own. */
async function settle(page: Page): Promise<void> {
  await page.getByRole('heading').first().waitFor();
  await page.waitForTimeout(600);
  await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished.catch(() => undefined))));
}

async function shoot(page: Page, out: string, name: string, rooms: readonly string[] = ROOMS): Promise<void> {
  for (const room of rooms) {
    await page.goto(`./#/${room}`);
    for (const [label, width] of Object.entries(WIDTHS))
      for (const colorScheme of SCHEMES) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await page.setViewportSize({ width, height: 844 });
        await settle(page);
        // A window as high as the room: what sticks to the window's edges would lie in the middle of a longer picture.
        const height = await page.evaluate(() => document.documentElement.scrollHeight);
        await page.setViewportSize({ width, height });
        await settle(page);
        await page.screenshot({ path: join(out, `${name}-${room}-${label}-${colorScheme}.png`) });
      }
    console.log(`${name} ${room}`);
  }
}

/** The rooms of the loop as a window of a usual size shows them, for the README. */
async function portray(page: Page, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await page.setViewportSize({ width: 1280, height: 860 });
  const dismiss = page.getByRole('button', { name: 'Dismiss' });
  for (const room of ['collect', 'reward', 'optimise', 'compare']) {
    await page.goto(`./#/${room}`);
    if (await dismiss.isVisible()) await dismiss.click();
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await settle(page);
      await page.screenshot({ path: join(folder, `${room}-${colorScheme}.png`) });
    }
  }
}

/** A queue of pairs, most of them judged by a rule, and the loop's run with its reward model and its evaluation. */
async function furnish(page: Page, loop: string): Promise<void> {
  const { shipped } = await send(page, 'start', {});
  const modelId = shipped.find(({ name }) => name === 'small')!.id;
  const { datasetId } = await send(page, 'createDataset', { name: 'Bedtime stories', seed: 1, modelId });
  const options = { maxNewTokens: LEAN.responseLength, temperature: LEAN.temperature, seed: 1 };
  await send(page, 'sampleComparisons', { datasetId, modelId, count: PAIRS.written, options, cut: LEAN.cut });
  await send(page, 'labelWithRule', { datasetId, rule: 'cheerful', temperature: 'calibrated', seed: 1, limit: PAIRS.judged });
  // As base64: Playwright's own way spells every byte out as JSON.
  await page.evaluate(
    (text) => window.nudge.send('importRun', { archive: Uint8Array.from(atob(text), (char) => char.charCodeAt(0)) }),
    readFileSync(join(loop, ARCHIVE)).toString('base64'),
  );
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { out: { type: 'string', default: 'out/screenshots' }, portraits: { type: 'string' } } });
  if (positionals.length !== 1) throw new Error('Name the folder of a finished loop: npm run screenshots -- out/small-cheerful-1-adaptive [--out FOLDER] [--portraits FOLDER]');
  const [loop] = positionals;
  const { out } = values;
  mkdirSync(out, { recursive: true });
  await build({ logLevel: 'warn' });
  const server = await preview({ logLevel: 'warn', preview: { port: 0, host: 'localhost', open: false } });
  const browser = await chromium.launch(launchOptions('software'));
  try {
    const { port } = server.httpServer.address() as { port: number };
    const page = await browser.newPage({ baseURL: `http://localhost:${port}/` });
    const complaints: string[] = [];
    page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto('./');
    await send(page, 'start', {});
    if (!values.portraits) await shoot(page, out, 'empty');

    await furnish(page, loop);
    await page.goto('./#/collect');
    await page.reload();
    await send(page, 'start', {});
    await page.keyboard.press('1');
    await page.goto('./#/compare');
    for (const [before, after] of [['Let both write', 'Write again'], ['Measure', 'Measure again']]) {
      await page.getByRole('button', { name: before }).click();
      await page.getByRole('button', { name: after }).and(page.locator(':enabled')).waitFor({ timeout: 300_000 });
    }
    await (values.portraits ? portray(page, values.portraits) : shoot(page, out, 'full'));
    if (complaints.length > 0) writeFileSync(join(out, 'complaints.txt'), complaints.join('\n'));
    for (const complaint of complaints) console.error(complaint);
  } finally {
    await browser.close();
    await server.close();
  }
}

await main();
process.exit(0);
