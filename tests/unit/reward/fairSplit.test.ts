import { expect, it } from 'vitest';
import { JudgedQueue } from '../../../src/feedback/judgedQueue';
import type { Comparison, PairVerdict, Rater } from '../../../src/feedback/judgement';
import { recordAction } from '../../../src/feedback/recording';
import { IN_ORDER, nextItem } from '../../../src/feedback/scheduling';
import { judgedPreferences } from '../../../src/lab/judgedPreferences';
import { aggregated, MEAN, preferenceDisagreement } from '../../../src/reward/ensemble';
import { heldOutReport } from '../../../src/reward/report';
import { splitByPrompt } from '../../../src/reward/split';
import { RandomStream } from '../../../src/tensor/random';

const ITEMS = 600;
const JUDGED = 300;
const rater: Rater = { kind: 'person', name: 'me' };

/** A labeler that errs as Bradley and Terry have it, and five members that know its margins up to noise of their own. */
function world(seed: number) {
  const random = new RandomStream(seed);
  const comparisons = Array.from({ length: ITEMS }, (_, order): Comparison => ({
    id: `${order}`, datasetId: 'x', order, prompt: `p${order % 40}`, responses: ['1', '2'], swapped: false, source: { kind: 'imported', file: 'f' }, created: 0,
  }));
  const margins = comparisons.map(() => 2 * random.normal());
  const verdicts = margins.map((margin): PairVerdict => (random.uniform() < 1 / (1 + Math.exp(-margin)) ? 'first' : 'second'));
  const members = Array.from({ length: 5 }, () => margins.map((margin) => margin + 1.5 * random.normal()));
  return { comparisons, verdicts, members, scores: aggregated(members, MEAN) };
}

const averages = (rows: readonly number[][]) => rows[0].map((_, i) => rows.reduce((sum, row) => sum + row[i], 0) / rows.length);

it('is not fooled by pairs that were chosen because the members disagree, as an accuracy on all of them is', () => {
  const [truth, blind, fair, byChance] = averages(
    Array.from({ length: 12 }, (_, seed) => {
      const { comparisons, verdicts, members, scores } = world(seed);
      const right = (id: string) => Number(scores[Number(id)] > 0 === (verdicts[Number(id)] === 'first'));
      const doubt = comparisons.map((_, i) => preferenceDisagreement(members.map((margins) => [margins[i], 0])));
      const ranking = comparisons.map(({ id }) => id).sort((a, b) => doubt[Number(b)] - doubt[Number(a)]);
      const queue = new JudgedQueue(comparisons, []);
      for (let at = 1; at <= JUDGED; at++) {
        const { id, choice } = nextItem(queue, { rater, seed, ranking, collecting: { ...IN_ORDER, next: 'uncertain', randomShare: 0.3 } })!;
        queue.add(recordAction(comparisons[Number(id)], rater, { kind: 'judged', verdict: verdicts[Number(id)], ...(choice !== 'order' && { choice }) }, at));
      }
      const judged = judgedPreferences(comparisons, queue.states);
      const accuracy = (split: ReturnType<typeof splitByPrompt<(typeof judged)[number]>>) =>
        heldOutReport(split.heldOut.map((pair) => ({ pair: { ...pair, responses: ['1', '2'], verdict: verdicts[Number(pair.comparisonId)] }, scores: [scores[Number(pair.comparisonId)], 0], lengths: [1, 1] }))).accuracy!;
      const unaware = judged.map(({ chosen, ...pair }) => (void chosen, pair));
      const split = splitByPrompt(judged, 0.5, new RandomStream(seed));
      const all = comparisons.reduce((sum, { id }) => sum + right(id), 0) / ITEMS;
      return [all, accuracy(splitByPrompt(unaware, 0.5, new RandomStream(seed))).value, accuracy(split).value, accuracy(split).n];
    }),
  );
  // 12 worlds of some 45 fair pairs: the mean's standard error is √(0.8 · 0.2 / 540) = 0.017.
  expect(byChance).toBeGreaterThan(35);
  expect(Math.abs(fair - truth)).toBeLessThan(0.04);
  expect(blind).toBeLessThan(truth - 0.05);
  expect(blind).toBeLessThan(fair - 0.03);
});
