import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from '@playwright/test';
import { launchOptions } from '../../tools/chromium.ts';
import { expect, send, test } from './lab';

/*
 * Ways out of a page, tried from the page and from its worker. The browser's
 * proxy is the recorder: what it did not hear did not leave the browser.
 */

const ELSEWHERE = 'http://elsewhere.example';

/** Runs in the page or in a worker; says of each way whether it was refused. */
async function tryToGetOut(elsewhere: string): Promise<Record<string, string>> {
  const outcome: Record<string, string> = {};
  outcome.fetch = await fetch(`${elsewhere}/fetch`, { mode: 'no-cors' }).then(() => 'out', () => 'refused');
  outcome.socket = await new Promise((done) => {
    try {
      const socket = new WebSocket(`${elsewhere.replace('http', 'ws')}/socket`);
      socket.onopen = () => done('out');
      socket.onerror = () => done('refused');
    } catch {
      done('refused');
    }
  });
  outcome.request = await new Promise((done) => {
    const request = new XMLHttpRequest();
    request.onload = () => done('out');
    request.onerror = () => done('refused');
    try {
      request.open('GET', `${elsewhere}/request`);
      request.send();
    } catch {
      done('refused');
    }
  });
  outcome.script = await import(/* @vite-ignore */ `${elsewhere}/script.js`).then(() => 'out', () => 'refused');
  if (typeof document !== 'undefined') {
    const load = (element: HTMLImageElement | HTMLLinkElement) =>
      new Promise<string>((done) => {
        element.onload = () => done('out');
        element.onerror = () => done('refused');
        setTimeout(() => done('silent'), 1000);
      });
    const image = new Image();
    image.src = `${elsewhere}/image.png`;
    outcome.image = await load(image);
    const style = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: `${elsewhere}/style.css` });
    document.head.append(style);
    outcome.style = await load(style);
    navigator.sendBeacon(`${elsewhere}/beacon`, 'text');
    document.head.append(Object.assign(document.createElement('link'), { rel: 'prefetch', href: `${elsewhere}/prefetch` }));
    document.body.append(Object.assign(document.createElement('iframe'), { src: `${elsewhere}/frame` }));
    await new Promise((done) => setTimeout(done, 1000));
  }
  return outcome;
}

test.describe('nothing leaves this page', () => {
  let context: BrowserContext;
  let page: Page;

  test.beforeAll(async ({ site }) => {
    const browser = await chromium.launch({ ...launchOptions('software'), ...site.asProxy });
    context = await browser.newContext();
  });
  test.afterAll(async () => context.browser()?.close());
  test.beforeEach(async ({ site }) => {
    page = await context.newPage();
    site.foreign.length = 0;
  });

  test('the recorder hears a page that has no policy', async ({ site }) => {
    writeFileSync(join(site.folder, 'plain.html'), '<!doctype html><title>no policy</title>');
    await page.goto(`${site.url}plain.html`);
    await page.evaluate(tryToGetOut, ELSEWHERE);
    for (const way of ['fetch', 'request', 'script.js', 'image.png', 'style.css', 'beacon', 'frame'])
      expect(site.foreign.join('\n')).toContain(`${ELSEWHERE}/${way}`);
    expect(site.foreign.join('\n')).toContain('CONNECT elsewhere.example');
  });

  test('the page cannot get out', async ({ site }) => {
    await page.goto(site.url);
    await send(page, 'start', {});
    const outcome = await page.evaluate(tryToGetOut, ELSEWHERE);
    expect(new Set(Object.values(outcome))).toEqual(new Set(['refused']));
    expect(site.foreign).toEqual([]);
  });

  test('the workers, one that trains and one that carries files, cannot get out', async ({ site }) => {
    await page.goto(`${site.url}#/collect`);
    await send(page, 'start', {});
    await page.locator('input[aria-label="Import a file"]').setInputFiles({ name: 'cats.jsonl', mimeType: 'application/jsonl', buffer: Buffer.from('{"prompt":"A cat","chosen":" slept.","rejected":" flew."}') });
    await page.getByRole('button', { name: 'Import 1 item' }).waitFor();
    expect(page.workers()).toHaveLength(2);
    for (const worker of page.workers()) {
      const outcome = await worker.evaluate(tryToGetOut, ELSEWHERE);
      expect(new Set(Object.values(outcome))).toEqual(new Set(['refused']));
    }
    expect(site.foreign).toEqual([]);
  });
});
