import { describe, expect, it } from 'vitest';
import { JudgedQueue } from '../../../src/feedback/judgedQueue';
import type { Comparison, Rater } from '../../../src/feedback/judgement';
import { recordAction, type Action } from '../../../src/feedback/recording';
import { APART, chosenAs, IN_ORDER, isKept, nextItem, poolOf, type Next, type Scheduling } from '../../../src/feedback/scheduling';
import type { Collecting } from '../../../src/store/schema';

const me: Rater = { kind: 'person', name: 'me' };
const other: Rater = { kind: 'person', name: 'other' };

const items = (n: number, conversation: (i: number) => string | undefined = () => undefined): Comparison[] =>
  Array.from({ length: n }, (_, order) => ({
    id: `c${order}`, datasetId: 'x', order, prompt: '', responses: ['1', '2'], conversationId: conversation(order), swapped: false, source: { kind: 'imported', file: 'f' }, created: 0,
  }));

/** Somebody at work, who says one thing about whatever comes next. */
class Session {
  readonly queue: JudgedQueue;
  readonly came: Next[] = [];
  #now = 0;

  constructor(
    comparisons: readonly Comparison[],
    private readonly collecting: Partial<Collecting> = {},
    private readonly with_: Partial<Pick<Scheduling, 'rater' | 'seed' | 'ranking'>> = {},
  ) {
    this.queue = new JudgedQueue(comparisons, []);
  }

  next(): Next | null {
    return nextItem(this.queue, { rater: me, seed: 1, ranking: [], ...this.with_, collecting: { ...IN_ORDER, ...this.collecting } });
  }

