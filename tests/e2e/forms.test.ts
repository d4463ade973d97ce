import type { Locator, Page } from '@playwright/test';
import type { Answer, Comparison, PairVerdict } from '../../src/feedback/judgement';
import { launchOptions } from '../../tools/chromium.ts';
import { item, openForm, said, storedEvents, template, type TemplateName } from './formDataset';
import { expect, test } from './lab';

// Judging needs no graphics.
test.use({ launchOptions: launchOptions('none') });

const RAIN = 'It rained and rained all day.';
const pair = (order: number): Comparison => item(order, [` It rained ${order} days.`, ' The sun shone.']);
const alone = (order: number): Comparison => item(order, [RAIN]);
const judged = (order: number, said: Record<string, unknown>) => ({ kind: 'judged', comparisonId: `p${order}`, ...said });

/** With Tab alone, as far as it takes. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let i = 0; i < 150; i++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not come to ${String(target)}.`);
}

async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

const button = (page: Page, name: string) => page.getByRole('main').getByRole('button', { name, exact: true });

async function pressButton(page: Page, name: string, key = 'Enter'): Promise<void> {
  await tabTo(page, button(page, name));
  await page.keyboard.press(key);
}

/** Words that hold keys of every other command. */
const WORDS = '1 bats, x f; z y w a g';

interface Journey {
  items: Comparison[];
  /** Answers the first item and submits it, and what is kept of that. */
  first: [(page: Page) => Promise<void>, Record<string, unknown>];
  /** The same for the last item. */
  last: [(page: Page) => Promise<void>, Record<string, unknown>];
}

const four = (make: (order: number) => Comparison): Comparison[] => [0, 1, 2, 3].map(make);
const thumb = (up: boolean): Answer => ({ question: 'good', verdict: { kind: 'thumb', response: 0, up } });
const ratings = (response: number, values: readonly number[]): Answer[] =>
  ['helpful', 'honest', 'harmless', 'fluent'].map((criterion, i) => ({ question: 'quality', verdict: { kind: 'rating', response, criterion, scale: '1 to 5', value: values[i] } }));

