import { describe, expect, it } from 'vitest';
import { Plan } from '../../../src/app/collect/plan';
import { CHOICE_WORDS, collectingWords } from '../../../src/app/collect/nextWords';
import { JudgedQueue } from '../../../src/feedback/judgedQueue';
import { CHOICES, type Comparison, type Rater } from '../../../src/feedback/judgement';
import { recordAction, type Action } from '../../../src/feedback/recording';
import { chosenAs, IN_ORDER, isKept } from '../../../src/feedback/scheduling';

const me: Rater = { kind: 'person', name: 'me' };
const items = (n: number): Comparison[] =>
  Array.from({ length: n }, (_, order) => ({ id: `c${order}`, datasetId: 'x', order, prompt: '', responses: ['1', '2'], swapped: false, source: { kind: 'imported', file: 'f' }, created: 0 }));
const dataset = { id: 'x', seed: 3, collecting: { ...IN_ORDER, next: 'uncertain', randomShare: 0.2 } } as const;
const act = (queue: JudgedQueue, id: string, action: Action, at: number) => queue.add(recordAction(queue.find(id)!, me, action, at));

describe('the plan of what comes next', () => {
  const ALL = items(50);
  const free = ALL.filter((item) => !isKept(item, dataset.seed, 0.2)).map(({ id }) => id);

  it('does not change what stands on the screen when a ranking arrives or more is written', () => {
    const [plan, queue] = [new Plan(), new JudgedQueue(ALL, [])];
    const first = plan.next(queue, me, dataset)!;
    expect(first.choice).toBe('random');
    plan.rank('x', free);
    expect(plan.next(queue, me, dataset)).toEqual(first);
    expect(plan.next(new JudgedQueue(items(90), []), me, dataset)).toEqual(first);
    act(queue, first.id, { kind: 'judged', verdict: 'tie', ...chosenAs(first) }, 1);
    const came = new Set<string>();
    for (let at = 2; at < 30; at++) {
      const next = plan.next(queue, me, dataset)!;
      came.add(next.choice);
      act(queue, next.id, { kind: 'judged', verdict: 'tie', ...chosenAs(next) }, at);
    }
    expect([...came].sort()).toEqual(['random', 'uncertain']);
  });

  it('brings the same item again after an undo, as it was chosen, whatever ranking came meanwhile', () => {
    const [plan, queue] = [new Plan(), new JudgedQueue(ALL, [])];
    plan.rank('x', free);
    const come = Array.from({ length: 12 }, (_, at) => {
      const next = plan.next(queue, me, dataset)!;
      act(queue, next.id, { kind: 'judged', verdict: 'first', ...chosenAs(next) }, at);
      return next;
    });
    plan.rank('x', [...free].reverse());
    for (const next of [...come].reverse()) {
      act(queue, next.id, { kind: 'undone' }, queue.latest + 1);
      expect(plan.next(queue, me, dataset)).toEqual(next);
    }
  });

  it('lets go of an item that somebody else has judged, and follows a change of mind at once', () => {
    const [plan, queue] = [new Plan(), new JudgedQueue(ALL, [])];
    const { id } = plan.next(queue, me, { ...dataset, collecting: undefined })!;
    expect(id).toBe('c0');
    queue.add(recordAction(ALL[0], { kind: 'person', name: 'other' }, { kind: 'judged', verdict: 'first' }, 1));
    expect(plan.next(queue, me, { ...dataset, collecting: undefined })!.id).toBe('c1');
    plan.rank('x', ['c7', ...free]);
    expect(plan.next(queue, me, { ...dataset, collecting: { ...dataset.collecting, randomShare: 0 } })).toEqual({ id: 'c7', choice: 'uncertain' });
  });

  it('counts what the strategy has left, which is nothing of what is kept for chance', () => {
    const [plan, queue] = [new Plan(), new JudgedQueue(ALL, [])];
    expect(plan.left).toBe(Infinity);
    plan.next(queue, me, dataset);
    expect(plan.left).toBe(0);
    plan.rank('x', ALL.map(({ id }) => id));
    expect(plan.left).toBe(free.length);
    act(queue, free[0], { kind: 'skipped' }, 1);
    expect(plan.left).toBe(free.length - 1);
    plan.rank('another', []);
    expect(plan.left).toBe(0);
  });
});

describe('how items come, in words', () => {
  it('says what differs from the order', () => {
    expect(Object.keys(CHOICE_WORDS).sort()).toEqual([...CHOICES].sort());
    expect(collectingWords(IN_ORDER)).toBe('in order');
    expect(collectingWords({ next: 'moved', randomShare: 0.25, repeatShare: 0.05, everyone: true })).toBe('where the model has changed, 25 % by chance, some again, everyone judges all');
  });
});
