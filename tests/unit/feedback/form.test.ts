import { describe, expect, it } from 'vitest';
import { answersOf, askedQuestions, fits, isAnswerTo, isInstant, missing, responsesTaken, verdictOf, type Form, type Question } from '../../../src/feedback/form';
import type { Answer, Strength, Verdict } from '../../../src/feedback/judgement';

const form = (...questions: Question[]): Form => ({ name: 'f', guidelines: '', questions, reasons: [] });
const asked = { ask: '?', required: true };
const PAIR: Question = { ...asked, kind: 'pair', id: 'pair', tie: true, bothBad: false, strength: false };
const ORDER: Question = { ...asked, kind: 'ranking', id: 'order', ties: false, required: false };
const RATING: Question = { ...asked, kind: 'rating', id: 'rating', criteria: ['kind', 'true'], scale: '1 to 5' };
const THUMB: Question = { ...asked, kind: 'thumb', id: 'thumb' };
const WHY: Question = { ...asked, kind: 'choice', id: 'why', options: ['style', 'other'] };
const WHICH: Question = { ...asked, kind: 'choices', id: 'which', options: ['long', 'odd'], when: { question: 'why', is: 'other' } };
const HOW: Question = { ...asked, kind: 'text', id: 'how', when: { question: 'which', is: 'odd' } };

const value = (question: string, given: string | number | string[]): Answer => ({ question, value: given });
const ids = (questions: Question[]) => questions.map(({ id }) => id);

describe('items that a form can be asked about', () => {
  it.each<[string, Question[], readonly [number, number]]>([
    ['a pair: two', [PAIR], [2, 2]],
    ['an order: at least two', [ORDER], [2, 6]],
    ['a rating of each: any', [RATING], [1, 6]],
    ['all of them together: what suits the strictest', [RATING, ORDER, PAIR], [2, 2]],
  ])('%s', (_, questions, [fewest, most]) => {
    expect(responsesTaken(form(...questions))).toEqual([fewest, most]);
    for (let n = 1; n <= 6; n++) expect(fits(form(...questions), { responses: Array<string>(n).fill('') })).toBe(n >= fewest && n <= most);
  });

  it('one key judges a pair, or one thumb, and nothing more', () => {
    const item = (n: number) => ({ responses: Array<string>(n).fill('') });
    expect([isInstant(form(PAIR), item(2)), isInstant(form(THUMB), item(1)), isInstant(form(THUMB), item(2)), isInstant(form(PAIR, WHY), item(2)), isInstant(form(RATING), item(1))]).toEqual([true, true, false, false, false]);
  });
});

describe('conditions', () => {
  const chained = form(WHY, WHICH, HOW);

  it('ask a question once the one before was answered so, one after the other', () => {
    expect(ids(askedQuestions(chained, []))).toEqual(['why']);
    expect(ids(askedQuestions(chained, [value('why', 'style')]))).toEqual(['why']);
    expect(ids(askedQuestions(chained, [value('why', 'other')]))).toEqual(['why', 'which']);
    expect(ids(askedQuestions(chained, [value('why', 'other'), value('which', ['long', 'odd'])]))).toEqual(['why', 'which', 'how']);
  });

  it('fall with the first of the chain, whatever was answered to the others', () => {
    const answers = [value('why', 'style'), value('which', ['odd']), value('how', 'oddly')];
    expect(ids(askedQuestions(chained, answers))).toEqual(['why']);
    expect(verdictOf(chained, answers)).toEqual({ verdict: { kind: 'form', answers: [value('why', 'style')] } });
  });

  it('nothing is missing that is not asked', () => {
    expect(ids(missing(chained, [value('why', 'other')], 1))).toEqual(['which']);
    expect(missing(chained, [value('why', 'style')], 1)).toEqual([]);
  });
});

describe('what is missing', () => {
  const rated = (response: number, criterion: string): Answer => ({ question: 'rating', verdict: { kind: 'rating', response, criterion, scale: '1 to 5', value: 3 } });
  const thumb = (response: number): Answer => ({ question: 'thumb', verdict: { kind: 'thumb', response, up: true } });
  const order = (...groups: number[][]): Answer => ({ question: 'order', verdict: { kind: 'ranking', groups } });
  const ALL_RATED = [rated(0, 'kind'), rated(0, 'true'), rated(1, 'kind'), rated(1, 'true')];

  it.each<[string, Question, Answer[], boolean]>([
    ['one rating of four', RATING, ALL_RATED.slice(1), true],
    ['no rating of four', RATING, ALL_RATED, false],
    ['a thumb of two', THUMB, [thumb(1)], true],
    ['no thumb', THUMB, [thumb(1), thumb(0)], false],
    ['one place of an order', { ...ORDER, required: true }, [order([1])], true],
    ['no place of an order', { ...ORDER, required: true }, [order([1, 0])], false],
    ['what may be left out', ORDER, [], false],
    ['no choice of several', { ...WHICH, when: undefined }, [value('which', [])], true],
  ])('%s', (_, question, answers, lacks) => {
    expect(missing(form(question), answers, 2)).toEqual(lacks ? [question] : []);
  });
});