const JOURNEYS: Record<TemplateName, Journey> = {
  'Which is better?': {
    items: four(pair),
    first: [(page) => press(page, '1'), { verdict: 'first' }],
    // Its second response is shown first.
    last: [(page) => press(page, 'ArrowLeft'), { verdict: 'second' }],
  },
  'How much better?': {
    items: four(pair),
    first: [(page) => press(page, '2'), { verdict: 'first', strength: 2 }],
    last: [
      async (page) => {
        await pressButton(page, 'more fun', 'Space');
        await press(page, '7');
      },
      { verdict: 'first', strength: 3, reasons: ['more fun'] },
    ],
  },
  'Put in order': {
    items: four((order) => item(order, [' Rain.', ' Sun.', ' Snow.', ' Fog.'])),
    first: [
      async (page) => {
        await press(page, '2', '4', '1');
        await pressButton(page, 'Third: tied with the one above');
        // Whoever works with Tab stays where they are.
        await expect(button(page, 'Third: tied with the one above')).toBeFocused();
        await pressButton(page, 'Submit');
      },
      { verdict: { kind: 'ranking', groups: [[1], [3], [0, 2]] } },
    ],
    last: [
      async (page) => {
        await press(page, '1', '2', '3');
        await pressButton(page, 'Fourth: one place up');
        await expect(button(page, 'Fourth: one place up')).toBeFocused();
        await press(page, 'Enter');
        await pressButton(page, 'Second: one place down');
        await pressButton(page, 'Submit');
      },
      { verdict: { kind: 'ranking', groups: [[3], [0], [1], [2]] } },
    ],
  },
  'Rate each': {
    items: four(pair),
    first: [(page) => press(page, '5', '4', '3', '2', '1', '2', '3', '4', 'Enter'), { verdict: { kind: 'form', answers: [...ratings(0, [5, 4, 3, 2]), ...ratings(1, [1, 2, 3, 4])] } }],
    // The fifth was too high, and is taken back.
    last: [(page) => press(page, '1', '1', '2', '2', '5', 'ArrowUp', 'ArrowUp', 'ArrowDown', 'Backspace', '4', '5', '5', '5', 'Enter'), { verdict: { kind: 'form', answers: [...ratings(1, [1, 1, 2, 2]), ...ratings(0, [4, 5, 5, 5])] } }],
  },
  'Good or not': {
    items: four((order) => item(order, ['Nothing can.'], { prompt: '\n\nHuman: What flies?\n\nAssistant:', turns: [{ role: 'user', text: 'What flies?' }], conversationId: `c${order}` })),
    first: [(page) => press(page, '1'), { verdict: { kind: 'thumb', response: 0, up: true } }],
    last: [
      async (page) => {
        await pressButton(page, 'dull', 'Space');
        await pressButton(page, 'unsafe', 'Enter');
        await press(page, '2');
      },
      { verdict: { kind: 'thumb', response: 0, up: false }, reasons: ['dull', 'unsafe'] },
    ],
  },
  'Write it better': {
    items: four(alone),
    first: [
      async (page) => {
        await press(page, 'e', 'ControlOrMeta+End');
        await page.keyboard.type(` ${WORDS}`);
        await press(page, 'Control+Enter');
      },
      { verdict: { kind: 'rewrite', response: 0, text: `${RAIN} ${WORDS}` } },
    ],
    last: [
      async (page) => {
        // Emptied, to be written anew: what was there does not come back by itself.
        await press(page, 'e', 'ControlOrMeta+End', '!', 'ControlOrMeta+a', 'Backspace');
        await page.keyboard.type('All new.');
        await press(page, 'Control+Enter');
      },
      { verdict: { kind: 'rewrite', response: 0, text: 'All new.' } },
    ],
  },
  'Mark what is wrong': {
    items: four(alone),
    first: [
      async (page) => {
        await tabTo(page, page.getByRole('group', { name: /^The text: arrow keys/ }));
        await press(page, 'ArrowRight', 'ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowRight', '3', 'End', '1');
        // The same once more marks nothing.
        await press(page, 'End', '1', 'ArrowDown', '2', 'Enter');
      },
      {
        verdict: {
          kind: 'form',
          answers: [
            {
              question: 'faults',
              spans: [
                { response: 0, from: RAIN.indexOf('rained'), to: RAIN.indexOf(' all'), label: 'repeated' },
                { response: 0, from: RAIN.indexOf('day.'), to: RAIN.length, label: 'wrong' },
              ],
            },
            thumb(false),
          ],
        },
      },
    ],
    last: [(page) => press(page, 'ArrowDown', '1', 'Enter'), { verdict: { kind: 'thumb', response: 0, up: true } }],
  },
  'Questionnaire': {
    items: four(pair),
    first: [
      async (page) => {
        await press(page, '1', '4', 'e');
        await page.keyboard.type(WORDS);
        await press(page, 'Escape', 'ArrowDown', 'e', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'Enter');
      },
      { verdict: { kind: 'form', answers: [{ question: 'better', verdict: 'first' }, { question: 'why', value: 'something else' }, { question: 'what', value: WORDS }, { question: 'sure', value: 65 }] } },
    ],
    last: [
      async (page) => {
        await press(page, '3', '4', 'e');
        await page.keyboard.type('not asked in the end');
        await press(page, 'Escape', 'ArrowUp', '1', 'Enter');
      },
      { verdict: { kind: 'form', answers: [{ question: 'better', verdict: 'tie' }, { question: 'why', value: 'style' }] } },
    ],
  },
};

for (const [name, { items, first, last }] of Object.entries(JOURNEYS) as [TemplateName, Journey][])
  test(`${name}: every step by the keyboard alone, and the log keeps exactly that`, async ({ page, complaints }) => {
    await openForm(page, template(name), items);
    const figures = (text: string) => expect(page.getByText(text)).toBeVisible();
    await first[0](page);
    await figures('1 judged · 3 to go');
    await press(page, 'z');
    await figures('0 judged · 4 to go');
    await press(page, 'y');
    await figures('1 judged · 3 to go');
    await press(page, 's');
    await figures('1 judged · 2 to go · 1 skipped');
    await press(page, 'f');
    await figures('1 flagged');
    await press(page, 'x');
    await figures('1 judged · 1 to go · 1 skipped · 1 left out');
    await press(page, 'n');
    await page.keyboard.type(WORDS);
    await press(page, 'Escape');
    await last[0](page);
    await expect(page.getByText('All judged')).toBeVisible();
    await expect.poll(async () => (await storedEvents(page)).length).toBe(7);
    expect((await storedEvents(page)).map(said)).toEqual([
      judged(0, first[1]),
      { kind: 'undone', comparisonId: 'p0' },
      judged(0, first[1]),
      { kind: 'skipped', comparisonId: 'p1' },
      { kind: 'flagged', comparisonId: 'p2' },
      { kind: 'discarded', comparisonId: 'p2' },
      judged(3, { ...last[1], comment: WORDS }),
    ]);
    expect(complaints).toEqual([]);
  });

