import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANY_ITEM, ItemSearch, type ItemFilter } from '../../../src/feedback/itemSearch';
import { JudgedQueue } from '../../../src/feedback/judgedQueue';
import type { Comparison, JudgementEvent, Rater } from '../../../src/feedback/judgement';

const me: Rater = { kind: 'person', name: 'me' };
const rule: Rater = { kind: 'simulated', rule: 'animals', temperature: 1 };
const file: Rater = { kind: 'imported', file: 'f' };

/** One item for each thing that can stand of it, named after that. */
const [HERE, FLIPPED] = [false, true];
const ITEMS: [id: string, swapped: boolean, ...said: object[]][] = [
  ['open', HERE],
  ['first', HERE, { kind: 'judged', verdict: 'first', rater: me }],
  ['first, flipped', FLIPPED, { kind: 'judged', verdict: 'first', rater: rule }],
  ['second', HERE, { kind: 'judged', verdict: 'second', rater: file }],
  ['tie', FLIPPED, { kind: 'judged', verdict: 'tie', rater: me }],
  ['both bad', HERE, { kind: 'judged', verdict: 'both-bad', rater: rule }],
  ['thumb', HERE, { kind: 'judged', verdict: { kind: 'thumb', response: 0, up: true }, rater: me }],
  ['form', FLIPPED, { kind: 'judged', verdict: { kind: 'form', answers: [{ question: 'which', verdict: 'first' }, { question: 'why', value: 'so' }] }, rater: me }],
  ['skipped', HERE, { kind: 'skipped', rater: me }],
  ['discarded', HERE, { kind: 'discarded', rater: me }],
  ['flagged', HERE, { kind: 'flagged', rater: me }],
  ['tie, flagged', HERE, { kind: 'flagged', rater: rule }, { kind: 'judged', verdict: 'tie', rater: file }],
  ['flagged no more', HERE, { kind: 'flagged', rater: me }, { kind: 'unflagged', rater: me }],
];
const TEXTS: Record<string, [string, string, string]> = { open: ['Once upon a time', 'a CAT sat', 'Größe'], tie: ['once more', 'a dog', 'cat'] };

const comparisons = ITEMS.map(([id, swapped], order): Comparison => {
  const [prompt, ...responses] = TEXTS[id] ?? ['p', 'q', 'r'];
  return { id, datasetId: 'd', order, prompt, responses, swapped, source: { kind: 'imported', file: 'f' }, created: 0 };
});
let clock = 0;
const events = ITEMS.flatMap(([comparisonId, , ...said]) => said.map((event) => ({ id: `e${++clock}`, datasetId: 'd', comparisonId, at: clock, ...event }) as JudgementEvent));

function find(wish: Partial<ItemFilter>, queue = new JudgedQueue(comparisons, events)): string[] {
  return ids(new ItemSearch(queue).find({ ...ANY_ITEM, ...wish }));
}

/** What a search finds in the end. */
function ids(work: ReturnType<ItemSearch['find']>): string[] {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value.map(({ id }) => id);
  }
}

