import { SCALES, type FilledForm, type Verdict } from './judgement';

/**
 * Whether a judgement can be about these responses: a log may come from
 * anywhere, and what names a response that is not there would be learned from
 * all the same.
 * @param responses the texts, or only how long each is
 */
export function suits(verdict: Verdict | FilledForm, { responses }: { responses: readonly { length: number }[] }): boolean {
  if (typeof verdict === 'string' || verdict.kind !== 'form') return verdictSuits(verdict, responses.length);
  return verdict.answers.every((answer) => {
    if ('verdict' in answer) return verdictSuits(answer.verdict, responses.length);
    return !('spans' in answer) || answer.spans.every(({ response, from, to }) => from >= 0 && from < to && to <= (responses[response]?.length ?? 0));
  });
}

function verdictSuits(verdict: Verdict, responses: number): boolean {
  if (typeof verdict === 'string') return responses === 2;
  const named = (place: number) => Number.isInteger(place) && place >= 0 && place < responses;
  switch (verdict.kind) {
    case 'ranking': {
      const places = verdict.groups.flat();
      return places.length >= 2 && new Set(places).size === places.length && places.every(named) && verdict.groups.every((group) => group.length > 0);
    }
    case 'rating': {
      const [low, high] = SCALES[verdict.scale];
      return named(verdict.response) && verdict.value >= low && verdict.value <= high;
    }
    case 'thumb':
    case 'rewrite':
      return named(verdict.response);
  }
}