test('why something is marked is written in a field that keys leave and submit, as any other', async ({ page }) => {
  await openForm(page, template('Mark what is wrong'), four(alone));
  const mark = async () => {
    await page.getByText('rained', { exact: true }).first().click();
    await press(page, '2');
  };
  const why = page.getByRole('textbox', { name: 'Why?' });
  await mark();
  await why.fill('twice');
  await press(page, 'Escape');
  await expect(why).not.toBeFocused();
  // Outside of it a key means what it means elsewhere, here the second answer to the next question.
  await press(page, 'ArrowDown', '2');
  await why.focus();
  await page.keyboard.type(WORDS);
  await press(page, 'Control+Enter');
  await expect(page.getByText('1 judged · 3 to go')).toBeVisible();
  await mark();
  await press(page, 'ArrowDown', '2');
  await why.focus();
  await press(page, 'Enter');
  await expect(page.getByText('2 judged · 2 to go')).toBeVisible();
  const marked = (reason?: string) => ({ question: 'faults', spans: [{ response: 0, from: 3, to: 9, label: 'clumsy', ...(reason && { reason }) }] });
  // What was answered last comes last.
  await expect.poll(async () => (await storedEvents(page)).map(said)).toEqual([
    judged(0, { verdict: { kind: 'form', answers: [thumb(false), marked(`twice${WORDS}`)] } }),
    judged(1, { verdict: { kind: 'form', answers: [marked(), thumb(false)] } }),
  ]);
});

test('a form that lacks an answer is not submitted, and says which', async ({ page }) => {
  await openForm(page, template('Questionnaire'), four(pair));
  const missing = page.getByRole('alert').filter({ hasText: 'Not submitted' });
  await press(page, 'Enter');
  await expect(missing).toHaveText(/^Not submitted: “Which is better\?”, “What decided it\?” are not answered/);
  await press(page, '1');
  await expect(missing).toHaveText(/^Not submitted: “What decided it\?” is not answered/);
  await press(page, '4', 'Enter');
  await expect(missing).toHaveText(/^Not submitted: “What was it\?” is not answered/);
  await press(page, 'e');
  await page.keyboard.type('the ending');
  await expect(missing).toBeHidden();
  expect(await storedEvents(page)).toEqual([]);
  await press(page, 'Control+Enter');
  await expect(page.getByText('1 judged · 3 to go')).toBeVisible();
});

test('what is filled in survives the page, and is no judgement before it is submitted', async ({ page, context }) => {
  await openForm(page, template('Rate each'), four(pair));
  await press(page, '5', '4', '3', 'n');
  await page.keyboard.type('so far');
  await expect(page.getByText('Draft saved')).toBeVisible();
  await page.close();

  const again = await context.newPage();
  await again.goto('./#/collect');
  await expect(again.getByText('0 judged · 4 to go')).toBeVisible();
  await expect(again.getByRole('textbox', { name: 'Comment' })).toHaveValue('so far');
  for (const chosen of ['5, helpful, First', '4, honest, First', '3, harmless, First']) await expect(button(again, chosen)).toHaveAttribute('aria-pressed', 'true');
  await expect(again.getByRole('main').locator('[aria-pressed="true"]')).toHaveCount(3);
  expect(await storedEvents(again)).toEqual([]);
  await press(again, '2', '1', '1', '1', '1', 'Enter');
  await expect(again.getByText('1 judged · 3 to go')).toBeVisible();
  await expect.poll(async () => (await storedEvents(again)).map(said)).toEqual([judged(0, { verdict: { kind: 'form', answers: [...ratings(0, [5, 4, 3, 2]), ...ratings(1, [1, 1, 1, 1])] }, comment: 'so far' })]);
});

