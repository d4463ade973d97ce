import { answersTo, askedQuestions, type Form, type Question } from '../../feedback/form';
import { SCALES, type Answer, type Comparison, type PairVerdict, type RankingVerdict, type Strength, type Verdict } from '../../feedback/judgement';
import { shownOrder } from '../../feedback/sides';
import { responseName } from './responseNames';

/*
 * How a form is filled in with the keyboard: it is a row of stops, each of which
 * a digit answers. One question may have several, one for each response or
 * criterion.
 */

export interface Stop {
  /** Unique in its form. */
  key: string;
  question: Question;
  /** Place in `responses`; absent where the question is about all of them. */
  response?: number;
  criterion?: string;
}

/** One possible answer of a stop. */
export interface Option {
  label: string;
  chosen: boolean;
  /** All answers to the question once this is chosen. */
  give: () => Answer[];
  /** For an option that a shorter button shows. */
  short?: string;
}

type Judged = Pick<Comparison, 'responses' | 'swapped'>;

/** The stops of the questions that are asked now, in the order of the form; of one question in the order in which the responses are shown. */
export function stopsOf(form: Form, answers: readonly Answer[], comparison: Judged): Stop[] {
  return askedQuestions(form, answers).flatMap((question): Stop[] => {
    const { id } = question;
    switch (question.kind) {
      case 'rating':
        return shownOrder(comparison).flatMap((response) => question.criteria.map((criterion) => ({ key: `${id}/${response}/${criterion}`, question, response, criterion })));
      case 'thumb':
      case 'rewrite':
      case 'spans':
        return shownOrder(comparison).map((response) => ({ key: `${id}/${response}`, question, response }));
      default:
        return [{ key: id, question }];
    }
  });
}

/** Whether a stop has its answer. */
export function isDone(stop: Stop, answers: readonly Answer[], responses: number): boolean {
  const given = answersTo(answers, stop.question.id);
  if (stop.question.kind === 'ranking') return rankedGroups(given).flat().length === responses;
  return given.some((answer) => isOf(stop, answer));
}

/** An answer to the stop's question that is about the stop's response and criterion. */
function isOf({ question, response, criterion }: Stop, answer: Answer): boolean {
  if (answer.question !== question.id) return false;
  if (response === undefined) return true;
  if ('spans' in answer) return answer.spans.some((span) => span.response === response);
  if (!('verdict' in answer) || typeof answer.verdict === 'string' || answer.verdict.kind === 'ranking') return false;
  return answer.verdict.response === response && (answer.verdict.kind !== 'rating' || answer.verdict.criterion === criterion);
}

/** The verdict that a stop has now, if it asks for one. */
export function verdictAt(stop: Stop, answers: readonly Answer[]): Verdict | undefined {
  const answer = answers.find((candidate) => isOf(stop, candidate));
  return answer && 'verdict' in answer ? answer.verdict : undefined;
}

/** The value that a stop has now, if it asks for one. */
export function valueAt(stop: Stop, answers: readonly Answer[]): string | number | string[] | undefined {
  const answer = answers.find((candidate) => isOf(stop, candidate));
  return answer && 'value' in answer ? answer.value : undefined;
}

/** The answers to the stop's question with this one for the stop; null: without one. */
export function answered(stop: Stop, answers: readonly Answer[], answer: Answer | null): Answer[] {
  const others = answersTo(answers, stop.question.id).filter((other) => !isOf(stop, other));
  return answer ? [...others, answer] : others;
}

