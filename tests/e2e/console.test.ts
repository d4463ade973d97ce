import { launchOptions } from '../../tools/chromium.ts';
import { expect, send, test } from './lab';
import { prepareReward, QUICK_PPO } from './quick';

// The same on any device; the processor is there sooner than a software adapter.
test.use({ launchOptions: launchOptions('none') });

test('a run that the console plays is shown as going, and can be paused from the room', async ({ page }) => {
  await page.goto('./#/optimise');
  const models = await prepareReward(page);
  const { runId } = await send(page, 'createRun', { ...models, settings: { ...QUICK_PPO, iterations: 300 }, seed: 1 });
  const controls = page.getByRole('group', { name: 'The run' });
  await expect(controls.getByRole('button', { name: 'Play' })).toBeVisible();

  const played = send(page, 'play', { runId });
  await expect(controls.getByRole('button', { name: 'Pause' })).toBeEnabled();
  await controls.getByRole('button', { name: 'Pause' }).click();
  expect((await played).run.status).toBe('paused');
  await expect(controls.getByRole('button', { name: /Continue|Play/ })).toBeEnabled();

  const picture = () => page.getByRole('figure', { name: 'Reward' }).locator('canvas').evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
  const before = await picture();
  await send(page, 'step', { runId });
  await expect.poll(picture, { message: 'the chart draws the new iteration' }).not.toBe(before);
});
