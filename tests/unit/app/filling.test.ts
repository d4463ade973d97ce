import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Filling, type Desk, type Draft } from '../../../src/app/collect/filling.svelte';
import type { Form, Question } from '../../../src/feedback/form';
import type { Comparison } from '../../../src/feedback/judgement';

const asked = { ask: '?', required: true };
const PAIR: Question = { ...asked, kind: 'pair', id: 'better', tie: true, bothBad: false, strength: false };
const WHY: Question = { ...asked, kind: 'choice', id: 'why', options: ['style', 'other'] };
const HOW: Question = { ...asked, kind: 'text', id: 'how', when: { question: 'why', is: 'other' } };
const ORDER: Question = { ...asked, kind: 'ranking', id: 'order', ties: true };
const MARKS: Question = { ...asked, kind: 'spans', id: 'marks', labels: ['odd', 'wrong'], required: false };

const form = (...questions: Question[]): Form => ({ name: 'f', guidelines: '', questions, reasons: ['dull'] });
const item = (id: string, texts = 2): Comparison => ({ id, datasetId: 'd', order: 0, prompt: '', responses: Array.from({ length: texts }, (_, i) => `some text ${i}`), swapped: false, source: { kind: 'imported', file: 'f' }, created: 0 });
const A = item('a');
const B = item('b');

/** A desk that remembers what it was handed. */
function desk(asking: Form) {
  const drafts = new Map<string, Draft>();
  const submitted: unknown[] = [];
  const own = {
    form: asking,
    drafts,
    submitted,
    recall: vi.fn<Desk['recall']>((comparison) => Promise.resolve(drafts.has(comparison.id) ? { ...drafts.get(comparison.id)!, kept: true } : null)),
    keep: vi.fn<Desk['keep']>(async (comparison, draft) => void drafts.set(comparison.id, draft)),
    drop: vi.fn<Desk['drop']>((comparison) => void drafts.delete(comparison.id)),
    submit: vi.fn<Desk['submit']>(async (comparison, said) => void submitted.push([comparison.id, said])),
  };
  return own;
}

async function begun(asking: Form, comparison = A) {
  const own = desk(asking);
  const filling = new Filling(own);
  await filling.begin(comparison);
  return { own, filling };
}

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

describe('submitting', () => {
  it('a form of one key: the key submits, once, and nothing is left over', async () => {
    const { own, filling } = await begun(form(PAIR));
    expect(filling.instant).toBe(true);
    filling.pick(2);
    expect(own.submitted).toEqual([['a', { verdict: 'second' }]]);
    filling.pick(1);
    expect(own.submitted).toHaveLength(1);
    await filling.begin(B);
    expect(filling.answers).toEqual([]);
  });

  it('is refused with what is missing, and goes to it; once answered it is not refused any more', async () => {
    const { own, filling } = await begun(form(PAIR, WHY, HOW));
    filling.pick(1);
    expect(filling.stop?.key).toBe('why');
    filling.pick(2);
    await filling.submit();
    expect(own.submitted).toEqual([]);
    expect(filling.refused).toEqual([HOW]);
    expect(filling.stop?.key).toBe('how');
    filling.answer(filling.stop!, { question: 'how', value: 'oddly' });
    expect(filling.refused).toEqual([]);
    expect(filling.complete).toBe(true);
    filling.toggleReason('dull');
    filling.write(' so it is ');
    await filling.submit();
    const answers = [{ question: 'better', verdict: 'first' }, { question: 'why', value: 'other' }, { question: 'how', value: 'oddly' }];
    expect(own.submitted).toEqual([['a', { verdict: { kind: 'form', answers }, reasons: ['dull'], comment: 'so it is' }]]);
    expect(own.drop).toHaveBeenCalledExactlyOnceWith(A);
  });

  it('of nothing is refused too, where nothing is required', async () => {
    const { own, filling } = await begun(form(MARKS));
    await filling.submit();
    expect(own.submitted).toEqual([]);
    expect(filling.refused).toEqual([MARKS]);
    filling.select({ response: 0, from: 0, to: 4 });
    filling.mark('odd');
    expect(filling.refused).toEqual([]);
  });
});

