import { join } from 'node:path';
import type { Browser } from 'playwright';
import { build } from 'vite';
import { send } from '../../tests/e2e/lab';
import { MainThreadRecorder, type LongestTask } from '../../tests/e2e/mainThread';
import { prepareReward, QUICK_PPO } from '../../tests/e2e/quick';
import { Site } from '../../tests/e2e/site';
import { placeTinyModel } from '../../tests/e2e/tinyModel';
import type { ProgressLine } from '../terminal';

const ITERATIONS = 12;

/** The longest task of the built page's main thread while a run trains in front of it. */
export async function longestTask(launch: () => Promise<Browser>, line: ProgressLine): Promise<LongestTask> {
  await build({ root: join(import.meta.dirname, '../..'), logLevel: 'error' });
  const site = await Site.open();
  placeTinyModel(site.folder);
  const browser = await launch();
  try {
    const page = await browser.newPage();
    await page.goto(site.url);
    await page.waitForFunction(() => Boolean(window.nudge));
    const models = await prepareReward(page);
    await page.getByRole('navigation').getByRole('link', { name: 'Optimise' }).click();
    const { runId } = await send(page, 'createRun', { ...models, settings: { ...QUICK_PPO, iterations: ITERATIONS }, seed: 1 });
    const recorder = await MainThreadRecorder.start(browser);
    await send(page, 'play', { runId });
    const longest = await recorder.stop();
    line.say(`    The page’s longest task while it trained for ${ITERATIONS} iterations: ${longest.processor.toFixed(0)} ms on the processor; by the wall clock, ${longest.wall.toFixed(0)} ms.`);
    return longest;
  } finally {
    await browser.close();
    await site.close();
  }
}
