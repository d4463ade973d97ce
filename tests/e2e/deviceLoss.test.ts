import type { Browser, Page } from '@playwright/test';
import { launchOptions } from '../../tools/chromium.ts';
import { expect, send, test } from './lab';
import { prepareReward, QUICK_PPO } from './quick';

const { args, ...options } = launchOptions('software');
// Chromium takes WebGPU away from a page whose GPU process dies often: for two minutes, and then for good.
test.use({ launchOptions: { ...options, args: [...args, '--disable-domain-blocking-for-3d-apis', '--disable-gpu-process-crash-limit'] } });

const SETTINGS = { ...QUICK_PPO, iterations: 6, epochs: 2, checkpointEvery: 3 };

async function killGpu(browser: Browser): Promise<void> {
  const session = await browser.newBrowserCDPSession();
  // The answer may never come: the process that was asked is gone.
  void session.send('Browser.crashGpuProcess').catch(() => undefined);
}

/** Metrics without clocks and counters of the device, and a digest of the tuned weights. */
async function outcome(page: Page, runId: string) {
  const { run, metrics } = await send(page, 'history', { runId });
  const measured = metrics.map(({ metrics }) => Object.fromEntries(Object.entries(metrics).filter(([name]) => !/^(time|gpu)\//.test(name))));
  const weights = await page.evaluate(async (runId) => {
    const { modelId } = await window.nudge.send('keepPolicy', { runId, name: 'kept' });
    const { files } = await window.nudge.send('exportModel', { modelId });
    const digest = await crypto.subtle.digest('SHA-256', files['model.safetensors'] as BufferSource);
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
  }, runId);
  return { status: run.status, measured, weights };
}

/** Resolves when the run comes to this phase of this iteration. */
function reaches(page: Page, runId: string, iteration: number, phase: string): Promise<void> {
  return page.evaluate(
    (at) => new Promise<void>((resolve) => window.nudge.on('phase', (event) => event.runId === at.runId && event.iteration === at.iteration && event.phase === at.phase && resolve())),
    { runId, iteration, phase },
  );
}

test('a run whose GPU process dies goes on by itself and ends as an undisturbed one, to the bit', async ({ page, browser }) => {
  test.setTimeout(300_000);
  await page.goto('./');
  expect((await send(page, 'start', {})).adapter.backend).toBe('webgpu');
  const run = { ...(await prepareReward(page)), settings: SETTINGS, seed: 1 };
  const { runId: straight } = await send(page, 'createRun', run);
  await send(page, 'play', { runId: straight });

  const { runId: broken } = await send(page, 'createRun', run);
  // Two iterations past its last checkpoint, in the middle of an update.
  const amid = reaches(page, broken, 5, 'update');
  const played = send(page, 'play', { runId: broken });
  await amid;
  await killGpu(browser);
  expect((await played).run).toMatchObject({ status: 'finished', iteration: SETTINGS.iterations });
  await expect(page.getByText('The graphics device went away')).toHaveCount(1);

  const [expected, actual] = [await outcome(page, straight), await outcome(page, broken)];
  expect(expected.measured).toHaveLength(SETTINGS.iterations);
  expect(actual).toEqual(expected);
});

test('three losses within minutes end with the run at rest, a reason, and a device that starts when asked', async ({ page, browser }) => {
  test.setTimeout(300_000);
  await page.goto('./#/optimise');
  const { runId } = await send(page, 'createRun', { ...(await prepareReward(page)), settings: { ...SETTINGS, iterations: 300, checkpointEvery: 1 }, seed: 1 });
  const played = send(page, 'play', { runId }).then(
    () => '',
    (error: Error) => error.message,
  );
  for (let loss = 1; loss <= 3; loss++) {
    await page.evaluate(() => new Promise<void>((resolve) => void window.nudge.on('iteration', () => resolve())));
    await killGpu(browser);
  }
  expect(await played).toMatch(/3 times within 5 minutes/);
  const { run } = await send(page, 'history', { runId });
  expect(run).toMatchObject({ status: 'paused', note: expect.stringContaining('start it again') });
  expect(run.iteration).toBeGreaterThanOrEqual(3);

  await expect(page.getByText('The engine is not running').first()).toBeVisible();
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByText('The engine is not running')).toHaveCount(0);
  expect((await send(page, 'step', { runId })).run).toMatchObject({ status: 'paused', iteration: run.iteration + 1 });
});