describe('drafts', () => {
  it('are kept a moment after a change, at once when the item goes, and recalled when it comes again', async () => {
    const { own, filling } = await begun(form(PAIR, WHY));
    filling.pick(1);
    expect(own.keep).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1000);
    expect(own.drafts.get('a')).toEqual({ answers: [{ question: 'better', verdict: 'first' }] });
    expect(filling.draft).toBe('saved');
    filling.write('hm');
    await filling.begin(B);
    expect(own.drafts.get('a')).toMatchObject({ comment: 'hm' });
    expect([filling.answers, filling.comment, filling.draft]).toEqual([[], '', 'none']);
    await filling.begin(A);
    expect([filling.answers, filling.comment, filling.draft]).toEqual([[{ question: 'better', verdict: 'first' }], 'hm', 'saved']);
  });

  it('that come late do not overwrite what somebody has begun, nor another item', async () => {
    const own = desk(form(PAIR, WHY));
    let come = (_: Draft & { kept: boolean }) => {};
    own.recall.mockImplementationOnce(() => new Promise((resolve) => (come = resolve)));
    const filling = new Filling(own);
    const beginning = filling.begin(A);
    filling.pick(2);
    come({ answers: [{ question: 'better', verdict: 'first' }], kept: true });
    await beginning;
    expect(filling.answers).toEqual([{ question: 'better', verdict: 'second' }]);
  });

  it('that cannot be kept are said not to be', async () => {
    const { own, filling } = await begun(form(PAIR, WHY));
    own.keep.mockRejectedValueOnce(new Error('no room'));
    filling.pick(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(filling.draft).toBe('failed');
  });

  it('of a form that was changed since hold what still answers it, and only that', async () => {
    const { own, filling } = await begun(form(PAIR, WHY));
    filling.pick(1);
    filling.pick(2);
    own.form = form({ ...asked, kind: 'rewrite', id: 'better' }, WHY);
    expect(filling.answers).toEqual([{ question: 'why', value: 'other' }]);
    expect(filling.complete).toBe(false);
  });
});

describe('answering', () => {
  it('taking back an order takes back its last place; of two orders, that of the active one', async () => {
    const { filling } = await begun(form(ORDER, { ...ORDER, id: 'again' }), item('a', 3));
    filling.choose(filling.stops[0], filling.options(filling.stops[0])[0]);
    filling.choose(filling.stops[1], filling.options(filling.stops[1])[2]);
    filling.choose(filling.stops[1], filling.options(filling.stops[1])[1]);
    filling.activate(filling.stops[1]);
    filling.clear();
    expect(filling.answers).toEqual([
      { question: 'order', verdict: { kind: 'ranking', groups: [[0]] } },
      { question: 'again', verdict: { kind: 'ranking', groups: [[2], [1]] } },
    ]);
    filling.rank('again', 1, 'tie');
    expect(filling.answers[1]).toEqual({ question: 'again', verdict: { kind: 'ranking', groups: [[2, 1]] } });
  });

  it('marks what is selected, the same only once, and takes the last mark back', async () => {
    const { filling } = await begun(form(MARKS));
    const mark = (from: number, to: number, label: string) => {
      filling.select({ response: 1, from, to });
      filling.mark(label);
    };
    mark(0, 4, 'odd');
    mark(5, 9, 'wrong');
    mark(0, 4, 'odd');
    expect(filling.spans.map(({ from, label }) => [from, label])).toEqual([[0, 'odd'], [5, 'wrong']]);
    expect(filling.selection).toBeNull();
    filling.clear();
    expect(filling.spans).toEqual([{ response: 1, from: 0, to: 4, label: 'odd' }]);
    filling.clear();
    expect(filling.answers).toEqual([]);
  });

  it('goes through the stops one by one and stays at the ends', async () => {
    const { filling } = await begun(form(PAIR, WHY));
    filling.move(-1);
    expect(filling.stop?.key).toBe('better');
    filling.move(1);
    filling.move(1);
    expect(filling.stop?.key).toBe('why');
    filling.clear();
    expect(filling.answers).toEqual([]);
  });
});