describe('a judgement of a filled-in form', () => {
  it.each<[string, Question, Verdict, Strength | undefined]>([
    ['a pair', PAIR, 'second', undefined],
    ['a pair with a strength', { ...PAIR, strength: true }, 'first', 2],
    ['an order', ORDER, { kind: 'ranking', groups: [[1], [0]] }, undefined],
    ['a rewrite', { ...asked, kind: 'rewrite', id: 'r' }, { kind: 'rewrite', response: 0, text: 'x' }, undefined],
  ])('is the verdict alone where that is all: %s, and is read back as the same answers', (_, question, verdict, strength) => {
    const answers: Answer[] = [{ question: question.id, verdict, ...(strength && { strength }) }];
    const said = verdictOf(form(question), answers)!;
    expect(said).toEqual({ verdict, ...(strength && { strength }) });
    expect(answersOf(form(question), said)).toEqual(answers);
  });

  it('keeps several answers, and what is no verdict, as a form, and is read back', () => {
    const answers: Answer[] = [{ question: 'pair', verdict: 'tie' }, value('why', 'style')];
    const said = verdictOf(form(PAIR, WHY), answers)!;
    expect(said).toEqual({ verdict: { kind: 'form', answers } });
    expect(answersOf(form(PAIR, WHY), said)).toEqual(answers);
  });

  it('is none of nothing, and none of an order of one', () => {
    expect(verdictOf(form(PAIR), [])).toBeNull();
    expect(verdictOf(form(ORDER), [{ question: 'order', verdict: { kind: 'ranking', groups: [[2]] } }])).toBeNull();
  });
});

describe('an answer belongs to a question as it is asked now', () => {
  const verdict = (given: Verdict, strength?: Strength): Answer => ({ question: 'q', verdict: given, ...(strength && { strength }) });
  const span: Answer = { question: 'q', spans: [{ response: 0, from: 0, to: 1, label: 'gone' }] };
  const rating = (criterion: string, scale: '1 to 5' | '1 to 10'): Answer => verdict({ kind: 'rating', response: 0, criterion, scale, value: 2 });

  it.each<[string, Question, Answer, boolean]>([
    ['a tie where ties are offered', PAIR, verdict('tie'), true],
    ['both bad where it is not', PAIR, verdict('both-bad'), false],
    ['a strength that is not asked for', PAIR, verdict('first', 1), false],
    ['a strength that is', { ...PAIR, strength: true }, verdict('first', 1), true],
    ['none where it is', { ...PAIR, strength: true }, verdict('first'), false],
    ['an order where a pair is asked', PAIR, verdict({ kind: 'ranking', groups: [[0], [1]] }), false],
    ['a strict order', ORDER, verdict({ kind: 'ranking', groups: [[0], [1]] }), true],
    ['a tied order where none may be', ORDER, verdict({ kind: 'ranking', groups: [[0, 1]] }), false],
    ['a criterion', RATING, rating('kind', '1 to 5'), true],
    ['a criterion that is gone', RATING, rating('brief', '1 to 5'), false],
    ['another scale', RATING, rating('kind', '1 to 10'), false],
    ['a thumb', THUMB, verdict({ kind: 'thumb', response: 0, up: true }), true],
    ['a rewrite for a thumb', THUMB, verdict({ kind: 'rewrite', response: 0, text: '' }), false],
    ['marks, whatever their label', { ...asked, kind: 'spans', id: 'q', labels: ['odd'] }, span, true],
    ['marks for a text', HOW, span, false],
    ['an option', WHY, value('q', 'style'), true],
    ['an option that is gone', WHY, value('q', 'content'), false],
    ['several for one', WHY, value('q', ['style']), false],
    ['several', WHICH, value('q', ['odd', 'long']), true],
    ['several, one of them gone', WHICH, value('q', ['odd', 'new']), false],
    ['a number in its range', { ...asked, kind: 'number', id: 'q', low: 0, high: 3, step: 1 }, value('q', 3), true],
    ['a number beyond it', { ...asked, kind: 'slider', id: 'q', low: 0, high: 3, step: 1 }, value('q', 4), false],
    ['a text for a text', HOW, value('q', 'well'), true],
    ['a number for a text', HOW, value('q', 1), false],
    ['a value for a pair', PAIR, value('q', 'first'), false],
  ])('%s', (_, question, answer, belongs) => {
    expect(isAnswerTo({ ...question, id: 'q' }, answer)).toBe(belongs);
    expect(isAnswerTo({ ...question, id: 'another' }, answer)).toBe(false);
  });
});
