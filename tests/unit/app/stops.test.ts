import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answered, broughtTo, isDone, moved, optionsOf, rankedGroups, ranking, stopsOf, tiedOrParted, type Stop } from '../../../src/app/collect/stops';
import { answersTo, isAnswerTo, verdictOf, withAnswers, type Form, type Question } from '../../../src/feedback/form';
import { TEMPLATES } from '../../../src/feedback/formTemplates';
import type { Answer } from '../../../src/feedback/judgement';
import { suits } from '../../../src/feedback/suits';

const asked = { id: 'q', ask: '?', required: true };
const item = (texts: number, swapped = false) => ({ responses: Array.from({ length: texts }, (_, i) => `text ${i}`), swapped });
const form = (...questions: Question[]): Form => ({ name: 'f', guidelines: '', questions, reasons: [] });
const stopOf = (question: Question, comparison = item(2), place = 0): Stop => stopsOf(form(question), [], comparison)[place];

/** What each option would answer, by its label. */
function given(question: Question, comparison = item(2), answers: Answer[] = [], place = 0): Record<string, Answer[]> {
  return Object.fromEntries(optionsOf(stopOf(question, comparison, place), answers, comparison).map(({ label, give }) => [label, give()]));
}
const chosen = (question: Question, answers: Answer[], comparison = item(2), place = 0) =>
  optionsOf(stopOf(question, comparison, place), answers, comparison).filter((option) => option.chosen).map(({ label }) => label);

describe('stops', () => {
  it('of a rating: each response as it is shown, each criterion of it', () => {
    const question: Question = { ...asked, kind: 'rating', criteria: ['kind', 'true'], scale: '1 to 5' };
    expect(stopsOf(form(question), [], item(2, true)).map(({ key }) => key)).toEqual(['q/1/kind', 'q/1/true', 'q/0/kind', 'q/0/true']);
  });

  it('of what is asked of each response, one for each; of the rest, one', () => {
    const questions: Question[] = [{ ...asked, id: 't', kind: 'thumb' }, { ...asked, id: 'r', kind: 'ranking', ties: true }, { ...asked, id: 'n', kind: 'number', low: 0, high: 1, step: 1 }];
    expect(stopsOf(form(...questions), [], item(3)).map(({ key }) => key)).toEqual(['t/0', 't/1', 't/2', 'r', 'n']);
  });
});

