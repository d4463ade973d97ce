import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type { Result } from '../../src/lab/protocol';
import { BrowserProcess } from './browserProcess';
import { expect, listen, send, test } from './lab';
import type { LongestTask } from './mainThread';
import type { Site } from './site';

/*
 * The loop as a person at the keyboard walks it, in one browser profile: judge,
 * train, optimise, lose the browser, come back, go on. All the while the
 * browser's proxy and its own request events record where it asks.
 */
test.describe.configure({ mode: 'serial', timeout: 240_000 });

const ITERATIONS = 500;
let profile: string;
/** Addresses that pages and workers asked for. */
const requests: string[] = [];
/** Errors and policy violations on the consoles. */
const complaints: string[] = [];
/** What the page's main thread did at a stretch, by phase. */
const longestTask: Record<string, LongestTask> = {};
/** What was kept when the browser was killed, as the page said then. */
let before: { history: Result<'history'>; library: Result<'library'>; judged: unknown[][] };
let browser: BrowserProcess | undefined;
let page: Page;

test.beforeAll(() => {
  profile = mkdtempSync(join(tmpdir(), 'nudge-profile-'));
});
test.afterAll(async () => {
  await browser?.kill();
  rmSync(profile, { recursive: true, force: true });
});

/** Opens the lab in the profile, with every recorder running before its first request. */
async function open(site: Site): Promise<void> {
  browser = await BrowserProcess.start(profile, site);
  browser.context.on('request', (request) => requests.push(request.url()));
  page = await browser.context.newPage();
  page.on('websocket', (socket) => requests.push(socket.url()));
  const heard = listen(page);
  page.on('close', () => complaints.push(...heard));
  await page.goto(site.url);
}

const room = (name: string) => page.getByRole('navigation').getByRole('link', { name });

/** Presses a key that judges once a pair is there, and waits until the screen says that so many are judged and on disk. */
async function judge(key: string, judged: number): Promise<void> {
  await expect(page.getByRole('region', { name: 'First continuation' })).toBeVisible({ timeout: 120_000 });
  await page.keyboard.press(key);
  await expect(page.getByRole('main')).toContainText(new RegExp(`\\b${judged} judged`));
  await expect(page.getByRole('main').getByRole('status').filter({ hasText: 'Saved on this device' })).toBeVisible();
}

/** Every comparison and every event of the log, as the database holds them. */
function judgements(): Promise<unknown[][]> {
  return page.evaluate(async () => {
    const answer = <T>(request: IDBRequest<T>) => new Promise<T>((done, fail) => Object.assign(request, { onsuccess: () => done(request.result), onerror: () => fail(request.error) }));
    const database = await answer(indexedDB.open('nudge'));
    const transaction = database.transaction(['comparisons', 'events']);
    const rows = await Promise.all(['comparisons', 'events'].map((store) => answer(transaction.objectStore(store).getAll())));
    database.close();
    return rows;
  });
}

/** Presses a button by the keyboard, once it can be pressed. */
async function choose(name: string | RegExp): Promise<void> {
  const button = page.getByRole('button', { name, exact: true });
  await expect(button).toBeEnabled();
  await button.press('Enter');
}

/** Fills in a field of the settings form that is open, as typing and Enter do. */
async function set(label: string, value: number): Promise<void> {
  const field = page.getByRole('main').getByLabel(label, { exact: true }).filter({ visible: true });
  await field.fill(String(value));
  await field.press('Enter');
}

test('judges twelve pairs with the keyboard', async ({ site }) => {
  await open(site);
  await page.keyboard.press('c');
  await choose(/Let the model write/);

  const keys = ['1', '2', 'ArrowLeft', 'ArrowRight', 't', 'b', '1', '2', '1', '2', '1', '2'];
  for (const [i, key] of keys.entries()) await judge(key, i + 1);

  await judge('z', 11);
  await judge('1', 12);
  await page.keyboard.press('s');
  await expect(page.getByRole('main')).toContainText('1 skipped');
  await expect(room('Collect')).toContainText(/12 judge/);
});

test('trains a reward model', async () => {
  await page.keyboard.press('r');
  const mainThread = await browser!.recordMainThread();
  await choose('Train reward model');
  await expect(page.getByRole('heading', { name: 'How did the training go?' })).toBeVisible({ timeout: 180_000 });
  longestTask.reward = await mainThread.stop();
});

