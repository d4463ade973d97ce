import fc from 'fast-check';
import type { Answer, Comparison, FilledForm, JudgementEvent, Rater, Remarks, Strength, Turn, Verdict } from '../../../src/feedback/judgement';
import { transcript } from '../../../src/feedback/transcript';
import type { DatasetFile } from '../../../src/text/datasetFile';
import { anyText } from './anyText';

/*
 * Datasets with everything that a dataset can hold. Each prompt is told from
 * all others by its first characters, so that what comes back can be found.
 */

export const NOW = 2 ** 31;

const PLACES = [0, 1, 2, 3, 4, 5];

const ranking = (responses: number): fc.Arbitrary<Verdict> =>
  fc
    .tuple(fc.shuffledSubarray(PLACES.slice(0, responses), { minLength: 2 }), fc.array(fc.boolean(), { minLength: responses, maxLength: responses }))
    .map(([places, opens]) => ({ kind: 'ranking', groups: places.reduce<number[][]>((groups, place, i) => (i === 0 || opens[i] ? [...groups, [place]] : [...groups.slice(0, -1), [...groups.at(-1)!, place]]), []) }));

function lesson(responses: string[]): fc.Arbitrary<{ verdict: Verdict; strength?: Strength }> {
  const response = fc.constantFrom(...responses.keys());
  const single: fc.Arbitrary<Verdict>[] = [
    fc.record({ kind: fc.constant('thumb'), response, up: fc.boolean() }),
    fc.record({ kind: fc.constant('rating'), response, criterion: anyText, scale: fc.constant('1 to 5'), value: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ kind: fc.constant('rewrite'), response, text: anyText }),
  ];
  const one = fc.oneof(...single, ...(responses.length > 1 ? [ranking(responses.length)] : [])).map((verdict) => ({ verdict }));
  if (responses.length !== 2) return one;
  const chosen = fc.record({ verdict: fc.constantFrom<Verdict>('first', 'second'), strength: fc.constantFrom<Strength>(1, 2, 3) }, { requiredKeys: ['verdict'] });
  return fc.oneof({ weight: 3, arbitrary: chosen }, fc.constantFrom<Verdict>('tie', 'both-bad').map((verdict) => ({ verdict })), one);
}

function filled(responses: string[]): fc.Arbitrary<FilledForm> {
  const marked = responses.findIndex(({ length }) => length > 0);
  const answer: fc.Arbitrary<Answer> = fc.oneof(
    lesson(responses).map((said) => ({ question: 'q', ...said })),
    fc.record({ question: fc.constant('v'), value: fc.oneof(anyText, fc.integer(), fc.array(anyText, { maxLength: 2 })) }),
    ...(marked < 0 ? [] : [fc.constant<Answer>({ question: 's', spans: [{ response: marked, from: 0, to: 1, label: 'odd' }] })]),
  );
  return fc.array(answer, { minLength: 1, maxLength: 4 }).map((answers) => ({ kind: 'form', answers }));
}

const remarks: fc.Arbitrary<Remarks> = fc.record({ reasons: fc.array(anyText, { minLength: 1, maxLength: 2 }), comment: anyText }, { requiredKeys: [] });
const rater: fc.Arbitrary<Rater> = fc.oneof(
  fc.record({ kind: fc.constant('person'), name: fc.constantFrom('ann', 'ben'), id: fc.constant('1') }, { requiredKeys: ['kind', 'name'] }),
  fc.record({ kind: fc.constant('simulated'), rule: anyText, temperature: fc.integer() }),
);

type Action = Pick<Extract<JudgementEvent, { kind: 'judged' }>, 'kind' | 'verdict' | 'strength' | 'reasons' | 'comment'> | { kind: 'skipped' | 'undone' } | ({ kind: 'discarded' } & Remarks);

const action = (responses: string[]): fc.Arbitrary<Action> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.tuple(lesson(responses), remarks).map(([said, more]) => ({ kind: 'judged' as const, ...said, ...more })) },
    { weight: 1, arbitrary: fc.tuple(filled(responses), remarks).map(([verdict, more]) => ({ kind: 'judged' as const, verdict, ...more })) },
    fc.constantFrom<Action>({ kind: 'skipped' }, { kind: 'discarded', comment: 'no' }, { kind: 'undone' }),
  );

const turn = (text: fc.Arbitrary<string>): fc.Arbitrary<Turn> => fc.record({ role: fc.constantFrom('system', 'user', 'assistant'), text });

export interface DatasetShape {
  /** What texts are made of. */
  text?: fc.Arbitrary<string>;
  conversations?: boolean;
}

/** A dataset without media. */
export function anyDataset({ text = anyText, conversations = true }: DatasetShape = {}): fc.Arbitrary<DatasetFile> {
  const item = fc
    .record({ prompt: text, responses: fc.array(text, { minLength: 1, maxLength: 4 }), turns: conversations ? fc.option(fc.array(turn(text), { maxLength: 3 }), { nil: undefined }) : fc.constant(undefined), swapped: fc.boolean() })
    .chain((draft) => fc.array(fc.tuple(rater, fc.nat(NOW), action(draft.responses)), { maxLength: 3 }).map((actions) => ({ ...draft, actions })));
  return fc.array(item, { maxLength: 6 }).map((items) => ({
    dataset: { id: 'd', name: 'any', created: 1, seed: 2 },
    comparisons: items.map(({ prompt, responses, turns: said, swapped }, order): Comparison => {
      const turns = said && [{ role: 'user' as const, text: `[${order}] ${prompt}` }, ...said];
      return { id: `c${order}`, datasetId: 'd', order, prompt: turns ? transcript(turns) : `[${order}] ${prompt}`, responses, ...(turns && { turns }), swapped, source: { kind: 'imported', file: 'f' }, created: 3 };
    }),
    events: items.flatMap(({ actions }, order) => actions.map(([who, at, what], i) => ({ id: `e${order}-${i}`, datasetId: 'd', comparisonId: `c${order}`, at, rater: who, ...what }) as JudgementEvent)),
  }));
}
