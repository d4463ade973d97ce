import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright';
import { build, preview } from 'vite';
import type { Contender, Work } from '../../tests/bench/work';
import { launchOptions, type Gpu } from '../chromium';
import { portOf } from '../server';
import type { RealmHost, Venue } from './realms';

const ROOT = join(import.meta.dirname, '../..');

/** Realms in a headless Chromium, each a page of its own. */
export async function openChromiumVenue(): Promise<Venue> {
  const outDir = mkdtempSync(join(tmpdir(), 'nudge-bench-'));
  await build({
    configFile: false,
    root: join(ROOT, 'tests/bench/page'),
    publicDir: join(ROOT, 'public'),
    logLevel: 'error',
    build: { outDir, emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 5000 },
  });
  const server = await preview({ configFile: false, logLevel: 'warn', build: { outDir }, preview: { port: 0, host: '127.0.0.1', open: false } });
  const url = `http://127.0.0.1:${portOf(server)}`;
  const { browser, gpu } = await openBrowser(`${url}/licences.md`);
  return {
    name: `Chromium ${browser.version()}`,
    open: (contender) => openRealm(browser, url, contender),
    launch: () => chromium.launch(launchOptions(gpu)),
    async close() {
      await browser.close();
      await server.close();
      rmSync(outDir, { recursive: true, force: true });
    },
  };
}

/**
 * A machine's own GPU where Chromium finds one; the software adapter, which every machine has, where it doesn't.
 * @param address of a light page on the origin that will be used
 */
export async function openBrowser(address: string): Promise<{ browser: Browser; gpu: Gpu }> {
  for (const gpu of ['hardware', 'software'] as const) {
    const browser = await chromium.launch(launchOptions(gpu));
    const page = await browser.newPage();
    await page.goto(address).catch(() => undefined);
    const usable = await page.evaluate(async () => Boolean(await navigator.gpu?.requestAdapter()));
    await page.close();
    if (usable) return { browser, gpu };
    await browser.close();
  }
  throw new Error('Chromium offers no WebGPU adapter here, not even the software one.');
}

async function openRealm(browser: Browser, url: string, contender: Contender): Promise<RealmHost> {
  const page = await browser.newPage();
  const died = new Promise<never>((_, reject) => page.on('crash', () => reject(new Error(`The page of ${contender} crashed.`))));
  died.catch(() => undefined);
  page.on('console', (message) => {
    if (message.type() === 'error' && !/favicon/.test(message.location().url)) console.error(`${contender}: ${message.text()}`);
  });
  page.on('pageerror', (error) => console.error(`${contender}: ${error.message}`));
  await page.goto(`${url}/#${contender}`);
  await page.waitForFunction(() => Boolean(window.bench));
  const alive = <T>(call: Promise<T>) => Promise.race([call, died]);
  return {
    contender,
    adapter: await page.evaluate(() => window.bench.adapter),
    prepare: (work: Work) => alive(page.evaluate((given) => window.bench.realm.prepare(given), work)),
    run: (id) => alive(page.evaluate((given) => window.bench.realm.run(given), id)),
    release: (id) => alive(page.evaluate((given) => window.bench.realm.release(given), id)),
    close: () => page.close(),
  };
}
