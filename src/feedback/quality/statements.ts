import { SCALES, type FilledForm, type Scale, type Verdict } from '../judgement';

/** What answers are given in: a choice of two, a thumb, a rank, or a scale of ratings. Only answers of one measure can be compared. */
export type Measure = 'pair' | 'thumb' | 'ranking' | Scale;

/** One answer about one thing, such as can be laid beside another person's. */
export interface Statement {
  measure: Measure;
  /** The verdict on a pair; whether the thumb is up; the rating; in a ranking the place, tied ones sharing the mean of theirs. */
  value: string | number;
}

/**
 * All that a judgement says about the responses, by what each answer is about:
 * its measure, the response, the criterion. The question is part of that only
 * where several of one form are answered in the same measure. A rewritten text
 * is not an answer that another's could be equal to.
 */
export function statementsOf({ verdict }: { verdict: Verdict | FilledForm }): Map<string, Statement> {
  const answered: { question: string; verdict: Verdict }[] =
    typeof verdict === 'object' && verdict.kind === 'form' ? verdict.answers.filter((answer) => 'verdict' in answer) : [{ question: '', verdict }];
  const questions = new Map<Measure, Set<string>>();
  const all = answered.flatMap(({ question, verdict }) =>
    parts(verdict).map((part) => {
      let asked = questions.get(part.measure);
      if (!asked) questions.set(part.measure, (asked = new Set()));
      asked.add(question);
      return { question, ...part };
    }),
  );
  return new Map(
    all.map(({ question, measure, about, value }) => [JSON.stringify([measure, about, ...(questions.get(measure)!.size > 1 ? [question] : [])]), { measure, value }]),
  );
}

function parts(verdict: Verdict): (Statement & { about: string | number })[] {
  if (typeof verdict === 'string') return [{ measure: 'pair', about: '', value: verdict }];
  switch (verdict.kind) {
    case 'ranking': {
      let above = 0;
      return verdict.groups.flatMap((group) => {
        const value = above + (group.length + 1) / 2;
        above += group.length;
        return group.map((about) => ({ measure: 'ranking' as const, about, value }));
      });
    }
    case 'rating':
      return [{ measure: verdict.scale, about: `${verdict.response} ${verdict.criterion}`, value: verdict.value }];
    case 'thumb':
      return [{ measure: 'thumb', about: verdict.response, value: verdict.up ? 'up' : 'down' }];
    case 'rewrite':
      return [];
  }
}

/** Ratings that lie farther apart than this share of their scale are two opinions, nearer ones may be one. */
const APART = 1 / 4;

/**
 * Whether two judgements of the same responses say different things: another
 * answer on a pair, another thumb, ratings more than a quarter of the scale apart,
 * two responses ranked the other way round. Null where they have nothing in common
 * that could be compared.
 */
export function contradicts(one: { verdict: Verdict | FilledForm }, other: { verdict: Verdict | FilledForm }): boolean | null {
  if (typeof one.verdict === 'string' && typeof other.verdict === 'string') return one.verdict !== other.verdict;
  const theirs = statementsOf(other);
  const shared = [...statementsOf(one)].flatMap(([about, { measure, value }]) => {
    const against = theirs.get(about)?.value;
    return against === undefined ? [] : [{ measure, value, against }];
  });
  if (shared.length === 0) return null;
  const ranks = shared.filter(({ measure }) => measure === 'ranking').map(({ value, against }) => [Number(value), Number(against)]);
  return (
    ranks.some(([a, b], i) => ranks.slice(i + 1).some(([c, d]) => (a - c) * (b - d) < 0)) ||
    shared.some(({ measure, value, against }) => {
      if (measure === 'ranking') return false;
      if (measure === 'pair' || measure === 'thumb') return value !== against;
      const [low, high] = SCALES[measure];
      return Math.abs(Number(value) - Number(against)) > APART * (high - low);
    })
  );
}
