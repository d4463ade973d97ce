import { TEMPLATES } from '../../src/feedback/formTemplates';
import { launchOptions } from '../../tools/chromium.ts';
import { item, openForm, template } from './formDataset';
import { expect, test } from './lab';
import { faults } from './screenFaults';

// A screen needs no device.
test.use({ launchOptions: launchOptions('none') });

const RESPONSES: Partial<Record<string, string[]>> = { 'Put in order': ['Rain.', 'Sun.', 'Snow.', 'Fog.'], 'Good or not': ['Birds fly.'], 'Write it better': ['It rained.'], 'Mark what is wrong': ['It rained all day.'] };

for (const { name } of TEMPLATES)
  test(`${name}: accessible and large enough, empty and filled in`, async ({ page }) => {
    const conversation = name === 'Good or not' && { turns: [{ role: 'user' as const, text: 'What flies?' }], conversationId: 'c' };
    await openForm(page, template(name), [0, 1].map((order) => item(order, RESPONSES[name] ?? ['It rained.', 'The sun shone.'], { ...conversation })));
    expect(await faults(page, name)).toEqual([]);
    await page.keyboard.press('n');
    await page.keyboard.type('a comment');
    await page.keyboard.press('Escape');
    if (name === 'Put in order') for (const key of ['1', '2', '3']) await page.keyboard.press(key);
    else if (name === 'Questionnaire') for (const key of ['1', '4', 'Enter']) await page.keyboard.press(key);
    else if (name === 'Mark what is wrong') {
      await page.getByText('rained', { exact: true }).click();
      await page.keyboard.press('2');
    }
    expect(await faults(page, `${name}, filled in`)).toEqual([]);
  });

test('what stands beside judging is accessible and large enough', async ({ page }) => {
  await openForm(page, template('How much better?'), Array.from({ length: 10 }, (_, order) => item(order, ['It rained.', 'The sun shone all day.'])));
  for (const key of ['1', '7', '4']) await page.keyboard.press(key);
  for (const panel of ['What comes next', 'The form', 'Talk with the model', 'All items', 'How well do I judge?']) {
    const summary = page.locator('summary', { hasText: panel });
    await summary.click();
    expect(await faults(page, panel)).toEqual([]);
    await summary.click();
  }
  await page.keyboard.press('g');
  expect(await faults(page, 'guidelines')).toEqual([]);
  await page.keyboard.press('a');
  expect(await faults(page, 'several at once')).toEqual([]);
  await page.keyboard.press('a');
  await page.keyboard.press('w');
  expect(await faults(page, 'focus')).toEqual([]);
  await page.keyboard.press('w');
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
  expect(await faults(page, 'keys')).toEqual([]);
});
