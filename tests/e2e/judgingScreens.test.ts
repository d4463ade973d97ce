import type { JudgementEvent, PairVerdict, Rater } from '../../src/feedback/judgement';
import { TEMPLATES } from '../../src/feedback/formTemplates';
import { writeDatasetFile } from '../../src/text/datasetFile';
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
  await expect(page.getByRole('dialog', { name: 'Help and keys' })).toBeVisible();
  expect(await faults(page, 'keys')).toEqual([]);
});

test('the editor of forms is accessible and large enough, with something wrong in it too', async ({ page }) => {
  await openForm(page, template('Questionnaire'), [0, 1].map((order) => item(order, ['It rained.', 'The sun shone.'])));
  await page.locator('summary', { hasText: 'The form' }).click();
  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Edit the form' });
  await dialog.getByRole('textbox', { name: 'Guidelines' }).fill('Read **both**.\n\n- slowly\n- twice');
  for (const kind of ['rating', 'ranking', 'spans', 'rewrite', 'choices']) {
    await dialog.getByRole('combobox', { name: 'Another question' }).selectOption(kind);
    await dialog.getByRole('button', { name: 'Add it' }).click();
  }
  expect(await faults(page, 'the editor')).toEqual([]);
  await dialog.getByRole('textbox', { name: 'What is asked' }).first().fill('');
  await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('');
  await page.keyboard.press('Escape');
  await expect(dialog.getByText('There are changes that are not saved.')).toBeVisible();
  expect(await faults(page, 'the editor, asking')).toEqual([]);
});

test('how well one judges is accessible and large enough with all that can be said of it', async ({ page }) => {
  const form = template('Which is better?');
  const comparisons = Array.from({ length: 40 }, (_, order) => item(order, ['It rained.', 'The sun shone all day.']));
  const said = (rater: Rater, verdict: PairVerdict, order: number, more: Partial<JudgementEvent> = {}): JudgementEvent => ({ id: `${JSON.stringify(rater)} ${order} ${'repeat' in more}`, datasetId: 'd', comparisonId: `p${order}`, at: 2 + order, rater, kind: 'judged', verdict, ...more }) as JudgementEvent;
  const others = ['Bob', 'Cid'].map((name): Rater => ({ kind: 'person', name, id: name }));
  const mine: Rater = { kind: 'person', name: 'you' };
  const events = comparisons.flatMap((_, order) => [
    said(mine, order % 3 ? 'first' : 'second', order, { elapsed: 300 * order }),
    ...(order % 8 === 0 ? [said(mine, order % 3 ? 'second' : 'first', order, { at: 100 + order, repeat: true, elapsed: 900 })] : []),
    ...others.map((rater, i) => said(rater, order % (4 + i) ? 'first' : 'tie', order)),
    ...(order % 2 ? [said({ kind: 'key' }, 'second', order)] : []),
  ]);
  await page.goto('./#/collect');
  const file = writeDatasetFile({ dataset: { id: 'd', name: 'Judged', created: 1, seed: 1, form }, comparisons, events });
  await page.locator('input[aria-label="Import a file"]').setInputFiles([{ name: 'items.nudge.jsonl', mimeType: 'application/jsonl', buffer: Buffer.from(file) }]);
  await page.getByRole('button', { name: 'Import 40 items' }).click();
  await page.locator('summary', { hasText: 'How well do I judge?' }).click();
  await expect(page.getByText('Am I reliable?')).toBeVisible();
  await expect(page.getByRole('cell', { name: '…', exact: true })).toHaveCount(0);
  expect(await faults(page, 'how well one judges')).toEqual([]);
});