test('a judgement that is opened again comes filled in, and its change is a new event', async ({ page }) => {
  await openForm(page, template('How much better?'), four(pair));
  await press(page, 'n');
  await page.keyboard.type('funny');
  await press(page, 'Escape', '3');
  await expect(page.getByText('1 judged · 3 to go')).toBeVisible();
  await tabTo(page, page.locator('summary', { hasText: 'All items' }));
  await press(page, 'Enter');
  await tabTo(page, page.getByRole('grid', { name: 'Items' }));
  await press(page, 'Home', 'Enter');
  await expect(page.getByText('Judged before')).toBeVisible();
  await expect(page.getByRole('main').locator('[aria-pressed="true"]')).toHaveText(/First, slightly/);
  await expect(page.getByRole('textbox', { name: 'Comment' })).toHaveValue('funny');
  await press(page, '6');
  await expect(page.getByText('Judged before')).toBeHidden();
  await expect.poll(async () => (await storedEvents(page)).map(said)).toEqual([judged(0, { verdict: 'first', strength: 1, comment: 'funny' }), judged(0, { verdict: 'second', strength: 2, comment: 'funny' })]);
});

test('focus, and several at once, by key', async ({ page, complaints }) => {
  await openForm(page, template('Which is better?'), Array.from({ length: 10 }, (_, order) => pair(order)));
  const files = page.getByText('Files', { exact: true });
  await press(page, 'w');
  await expect(files).toBeHidden();
  await press(page, '1', 'w');
  await expect(files).toBeVisible();

  await press(page, 'a');
  const current = page.getByRole('main').locator('[aria-current="true"]');
  await expect(page.getByText('0 of 8 items on this page are done')).toBeVisible();
  await press(page, 't');
  await expect(page.getByText('1 of 8 items on this page is done')).toBeVisible();
  await expect(current).toContainText('Story 2.');
  await pressButton(page, 'Judge: Story 5.');
  await expect(current).toContainText('Story 5.');
  await press(page, 'b', 't', 't', 't', 't', 't', 't');
  // The page was full, and the last item has one of its own.
  await expect(page.getByText('0 of 1 item on this page are done')).toBeVisible();
  await expect.poll(async () => (await storedEvents(page)).map(({ comparisonId }) => comparisonId)).toEqual([0, 1, 5, 2, 3, 4, 6, 7, 8].map((order) => `p${order}`));

  // Another dataset has pages of its own.
  await openForm(page, template('Which is better?'), four((order) => ({ ...pair(order), id: `q${order}`, prompt: `Tale ${order}.` })), 'other');
  await expect(current).toContainText('Tale 0.');
  await press(page, '1');
  await expect(current).toContainText('Tale 1.');
  await press(page, 'a');
  await expect(page.getByText('on this page')).toBeHidden();
  expect(complaints).toEqual([]);
});

test('a hundred pairs at ten keys a second: each key counts once', async ({ page, complaints }) => {
  const PAIRS = 100;
  await openForm(page, template('Which is better?'), Array.from({ length: PAIRS }, (_, order) => pair(order)));
  const KEYS = ['1', '2', 't', 'b', 'ArrowRight', 'ArrowLeft', '2'];
  const start = Date.now();
  for (let i = 0; i < PAIRS; i++) {
    await new Promise((next) => setTimeout(next, Math.max(0, start + 100 * i - Date.now())));
    await page.keyboard.press(KEYS[i % KEYS.length]);
  }
  await expect(page.getByText('All judged')).toBeVisible();
  await expect.poll(async () => (await storedEvents(page)).length).toBe(PAIRS);
  const chosen = (order: number): PairVerdict => {
    const key = KEYS[order % KEYS.length];
    if (key === 't') return 'tie';
    if (key === 'b') return 'both-bad';
    // Every other pair is shown the other way round.
    return (key === '1' || key === 'ArrowLeft') === (order % 2 === 0) ? 'first' : 'second';
  };
  expect((await storedEvents(page)).map(said)).toEqual(Array.from({ length: PAIRS }, (_, order) => judged(order, { verdict: chosen(order) })));
  expect(complaints).toEqual([]);
});