describe('options', () => {
  const PAIR: Question = { ...asked, kind: 'pair', tie: true, bothBad: true, strength: false };

  it('of a pair: the first on the screen is the second in store where the sides are swapped', () => {
    expect(given(PAIR)).toEqual({
      'First is better': [{ question: 'q', verdict: 'first' }],
      'Second is better': [{ question: 'q', verdict: 'second' }],
      Tie: [{ question: 'q', verdict: 'tie' }],
      'Both bad': [{ question: 'q', verdict: 'both-bad' }],
    });
    expect(given(PAIR, item(2, true))['First is better']).toEqual([{ question: 'q', verdict: 'second' }]);
    expect(Object.keys(given({ ...PAIR, tie: false, bothBad: false }))).toEqual(['First is better', 'Second is better']);
  });

  it('of a pair with a strength: three a side, with the middle between them', () => {
    const options = given({ ...PAIR, strength: true }, item(2, true));
    expect(Object.entries(options).map(([label, [answer]]) => [label, 'verdict' in answer && answer.verdict, 'strength' in answer ? answer.strength : undefined])).toEqual([
      ['First, by far', 'second', 3],
      ['First, clearly', 'second', 2],
      ['First, slightly', 'second', 1],
      ['Tie', 'tie', undefined],
      ['Second, slightly', 'first', 1],
      ['Second, clearly', 'first', 2],
      ['Second, by far', 'first', 3],
      ['Both bad', 'both-bad', undefined],
    ]);
    expect(chosen({ ...PAIR, strength: true }, [{ question: 'q', verdict: 'first', strength: 2 }])).toEqual(['First, clearly']);
  });

  it('of an order: the next place, the last one by itself, and back out of it', () => {
    const question: Question = { ...asked, kind: 'ranking', ties: true };
    const after = (...groups: number[][]) => given(question, item(3, true), ranking('q', groups));
    // Swapped: "First" is the last in store.
    expect(after().First).toEqual(ranking('q', [[2]]));
    expect(after([2]).Second).toEqual(ranking('q', [[2], [1], [0]]));
    expect(after([2], [1], [0]).Second).toEqual(ranking('q', [[2], [0]]));
    expect(after([2]).First).toEqual([]);
    expect(chosen(question, ranking('q', [[2], [0]]), item(3, true))).toEqual(['First', 'Third']);
  });

  it('of a rating: the numbers of its scale, beside what else was rated; a scale of a hundred is a field', () => {
    const question: Question = { ...asked, kind: 'rating', criteria: ['kind', 'true'], scale: '1 to 10' };
    const other: Answer = { question: 'q', verdict: { kind: 'rating', response: 0, criterion: 'kind', scale: '1 to 10', value: 9 } };
    const options = given(question, item(1), [other], 1);
    expect(Object.keys(options)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9', '10']);
    expect(options['4']).toEqual([other, { question: 'q', verdict: { kind: 'rating', response: 0, criterion: 'true', scale: '1 to 10', value: 4 } }]);
    expect([chosen(question, [other], item(1), 0), chosen(question, [other], item(1), 1)]).toEqual([['9'], []]);
    expect(given({ ...question, scale: '0 to 100' })).toEqual({});
  });

  it('of a thumb: one response at a time', () => {
    const question: Question = { ...asked, kind: 'thumb' };
    const first: Answer = { question: 'q', verdict: { kind: 'thumb', response: 0, up: false } };
    expect(given(question, item(2), [first], 1).Good).toEqual([first, { question: 'q', verdict: { kind: 'thumb', response: 1, up: true } }]);
    expect([chosen(question, [first], item(2), 0), chosen(question, [first], item(2), 1)]).toEqual([['Not good'], []]);
  });

  it('of a choice: another instead; of several: one more or one less, in the order of the form', () => {
    const options = ['a', 'b', 'c'];
    expect(given({ ...asked, kind: 'choice', options }, item(1), [{ question: 'q', value: 'a' }]).c).toEqual([{ question: 'q', value: 'c' }]);
    const several = given({ ...asked, kind: 'choices', options }, item(1), [{ question: 'q', value: ['c'] }]);
    expect([several.a, several.c]).toEqual([[{ question: 'q', value: ['a', 'c'] }], []]);
  });

  it('of what is written, set or marked: none', () => {
    const written: Question[] = [{ ...asked, kind: 'rewrite' }, { ...asked, kind: 'spans', labels: ['odd'] }, { ...asked, kind: 'text' }, { ...asked, kind: 'number', low: 0, high: 1, step: 1 }];
    for (const question of written) expect(given(question)).toEqual({});
  });
});

describe('moving in an order', () => {
  const ORDER = [[2], [0, 3], [1]];
  it.each<[string, number[][], number[][]]>([
    ['up past another', moved([[0], [1], [2]], 2, -1), [[0], [2], [1]]],
    ['down past another', moved([[0], [1], [2]], 0, 1), [[1], [0], [2]]],
    ['up past those that share a place', moved(ORDER, 1, -1), [[2], [1], [0, 3]]],
    ['up out of a place that it shares', moved(ORDER, 3, -1), [[2], [3], [0], [1]]],
    ['down out of it', moved(ORDER, 0, 1), [[2], [3], [0], [1]]],
    ['no further than the first', moved(ORDER, 2, -1), ORDER],
    ['no further than the last', moved(ORDER, 1, 1), ORDER],
    ['nobody who has no place', moved([[0]], 1, -1), [[0]]],
    ['to share the place before', tiedOrParted(ORDER, 1), [[2], [0, 3, 1]]],
    ['out of a shared place, right after it', tiedOrParted(ORDER, 0), [[2], [3], [0], [1]]],
    ['the first shares with nobody before', tiedOrParted(ORDER, 2), ORDER],
    ['a stranger shares with nobody', tiedOrParted([[0]], 1), [[0]]],
    ['brought up to another', broughtTo([[0], [1], [2], [3]], 3, 1), [[0], [3], [1], [2]]],
    ['brought down to another', broughtTo([[0], [1], [2], [3]], 0, 2), [[1], [2], [0], [3]]],
    ['brought up to those that share a place, before them', broughtTo(ORDER, 1, 3), [[2], [1], [0, 3]]],
    ['brought down to them, after them', broughtTo(ORDER, 2, 0), [[0, 3], [2], [1]]],
    ['brought to what it shares a place with, right after it', broughtTo(ORDER, 0, 3), [[2], [3], [0], [1]]],
    ['brought out of a shared place', broughtTo(ORDER, 3, 2), [[3], [2], [0], [1]]],
    ['brought to itself', broughtTo(ORDER, 0, 0), ORDER],
  ])('%s', (_, after, expected) => {
    expect(after).toEqual(expected);
  });
});

describe('whatever is chosen, in whatever order', () => {
  const step = fc.record({ stop: fc.nat(40), option: fc.nat(20), how: fc.constantFrom('choose', 'clear', 'better', 'worse', 'tie') });
  const forms = TEMPLATES as unknown as Form[];

  it('is an answer to its question, and a judgement that suits the item', () => {
    fc.assert(
      fc.property(fc.constantFrom(...forms), fc.constantFrom(1, 2, 3, 4, 6), fc.boolean(), fc.array(step, { maxLength: 12 }), (asking, texts, swapped, steps) => {
        const comparison = item(asking.questions.some(({ kind }) => kind === 'pair') ? 2 : Math.max(texts, asking.questions.some(({ kind }) => kind === 'ranking') ? 2 : 1), swapped);
        let answers: Answer[] = [];
        for (const { stop: at, option, how } of steps) {
          const stops = stopsOf(asking, answers, comparison);
          const stop = stops[at % stops.length];
          const { id } = stop.question;
          const options = optionsOf(stop, answers, comparison);
          if (how === 'choose' && options.length > 0) answers = withAnswers(answers, id, options[option % options.length].give());
          else if (how === 'clear') answers = withAnswers(answers, id, answered(stop, answers, null));
          else if (stop.question.kind === 'ranking' && how !== 'choose') {
            const groups = rankedGroups(answersTo(answers, id));
            const place = option % comparison.responses.length;
            answers = withAnswers(answers, id, ranking(id, how === 'tie' ? tiedOrParted(groups, place) : moved(groups, place, how === 'better' ? -1 : 1)));
          }
        }
        for (const answer of answers) expect(asking.questions.some((question) => isAnswerTo(question, answer))).toBe(true);
        const said = verdictOf(asking, answers);
        if (said) expect(suits(said.verdict, comparison)).toBe(true);
        for (const stop of stopsOf(asking, answers, comparison)) {
          // A stop with a chosen option is done, but of an order, which wants all.
          const some = optionsOf(stop, answers, comparison).some((option) => option.chosen);
          if (stop.question.kind !== 'ranking' && some) expect(isDone(stop, answers, comparison.responses.length)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});