  act(action: Action, id: string, rater: Rater = this.with_.rater ?? me): void {
    this.queue.add(recordAction(this.queue.find(id)!, rater, action, ++this.#now));
  }

  judge(most = Infinity): Next[] {
    for (let next = this.next(); next && this.came.length < most; next = this.next()) {
      this.came.push(next);
      this.act({ kind: 'judged', verdict: 'first', ...chosenAs(next) }, next.id);
    }
    return this.came;
  }
}

const ids = (list: readonly { id: string }[]) => list.map(({ id }) => id);
const sorted = (list: readonly string[]) => [...list].sort();
/** χ² of counts that should be equal. */
const chiSquare = (counts: readonly number[]) => {
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
};

describe('what comes next', () => {
  it('is the first that is open where nothing else is asked for', () => {
    const queue = items(30);
    expect(new Session(queue).judge()).toEqual(queue.map(({ id }) => ({ id, choice: 'order' })));
  });

  it('brings each item once in the end, whatever chooses', () => {
    const queue = items(60, (i) => (i % 10 < 3 ? `talk ${Math.floor(i / 10)}` : undefined));
    for (const next of ['order', 'random', 'uncertain', 'moved'] as const)
      for (const repeatShare of [0, 0.3]) {
        const came = new Session(queue, { next, repeatShare }, { ranking: ids(queue).reverse() }).judge();
        expect(sorted(ids(came.filter(({ repeat }) => !repeat)))).toEqual(sorted(ids(queue)));
      }
  });

  it('is the same again from the same log, and another for another seed or rater', () => {
    const of = (given: Partial<Scheduling>) => ids(new Session(items(40), { next: 'random', repeatShare: 0.2 }, given).judge());
    expect(of({})).toEqual(of({}));
    expect(of({ seed: 2 })).not.toEqual(of({}));
    expect(of({ rater: other })).not.toEqual(of({}));
  });

  it('is the same item again after an undo', () => {
    const session = new Session(items(80), { next: 'uncertain', randomShare: 0.5, repeatShare: 0.3 }, { ranking: ids(items(80)).reverse() });
    for (let step = 0; step < 60; step++) {
      const next = session.next()!;
      session.judge(session.came.length + 1);
      session.act({ kind: 'undone' }, next.id);
      expect(session.next()).toEqual(next);
      session.act({ kind: 'judged', verdict: 'second', ...chosenAs(next) }, next.id);
    }
  });

  it('goes on after a skip, also of an item that was asked again', () => {
    const session = new Session(items(60), { next: 'random', repeatShare: 0.5 });
    session.judge(30);
    for (let step = 0; step < 20; step++) {
      const next = session.next()!;
      session.act({ kind: 'skipped' }, next.id);
      expect(session.next()?.id).not.toBe(next.id);
    }
  });

  it('by chance is uniform over what is open', () => {
    const n = 20;
    const counts = new Array<number>(n).fill(0);
    for (let seed = 0; seed < 4000; seed++) {
      const session = new Session(items(n), { next: 'random' }, { seed });
      session.act({ kind: 'judged', verdict: 'first' }, 'c3');
      const { id, choice } = session.next()!;
      expect(choice).toBe('random');
      counts[Number(id.slice(1))]++;
    }
    expect(counts[3]).toBe(0);
    // 18 degrees of freedom: above 42.3 once in a thousand.
    expect(chiSquare(counts.filter((_, i) => i !== 3))).toBeLessThan(42.3);
  });
});

describe('a strategy', () => {
  const n = 2000;
  const queue = items(n);
  /** The last items are the most informative. */
  const ranking = ids(queue).reverse();

  it('takes its best first, and leaves chance its share', () => {
    const came = new Session(queue, { next: 'uncertain', randomShare: 0.25 }, { ranking }).judge(1200);
    const wanted = came.filter(({ choice }) => choice === 'uncertain');
    expect(ids(wanted)).toEqual(ranking.filter((id) => !isKept(queue[Number(id.slice(1))], 1, 0.25)).slice(0, wanted.length));
    // Binomial: standard deviation 0.0125.
    expect(1 - wanted.length / came.length).toBeCloseTo(0.25, 1);
    expect(new Set(came.map(({ choice }) => choice))).toEqual(new Set(['uncertain', 'random']));
  });

  it('leaves chance a fair sample of all items, even where it has taken most of what it wanted', () => {
    const mean = (came: readonly Next[]) => came.reduce((sum, { id }) => sum + Number(id.slice(1)), 0) / came.length;
    const came = new Session(queue, { next: 'moved', randomShare: 0.2 }, { ranking }).judge(1500);
    const byChance = came.filter(({ choice }) => choice === 'random');
    // Uniform over 0 … n − 1: mean 999.5, standard deviation 577/√300 = 33.
    expect(Math.abs(mean(byChance) - (n - 1) / 2)).toBeLessThan(100);
    // Of what the strategy has left over, the late half of the picks would have a mean far below.
    const late = byChance.slice(byChance.length / 2);
    expect(Math.abs(mean(late) - (n - 1) / 2)).toBeLessThan(140);
    expect(mean(came.filter(({ choice }) => choice === 'moved').slice(-100))).toBeLessThan(700);
  });

  it('keeps for chance at a smaller share only what it keeps at a larger one', () => {
    const kept = (share: number) => queue.filter((item) => isKept(item, 7, share));
    expect(kept(0.3).length / n).toBeCloseTo(0.3, 1);
    expect(kept(0.3)).toEqual(expect.arrayContaining(kept(0.1)));
    expect([kept(0).length, kept(1).length]).toEqual([0, n]);
  });

  it('leaves all to chance where it has no ranking, or none of it is open', () => {
    const session = new Session(items(12), { next: 'uncertain', randomShare: 0 }, { ranking: ['c5', 'gone'] });
    expect(session.judge().map(({ choice }) => choice)).toEqual(['uncertain', ...new Array(11).fill('random')]);
  });
});

describe('asking again', () => {
  it('comes at the rate that is asked for, with ten judgements between, once, and with the first choice', () => {
    const came = new Session(items(3000), { next: 'random', repeatShare: 0.1 }).judge();
    const repeats = came.flatMap((next, at) => (next.repeat ? [{ ...next, at }] : []));
    // About 3300 draws at 0.1: standard deviation 0.005.
    expect(Math.abs(repeats.length / came.length - 0.1)).toBeLessThan(0.02);
    expect(new Set(ids(repeats)).size).toBe(repeats.length);
    for (const { id, at, choice } of repeats) {
      const first = came.findIndex((next) => next.id === id);
      expect(at - first).toBeGreaterThan(APART);
      expect(choice).toBe(came[first].choice);
    }
  });

  it('is of what the rater has judged itself', () => {
    const session = new Session(items(40), { repeatShare: 1 });
    for (let i = 0; i < 20; i++) session.act({ kind: 'judged', verdict: 'first' }, `c${i}`, other);
    expect(session.judge(APART + 2).map(({ id, repeat }) => [id, repeat])).toEqual([...Array.from({ length: 11 }, (_, i) => [`c${20 + i}`, undefined]), ['c20', true]]);
  });
});

describe('several labelers', () => {
  it('share the items out, or each judge all', () => {
    const shared = new Session(items(6));
    const all = new Session(items(6), { everyone: true });
    for (const session of [shared, all]) for (const id of ['c0', 'c1', 'c2']) session.act({ kind: 'judged', verdict: 'first' }, id, other);
    expect(ids(shared.judge())).toEqual(['c3', 'c4', 'c5']);
    expect(ids(all.judge())).toEqual(['c0', 'c1', 'c2', 'c3', 'c4', 'c5']);
  });
});

describe('a conversation', () => {
  it('is judged moment after moment, chosen as its first moment was', () => {
    const queue = items(90, (i) => `talk ${Math.floor(i / 3)}`);
    const came = new Session(queue, { next: 'uncertain', randomShare: 0.3, repeatShare: 0 }, { ranking: ids(queue).reverse() }).judge();
    for (let i = 0; i < came.length; i += 3) {
      const begin = Number(came[i].id.slice(1));
      expect(begin % 3).toBe(0);
      expect(came.slice(i, i + 3)).toEqual([0, 1, 2].map((moment) => ({ id: `c${begin + moment}`, choice: came[i].choice })));
    }
    expect(new Set(came.map(({ choice }) => choice))).toEqual(new Set(['uncertain', 'random']));
  });

  it('whose first moments were skipped is no fair sample either', () => {
    const queue = items(6, (i) => `talk ${Math.floor(i / 3)}`);
    const session = new Session(queue, { next: 'moved', randomShare: 0 }, { ranking: ['c4'] });
    expect(session.next()).toEqual({ id: 'c3', choice: 'moved' });
    session.act({ kind: 'skipped' }, 'c3');
    expect(session.next()).toEqual({ id: 'c4', choice: 'moved' });
  });
});

describe('the pool that is ranked', () => {
  it('is all that is open, or a fair draw of it', () => {
    expect(ids(poolOf(items(5), 1, 8))).toEqual(ids(items(5)));
    const counts = new Array<number>(20).fill(0);
    for (let seed = 0; seed < 2000; seed++) {
      const pool = poolOf(items(20), seed, 5);
      expect(pool.map(({ order }) => order)).toEqual(pool.map(({ order }) => order).sort((a, b) => a - b));
      for (const { order } of pool) counts[order]++;
    }
    // 19 degrees of freedom: above 43.8 once in a thousand, and less here, for the draws of a pool exclude one another.
    expect(chiSquare(counts)).toBeLessThan(43.8);
  });
});