test('optimises', async () => {
  await page.keyboard.press('o');
  await expect(page.getByRole('heading', { level: 1, name: 'Optimise' })).toBeVisible();
  await page.locator('summary', { hasText: 'Settings' }).first().press('Enter');
  // So many that it is still at it when the browser is killed, however fast the machine.
  await set('Iterations', ITERATIONS);
  await set('Texts in an iteration', 4);
  await set('Longest prompt, tokens', 64);
  await set('Longest response, tokens', 8);
  await set('Epochs', 1);
  await set('Iterations between checkpoints', 1);
  await expect(page.getByText(new RegExp(`^About .* of graphics memory, and very roughly .* for ${ITERATIONS} iterations on `))).toBeVisible();
  await choose('Create the run');
  const mainThread = await browser!.recordMainThread();
  await choose('Step');
  await expect(page.getByRole('main')).toContainText(`1 of ${ITERATIONS}`, { timeout: 120_000 });
  await expect(page.getByRole('button', { name: 'Continue' })).toBeEnabled();
  await page.keyboard.press('p');
  await expect(page.getByRole('main')).toContainText(new RegExp(`([2-9]|\\d{2,}) of ${ITERATIONS}`), { timeout: 120_000 });
  longestTask.optimise = await mainThread.stop();

  // Of an iteration of four texts all are kept, so that what their tokens add up to is the chart's number.
  await page.keyboard.press('i');
  const tokens = page.getByRole('dialog');
  await expect(tokens.getByRole('row', { name: /^Sum/ })).toBeVisible();
  await expect(tokens).toContainText(/KL: the mean over all 4 texts is (\S+), the chart’s \1\./);
  await page.keyboard.press('Escape');
  await expect(tokens).toBeHidden();
});

test('finds everything after the browser was killed in the middle of training', async ({ site }) => {
  await page.keyboard.press('c');
  await judge('2', 13);
  const { runs } = await send(page, 'library', {});
  before = { judged: await judgements(), library: await send(page, 'library', {}), history: await send(page, 'history', { runId: runs[0].id }) };
  expect(before.history.run.status).toBe('running');
  await browser!.kill();

  await open(site);
  await expect(room('Collect')).toContainText(/13 judge/);
  expect(await judgements()).toEqual(before.judged);
  await send(page, 'start', {});
  const library = await send(page, 'library', {});
  expect(library.datasets).toEqual(before.library.datasets);
  expect(library.models).toEqual(before.library.models);
  const { run, metrics } = await send(page, 'history', { runId: runs[0].id });
  expect(run.status).toBe('paused');
  expect(run.iteration).toBeGreaterThanOrEqual(2);
  expect(metrics.slice(0, before.history.metrics.length)).toEqual(before.history.metrics.slice(0, run.iteration));

  await room('Reward').click();
  await expect(page.getByRole('heading', { name: 'How did the training go?' })).toBeVisible();
  await room('Optimise').click();
  await expect(page.getByRole('main')).toContainText(`${run.iteration} of ${ITERATIONS}`);
});

test('continues the run from where it was', async () => {
  const { run: found } = await send(page, 'history', { runId: before.history.run.id });
  await page.keyboard.press('s');
  await expect(page.getByRole('main')).toContainText(`${found.iteration + 1} of ${ITERATIONS}`, { timeout: 120_000 });
  const { run, metrics } = await send(page, 'history', { runId: found.id });
  expect(run.iteration).toBe(found.iteration + 1);
  expect(metrics.map(({ iteration }) => iteration)).toEqual(metrics.map((_, i) => i + 1));
  // It is still the trained policy: one that had started anew would be at its reference.
  expect(Math.abs(metrics.at(-1)!.metrics['objective/kl'])).toBeGreaterThan(1e-6);
});

test('asked nobody but its own origin, and its policy was never violated', async ({ site }) => {
  await page.close();
  expect(requests.length).toBeGreaterThan(10);
  expect(requests.filter((url) => new URL(url).origin !== new URL(site.url).origin)).toEqual([]);
  expect(site.foreign).toEqual([]);
  // What the worker fetched is among them.
  expect(site.served).toContain('models/tiny/model.safetensors');
  expect(requests).toContain(`${site.url}models/tiny/model.safetensors`);
  expect(complaints).toEqual([]);
});

test('held up the page for less than 50 ms at a time while it trained', () => {
  for (const [phase, { processor, wall }] of Object.entries(longestTask)) {
    const figures = `${processor.toFixed(0)} ms on the processor; by the wall clock, ${wall.toFixed(0)} ms`;
    test.info().annotations.push({ type: `longest task of the page, ${phase}`, description: figures });
    console.log(`    longest task of the page, ${phase}: ${figures}`);
  }
  expect(Object.keys(longestTask)).toEqual(['reward', 'optimise']);
  for (const { processor } of Object.values(longestTask)) expect(processor).toBeLessThan(50);
});
