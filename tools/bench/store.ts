import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright';
import { build } from 'vite';
import { send } from '../../tests/e2e/lab';
import { MainThreadRecorder } from '../../tests/e2e/mainThread';
import { Site } from '../../tests/e2e/site';
import { REWARD_DEFAULTS } from '../../src/reward/settings';
import type { ProgressLine } from '../terminal';
import { openBrowser } from './chromiumVenue';
import { HeapRecorder } from './heap';
import { COMMON, pairs, RARE, writePairs } from './manyPairs';
import { quantile } from './spread';
import { seconds, table } from './table';

/** What the page takes with many pairs in its store; latencies are 95th percentiles. */
interface StoreFigures {
  /** From the choice of the file to the word that it is imported. */
  import_100k_s: number;
  /** The longest tasks of the page's main thread: by the wall clock, and what they took of the processor. */
  import_longest_task_ms: number;
  import_longest_task_processor_ms: number;
  scroll_longest_task_ms: number;
  scroll_longest_task_processor_ms: number;
  /** Of all scrolls, how many met a task of more than 50 ms by the wall clock: the 95th percentile is below that where one in twenty does not. */
  scroll_over_50_ms: number;
  /** From a letter or a choice to the frame that shows what was found. */
  filter_ms: number;
  /** From a key to the word that its judgement is on the disk. */
  judgement_ack_ms: number;
}

type ImportFigures = Pick<StoreFigures, 'import_100k_s' | 'import_longest_task_ms' | 'import_longest_task_processor_ms'>;

export interface StoreReport extends StoreFigures {
  adapter: string;
  host: string;
  /** From the page's start until the first pair to judge is on the screen, with its longest task. */
  open_100k_s: number;
  open_longest_task_ms: number;
  open_longest_task_processor_ms: number;
  /** By how much what the scripts of the page and its workers hold rose at most during the import, with the file's size for comparison. */
  import_heap_mb: number;
  import_file_mb: number;
  while_training: StoreFigures;
}

const PAIRS = 100_000;
const SAMPLES = 210;
const TRAINING_PAIRS = 64;