describe('looking for items', () => {
  it('lists those somebody touched, the latest first, then the others', () => {
    expect(find({})).toEqual([...ITEMS.slice(1).map(([id]) => id).reverse(), 'open']);
  });

  it.each<[Partial<ItemFilter>, string[]]>([
    [{ status: 'open' }, ['open', 'flagged', 'flagged no more']],
    [{ status: 'judged' }, ['first', 'first, flipped', 'second', 'tie', 'both bad', 'thumb', 'form', 'tie, flagged']],
    [{ status: 'skipped' }, ['skipped']],
    [{ status: 'discarded' }, ['discarded']],
    [{ status: 'flagged' }, ['flagged', 'tie, flagged']],
    [{ verdict: 'left' }, ['first']],
    [{ verdict: 'right' }, ['first, flipped', 'second', 'form']],
    [{ verdict: 'tie' }, ['tie', 'tie, flagged']],
    [{ verdict: 'both-bad' }, ['both bad']],
    [{ verdict: 'other' }, ['thumb']],
    [{ rater: 'person' }, ['first', 'tie', 'thumb', 'form']],
    [{ rater: 'simulated' }, ['first, flipped', 'both bad']],
    [{ rater: 'imported' }, ['second', 'tie, flagged']],
    [{ status: 'flagged', verdict: 'tie', rater: 'imported' }, ['tie, flagged']],
    [{ status: 'open', rater: 'person' }, []],
    [{ text: 'ONCE' }, ['open', 'tie']],
    [{ text: ' cat ' }, ['open', 'tie']],
    [{ text: 'größe' }, ['open']],
    [{ text: 'once', verdict: 'tie' }, ['tie']],
    [{ text: 'time a' }, []],
  ])('%j finds %j', (wish, ids) => {
    expect(find(wish).sort()).toEqual(ids.sort());
  });

  it('finds a text wherever it stands, as a look at each would', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'B', 'ß', ' ', '.'), maxLength: 6 });
    fc.assert(
      fc.property(fc.array(fc.tuple(word, word, word), { maxLength: 150 }), word, (texts, text) => {
        const queue = new JudgedQueue(texts.map(([prompt, ...responses], order) => ({ ...comparisons[0], id: `${order}`, order, prompt, responses })), []);
        const wanted = text.trim().toLowerCase();
        const holds = (some: string) => some.toLowerCase().indexOf(wanted) >= 0;
        expect(find({ text }, queue)).toEqual(texts.flatMap((three, order) => (three.some(holds) ? [`${order}`] : [])));
      }),
    );
  });

  it('finds the same whatever was looked for before, and given up', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', ' '), maxLength: 4 });
    const wish = fc.record({ text: word, status: fc.constantFrom<ItemFilter['status']>('any', 'open'), givenUp: fc.boolean() });
    fc.assert(
      fc.property(fc.array(fc.tuple(word, word), { minLength: 70, maxLength: 150 }), fc.array(wish, { minLength: 2, maxLength: 8 }), word, (texts, wishes, added) => {
        const item = (order: number, prompt: string, response: string): Comparison => ({ ...comparisons[0], id: `${order}`, order, prompt, responses: [response, 'c'] });
        const queue = new JudgedQueue(texts.map(([prompt, response], order) => item(order, prompt, response)), []);
        const search = new ItemSearch(queue);
        wishes.forEach(({ text, status, givenUp }, i) => {
          if (i === 1) queue.extend([item(texts.length, added, added)], []);
          const work = search.find({ ...ANY_ITEM, text, status });
          if (givenUp) work.next();
          else expect(ids(work)).toEqual(find({ text, status }, queue));
        });
      }),
    );
  });

  it('takes texts in ahead of a search for them, item by item', () => {
    const search = new ItemSearch(new JudgedQueue(comparisons, events));
    expect([...search.takeIn()]).toHaveLength(comparisons.length);
    expect([...search.takeIn()]).toHaveLength(0);
    expect(ids(search.find({ ...ANY_ITEM, text: 'upon a' }))).toEqual(['open']);
  });

  it('pauses often, and finds what was added since', () => {
    const queue = new JudgedQueue(Array.from({ length: 1000 }, (_, order) => ({ ...comparisons[0], id: `${order}`, order })), []);
    const search = new ItemSearch(queue);
    const pauses = [...search.find(ANY_ITEM)].length;
    expect(pauses).toBeGreaterThanOrEqual(10);
    queue.extend([{ ...comparisons[0], id: 'new', prompt: 'unheard of' }], []);
    const work = search.find({ ...ANY_ITEM, text: 'Unheard' });
    let step = work.next();
    while (!step.done) step = work.next();
    expect(step.value.map(({ id }) => id)).toEqual(['new']);
  });
});