/** What can be chosen at a stop; empty where it is written, set or marked instead. */
export function optionsOf(stop: Stop, answers: readonly Answer[], comparison: Judged): Option[] {
  const { question } = stop;
  const { id } = question;
  const current = verdictAt(stop, answers);
  const verdictOption = (label: string, verdict: Verdict, chosen: boolean, strength?: Strength): Option => ({
    label,
    chosen,
    give: () => answered(stop, answers, { question: id, verdict, ...(strength !== undefined && { strength }) }),
  });
  switch (question.kind) {
    case 'pair': {
      const answer = answersTo(answers, id)[0];
      const strengthNow = answer && 'verdict' in answer ? answer.strength : undefined;
      const sides = shownOrder(comparison).map((place): PairVerdict => (place === 0 ? 'first' : 'second'));
      const preferring = (side: 0 | 1, label: string, strength?: Strength) => verdictOption(label, sides[side], current === sides[side] && strengthNow === strength, strength);
      const middle = question.tie ? [verdictOption('Tie', 'tie', current === 'tie')] : [];
      const bad = question.bothBad ? [verdictOption('Both bad', 'both-bad', current === 'both-bad')] : [];
      if (!question.strength) return [preferring(0, 'First is better'), preferring(1, 'Second is better'), ...middle, ...bad];
      return [
        preferring(0, 'First, by far', 3),
        preferring(0, 'First, clearly', 2),
        preferring(0, 'First, slightly', 1),
        ...middle,
        preferring(1, 'Second, slightly', 1),
        preferring(1, 'Second, clearly', 2),
        preferring(1, 'Second, by far', 3),
        ...bad,
      ];
    }
    case 'ranking': {
      const groups = rankedGroups(answersTo(answers, id));
      return shownOrder(comparison).map((place, i) => ({
        label: responseName(i, comparison.responses.length),
        chosen: groups.some((group) => group.includes(place)),
        give: () => rank(id, groups, place, comparison.responses.length),
      }));
    }
    case 'rating': {
      const [low, high] = SCALES[question.scale];
      if (high - low > 9) return [];
      return Array.from({ length: high - low + 1 }, (_, i) => low + i).map((value) =>
        verdictOption(String(value), { kind: 'rating', response: stop.response!, criterion: stop.criterion!, scale: question.scale, value }, typeof current === 'object' && current.kind === 'rating' && current.value === value),
      );
    }
    case 'thumb': {
      const up = typeof current === 'object' && current.kind === 'thumb' ? current.up : null;
      return [true, false].map((good) => verdictOption(good ? 'Good' : 'Not good', { kind: 'thumb', response: stop.response!, up: good }, up === good));
    }
    case 'choice':
      return question.options.map((option) => ({ label: option, chosen: valueAt(stop, answers) === option, give: () => [{ question: id, value: option }] }));
    case 'choices': {
      const given = valueAt(stop, answers);
      const chosen = Array.isArray(given) ? given : [];
      return question.options.map((option) => ({
        label: option,
        chosen: chosen.includes(option),
        give: () => {
          const next = question.options.filter((other) => chosen.includes(other) !== (other === option));
          return next.length > 0 ? [{ question: id, value: next }] : [];
        },
      }));
    }
    default:
      return [];
  }
}

/** Several options of these may hold at once, so that choosing one answers nothing for good. */
export const isOpenEnded = ({ question: { kind } }: Stop): boolean => kind === 'choices' || kind === 'spans';

/** The groups of a ranking, as far as it goes. */
export function rankedGroups(given: readonly Answer[]): number[][] {
  for (const answer of given) if ('verdict' in answer && typeof answer.verdict === 'object' && answer.verdict.kind === 'ranking') return answer.verdict.groups;
  return [];
}

/** A response comes next in the order; one that has its place already loses it. Whoever is left alone is last. */
function rank(question: string, groups: readonly number[][], place: number, responses: number): Answer[] {
  if (groups.some((group) => group.includes(place))) return ranking(question, without(groups, place));
  const next = [...groups, [place]];
  const left = Array.from({ length: responses }, (_, other) => other).filter((other) => !next.flat().includes(other));
  return ranking(question, left.length === 1 ? [...next, left] : next);
}

const without = (groups: readonly number[][], place: number): number[][] => groups.map((group) => group.filter((other) => other !== place)).filter((group) => group.length > 0);

export function ranking(question: string, groups: number[][]): Answer[] {
  const verdict: RankingVerdict = { kind: 'ranking', groups };
  return groups.length > 0 ? [{ question, verdict }] : [];
}

/** The order with a response one place better (−1) or worse (+1): past a group, or out of the one it shares. */
export function moved(groups: readonly number[][], place: number, by: 1 | -1): number[][] {
  const at = groups.findIndex((group) => group.includes(place));
  if (at < 0) return groups.map((group) => [...group]);
  if (groups[at].length > 1) {
    const rest = groups[at].filter((other) => other !== place);
    return groups.toSpliced(at, 1, ...(by < 0 ? [[place], rest] : [rest, [place]]));
  }
  const to = at + by;
  if (to < 0 || to >= groups.length) return groups.map((group) => [...group]);
  return groups.toSpliced(at, 1).toSpliced(to, 0, [place]);
}

/** The order with a response in the same place as the group before it, or, where it shares one, right after it. */
export function tiedOrParted(groups: readonly number[][], place: number): number[][] {
  const at = groups.findIndex((group) => group.includes(place));
  if (at < 0) return groups.map((group) => [...group]);
  if (groups[at].length > 1) return groups.toSpliced(at, 1, groups[at].filter((other) => other !== place), [place]);
  return at === 0 ? groups.map((group) => [...group]) : groups.toSpliced(at - 1, 2, [...groups[at - 1], place]);
}

/** The order with a response in the rank that another has now: before it where it comes from farther down, else after it. */
export function broughtTo(groups: readonly number[][], place: number, onto: number): number[][] {
  if (place === onto) return groups.map((group) => [...group]);
  const rest = without(groups, place);
  const at = rest.findIndex((group) => group.includes(onto));
  return rest.toSpliced(goesAfter(groups, place, onto) ? at + 1 : at, 0, [place]);
}

/** Whether a response that is brought to the rank of another stands after it then. */
export function goesAfter(groups: readonly number[][], place: number, onto: number): boolean {
  const rankOf = (response: number) => groups.findIndex((group) => group.includes(response));
  return rankOf(place) <= rankOf(onto);
}