/** Measure the built page with a hundred thousand imported pairs, at rest and while a reward model trains. */
export async function benchStore(quick: boolean, line: ProgressLine): Promise<StoreReport> {
  await build({ root: join(import.meta.dirname, '../..'), logLevel: 'error' });
  const [count, samples] = quick ? [2000, 20] : [PAIRS, SAMPLES];
  const folder = mkdtempSync(join(tmpdir(), 'nudge-store-'));
  const files = { many: join(folder, 'many.jsonl'), again: join(folder, 'again.jsonl'), few: join(folder, 'few.jsonl') };
  writePairs(files.many, count);
  writePairs(files.again, count);
  writePairs(files.few, TRAINING_PAIRS);
  const site = await Site.open();
  const { browser } = await openBrowser(`${site.url}models/index.json`);
  try {
    const page = await browser.newPage();
    // What runs the tools wraps every named function in a call of this, also those that are sent to the page.
    await page.addInitScript('globalThis.__name = (named) => named');
    await page.goto(`${site.url}#/collect`);
    await page.waitForFunction(() => Boolean(window.nudge));
    const { adapter, shipped } = await send(page, 'start', {});
    await importFile(browser, page, files.few);
    const [{ id: trainingId }] = (await send(page, 'library', {})).datasets;
    const imported = await importFile(browser, page, files.many);
    line.say(`${count.toLocaleString('en')} pairs are imported: ${seconds.time(imported.figures.import_100k_s)}.`);
    const [{ id: datasetId }] = (await send(page, 'library', {})).datasets.filter(({ id }) => id !== trainingId);
    await addOpenPairs(page, datasetId, count, 2 * samples + 20);
    const opened = await open(browser, page);

    const atRest = { ...imported.figures, ...(await use(browser, page, samples, line)) };
    line.say(describe(atRest));
    const stop = await train(page, trainingId, shipped.at(-1)!.id);
    const training = await use(browser, page, samples, line);
    const whileTraining = { ...(await importFile(browser, page, files.again)).figures, ...training };
    await stop();

    const host = `Chromium ${browser.version()}`;
    line.say(`With ${count.toLocaleString('en')} imported pairs, in ${host}, training on ${adapter.name}; latencies are the 95th percentiles of ${samples}.`);
    line.say(describe(atRest, whileTraining));
    line.say(`    The page opens in ${seconds.time(opened.open_100k_s)}, its longest task ${opened.open_longest_task_ms.toFixed(0)} ms, of the processor ${opened.open_longest_task_processor_ms.toFixed(0)} ms; the import of ${imported.megabytes.toFixed(0)} MB held ${imported.heap.toFixed(0)} MB at most.`);
    return { adapter: adapter.name, host, ...atRest, ...opened, import_heap_mb: imported.heap, import_file_mb: imported.megabytes, while_training: whileTraining };
  } finally {
    await browser.close();
    await site.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function describe(...columns: StoreFigures[]): string {
  const row = (what: string, of: (figures: StoreFigures) => string) => [what, ...columns.map(of)];
  const ms = (value: number) => `${value.toFixed(0)} ms`;
  return table([
    ['', 'at rest', 'while a model trains'].slice(0, columns.length + 1),
    row('import', (figures) => seconds.time(figures.import_100k_s)),
    row('  longest task', (figures) => ms(figures.import_longest_task_ms)),
    row('  of the processor', (figures) => ms(figures.import_longest_task_processor_ms)),
    row('scrolling: longest task', (figures) => ms(figures.scroll_longest_task_ms)),
    row('  of the processor', (figures) => ms(figures.scroll_longest_task_processor_ms)),
    row('  scrolls with more than 50 ms', (figures) => String(figures.scroll_over_50_ms)),
    row('search and filters', (figures) => ms(figures.filter_ms)),
    row('a judgement, saved', (figures) => ms(figures.judgement_ack_ms)),
  ]);
}

/** Choose a file as a person would, and wait for the notice. */
async function importFile(browser: Browser, page: Page, path: string): Promise<{ figures: ImportFigures; heap: number; megabytes: number }> {
  const input = page.locator('input[aria-label="Import a file"]');
  await input.evaluate((element) => element.addEventListener('change', () => performance.mark('chosen'), { capture: true, once: true }));
  const heap = await HeapRecorder.start(page);
  const recorder = await MainThreadRecorder.start(browser);
  await input.setInputFiles(path);
  const import_100k_s = await page.evaluate(async () => {
    // What is in the file is shown first; whoever has seen it says that it may be kept.
    const keep = () => [...document.querySelectorAll<HTMLElement>('dialog[open] button')].find(({ textContent }) => /^Import /.test(textContent?.trim() ?? ''));
    while (!keep()) await new Promise((done) => setTimeout(done, 10));
    keep()!.click();
    const notice = () => [...document.querySelectorAll('.notices strong')].find((title) => /imported$/.test(title.textContent ?? ''));
    // A hundredth of a second is nothing beside an import, and a busier look would take the import's time.
    while (!notice()) await new Promise((done) => setTimeout(done, 10));
    const { startTime } = performance.getEntriesByName('chosen').at(-1)!;
    const said = notice()!;
    if (!/is imported$/.test(said.textContent ?? '')) throw new Error(said.closest('.notice')!.textContent ?? '');
    const taken = performance.now() - startTime;
    said.closest('.notice')!.querySelector<HTMLElement>('[aria-label="Dismiss"]')!.click();
    return taken / 1000;
  });
  const tasks = await recorder.stop();
  return { figures: { import_100k_s, import_longest_task_ms: tasks.wall, import_longest_task_processor_ms: tasks.processor }, heap: (await heap.stop()) / 1e6, megabytes: statSync(path).size / 1e6 };
}

declare global {
  interface Window {
    acknowledged: number[];
    longTasks: number;
  }
}

/** Put pairs that nobody has judged behind the imported ones. */
async function addOpenPairs(page: Page, datasetId: string, from: number, count: number): Promise<void> {
  const open = pairs(count, 0).map(({ prompt, chosen, rejected }, i) => ({
    id: `open-${i}`,
    datasetId,
    order: from + i,
    prompt,
    responses: [chosen, rejected],
    swapped: i % 2 === 0,
    source: { kind: 'imported', file: 'open' },
    created: 0,
  }));
  await page.evaluate(
    (rows) =>
      new Promise<void>((resolve, reject) => {
        const request = indexedDB.open('nudge');
        request.onsuccess = () => {
          const transaction = request.result.transaction('comparisons', 'readwrite');
          for (const row of rows) transaction.objectStore('comparisons').add(row);
          transaction.oncomplete = () => (request.result.close(), resolve());
          transaction.onabort = () => reject(transaction.error);
        };
      }),
    open,
  );
}

/** Load the page anew, with everything in its store. */
async function open(browser: Browser, page: Page): Promise<Pick<StoreReport, 'open_100k_s' | 'open_longest_task_ms' | 'open_longest_task_processor_ms'>> {
  const recorder = await MainThreadRecorder.start(browser);
  await page.reload();
  await page.getByRole('heading', { name: 'The item to judge' }).waitFor({ state: 'attached', timeout: 120_000 });
  const taken = await page.evaluate(() => performance.now());
  const { wall, processor } = await recorder.stop();
  return { open_100k_s: taken / 1000, open_longest_task_ms: wall, open_longest_task_processor_ms: processor };
}

/** What a person does with a list of many items. */
async function use(browser: Browser, page: Page, samples: number, line: ProgressLine): Promise<Omit<StoreFigures, keyof ImportFigures>> {
  const list = page.getByText('All items');
  await list.click();
  await page.locator('[aria-busy="false"] [role="grid"]').waitFor();
  const scrolled = await scroll(browser, page, samples, line);
  const filter_ms = await search(page, samples);
  // What is judged with the list open is searched anew each time; it is judged with the list open all the same.
  const judgement_ack_ms = await judge(page, samples, line);
  await list.click();
  return { scroll_longest_task_ms: scrolled.wall, scroll_longest_task_processor_ms: scrolled.processor, scroll_over_50_ms: scrolled.over50, filter_ms, judgement_ack_ms };
}

async function scroll(browser: Browser, page: Page, samples: number, line: ProgressLine): Promise<{ wall: number; processor: number; over50: number }> {
  const grid = page.getByRole('grid', { name: 'Items' });
  await grid.scrollIntoViewIfNeeded();
  await grid.hover();
  await page.evaluate(() => {
    window.longTasks = 0;
    // By the specification of long tasks, those above 50 ms.
    new PerformanceObserver((list) => (window.longTasks += list.getEntries().length)).observe({ type: 'longtask' });
  });
  const recorder = await MainThreadRecorder.start(browser);
  for (let i = 0; i < samples; i++) {
    await page.mouse.wheel(0, i % 10 === 0 ? 100_000 : 700);
    line.update('scrolling', { phase: 'scrolling', done: i + 1, total: samples });
  }
  const tasks = await recorder.stop();
  const top = await grid.evaluate(({ scrollTop }) => scrollTop);
  if (top < samples * 700) throw new Error(`The list scrolled to ${top} only; nothing was measured.`);
  return { ...tasks, over50: await page.evaluate(() => window.longTasks) };
}

async function search(page: Page, samples: number): Promise<number> {
  // Words of every text, of some and of none, letter by letter as they are typed; and a choice now and then.
  const typed = [...COMMON, ...RARE, 'forest mountain', 'nowhere to be found'].flatMap((word) => Array.from(word, (_, end) => word.slice(0, end + 1)));
  const times = await page.evaluate(
    async ({ texts, samples }) => {
      const list = document.querySelector('[aria-busy]')!;
      const input = document.querySelector<HTMLInputElement>('input[type="search"]')!;
      const [status] = document.querySelectorAll<HTMLSelectElement>('.filters select');
      const frame = () => new Promise((shown) => requestAnimationFrame(shown));
      const until = async (act: () => void) => {
        const start = performance.now();
        act();
        do await frame();
        while (list.getAttribute('aria-busy') === 'true');
        return performance.now() - start;
      };
      const type = (text: string) => {
        input.value = text;
        input.dispatchEvent(new Event('input', { bubbles: true }));
      };
      const choose = (place: number) => {
        status.selectedIndex = place;
        status.dispatchEvent(new Event('change', { bubbles: true }));
      };
      const times: number[] = [];
      for (let i = 0; i < samples; i++) times.push(await until(() => (i % 10 === 9 ? choose(Math.floor(i / 10) % status.options.length) : type(texts[i % texts.length]))));
      await until(() => choose(0));
      await until(() => type(''));
      return times;
    },
    { texts: typed, samples },
  );
  return ninetyFifth(times);
}

/** Judge pair after pair, each as soon as the one before is on the disk. */
async function judge(page: Page, samples: number, line: ProgressLine): Promise<number> {
  await page.evaluate(() => {
    window.acknowledged = [];
    let pressed: number | null = null;
    let saving = false;
    addEventListener('keydown', () => ([pressed, saving] = [performance.now(), false]), { capture: true });
    const saved = () => [...document.querySelectorAll('main [role="status"]')].map(({ textContent }) => textContent ?? '');
    new MutationObserver(() => {
      if (pressed === null) return;
      if (saved().some((text) => text.includes('Saving'))) saving = true;
      else if (saving && saved().some((text) => text.includes('Saved on this device'))) {
        window.acknowledged.push(performance.now() - pressed);
        pressed = null;
      }
    }).observe(document.querySelector('main')!, { subtree: true, childList: true, characterData: true });
  });
  await page.locator('#stage').focus();
  for (let i = 1; i <= samples; i++) {
    await page.keyboard.press(i % 2 ? '1' : '2');
    await page.waitForFunction((n) => window.acknowledged.length >= n, i, { polling: 5 });
    line.update('judging', { phase: 'judging', done: i, total: samples });
  }
  return ninetyFifth(await page.evaluate(() => window.acknowledged));
}

const ninetyFifth = (values: readonly number[]): number => quantile([...values].sort((a, b) => a - b), 0.95);

/** Train a reward model for as long as it takes; resolves when it is at work, with what ends it. */
async function train(page: Page, datasetId: string, baseModelId: string): Promise<() => Promise<void>> {
  await page.evaluate(
    async ({ datasetId, baseModelId, settings }) => {
      await new Promise<void>((begun, failed) => {
        const training = window.nudge.send('trainReward', { datasetId, baseModelId, name: 'Trained meanwhile', settings }, ({ done }) => done > 1 && begun());
        Object.assign(window, { training });
        training.catch(failed);
      });
    },
    { datasetId, baseModelId, settings: { ...REWARD_DEFAULTS, epochs: 10_000 } },
  );
  return async () => {
    const ended = await page.evaluate(() => {
      const { training } = window as unknown as { training: ReturnType<typeof window.nudge.send> };
      training.cancel();
      return training.then(() => 'done', (error: Error) => error.name);
    });
    if (ended !== 'Cancelled') throw new Error(`The training was over before the measurements were: ${ended}.`);
  };
}
