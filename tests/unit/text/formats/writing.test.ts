import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Comparison, ComparisonState, Verdict } from '../../../../src/feedback/judgement';
import { deriveStates } from '../../../../src/feedback/judgementState';
import type { JudgedDataset } from '../../../../src/store/judgements';
import type { DatasetFile } from '../../../../src/text/datasetFile';
import { FORMATS } from '../../../../src/text/formats';
import { anthropicHh } from '../../../../src/text/formats/anthropicHh';
import type { Format, WriteOptions } from '../../../../src/text/formats/format';
import type { ImportedItem } from '../../../../src/text/formats/item';
import { promptOnly } from '../../../../src/text/formats/promptOnly';
import { table } from '../../../../src/text/formats/table';
import { trlPreference } from '../../../../src/text/formats/trlPreference';
import { trlUnpaired } from '../../../../src/text/formats/trlUnpaired';
import type { LossCounts } from '../../../../src/text/formats/writing';
import { anyDataset } from '../anyDataset';
import { itemsOf } from './reading';

// What a property failed with is a part of its report: whether it was an expectation is then to be seen.
fc.configureGlobal({ includeErrorInReport: true });

type Judged = Extract<ComparisonState, { status: 'judged' }>;

const judgedDataset = ({ comparisons, events }: DatasetFile): JudgedDataset => ({ comparisons, events, states: deriveStates(events) });

/** The verdicts of a judgement, found without the lab's own lessons. */
function verdictsOf({ verdict, strength }: Judged): { verdict: Verdict; strength?: number }[] {
  if (typeof verdict === 'object' && verdict.kind === 'form') return verdict.answers.flatMap((answer) => ('verdict' in answer ? [answer] : []));
  return [{ verdict, strength }];
}

/** The better and the worse text of each pair that a verdict orders, and its ties, found by going through all places. */
function pairsOf({ responses }: Comparison, verdict: Verdict): { pairs: [string, string][]; ties: number } {
  if (verdict === 'first') return { pairs: [[responses[0], responses[1]]], ties: 0 };
  if (verdict === 'second') return { pairs: [[responses[1], responses[0]]], ties: 0 };
  if (typeof verdict === 'string') return { pairs: [], ties: 0 };
  if (verdict.kind === 'rewrite') return { pairs: [[verdict.text, responses[verdict.response]]], ties: 0 };
  if (verdict.kind !== 'ranking') return { pairs: [], ties: 0 };
  const rank = responses.map((_text, place) => verdict.groups.findIndex((group) => group.includes(place)));
  const pairs: [string, string][] = [];
  let ties = 0;
  for (let a = 0; a < responses.length; a++)
    for (let b = 0; b < responses.length; b++) {
      if (a === b || rank[a] < 0 || rank[b] < 0) continue;
      if (rank[a] < rank[b]) pairs.push([responses[a], responses[b]]);
      if (rank[a] === rank[b] && a < b) ties++;
    }
  return { pairs, ties };
}

const NAMES = ['choice', 'tie', 'bothBad', 'ranking', 'rating', 'thumb', 'rewrite'] as const;
const nameOf = (verdict: Verdict): (typeof NAMES)[number] => (typeof verdict === 'object' ? verdict.kind : verdict === 'tie' ? 'tie' : verdict === 'both-bad' ? 'bothBad' : 'choice');

/** How many there are of everything that a judgement may say. */
function contentsOf(judged: Judged): LossCounts {
  const counts: LossCounts = {};
  const add = (name: keyof LossCounts, n = 1) => (counts[name] = (counts[name] ?? 0) + n);
  for (const { verdict, strength } of verdictsOf(judged)) {
    add(nameOf(verdict));
    if (strength !== undefined) add('strength');
  }
  if (judged.reasons) add('reasons');
  if (judged.comment) add('comment');
  if (typeof judged.verdict === 'object' && judged.verdict.kind === 'form')
    for (const answer of judged.verdict.answers) {
      if ('spans' in answer) add('span', answer.spans.length);
      if ('value' in answer) add('answer');
    }
  return counts;
}

const sum = (counts: LossCounts) => Object.values(counts).reduce((total, n) => total + n, 0);

interface Trip {
  dataset: JudgedDataset;
  loss: ReturnType<NonNullable<Format['write']>>['loss'];
  items: ImportedItem[];
  /** Comparisons that came back, with their items. */
  survivors: { comparison: Comparison; state: ComparisonState | undefined; items: ImportedItem[] }[];
}

async function trip(format: Format, file: DatasetFile, options?: WriteOptions): Promise<Trip> {
  const dataset = judgedDataset(file);
  const { chunks, loss } = format.write!(dataset, options);
  const items = (await itemsOf([...chunks], format)) as ImportedItem[];
  expect(items.filter((item) => 'leftOut' in item)).toEqual([]);
  // A prompt begins with the place of its item, behind "Human: " where it became a message.
  const orderOf = ({ prompt }: ImportedItem) => Number(/\[(\d+)\]/.exec(prompt)![1]);
  const survivors = dataset.comparisons
    .map((comparison) => ({ comparison, state: dataset.states.get(comparison.id), items: items.filter((item) => orderOf(item) === comparison.order) }))
    .filter(({ items: own }) => own.length > 0);
  expect(loss.items + sum(loss.leftOut)).toBe(dataset.comparisons.length);
  expect(survivors.length).toBe(loss.items);
  expect(items.length).toBe(loss.rows);
  return { dataset, loss, items, survivors };
}

/** A response of which nothing came back is counted as lost. */
function expectResponses({ loss, survivors }: Trip) {
  const gone = survivors.flatMap(({ comparison, items }) => comparison.responses.filter((text) => !items.some(({ responses }) => responses.includes(text))));
  expect(loss.lost.response ?? 0).toBe(gone.length);
}

/** Of what the surviving items said, all but what is lost: for each name, there is as much as came back and was lost. */
function expectLosses({ loss, survivors }: Trip, cameBack: (state: Judged, items: ImportedItem[], comparison: Comparison) => LossCounts) {
  const total: LossCounts = {};
  for (const { comparison, state, items } of survivors) {
    if (state?.status !== 'judged') continue;
    const back = cameBack(state, items, comparison);
    for (const [name, n] of Object.entries(contentsOf(state)) as [keyof LossCounts, number][]) total[name] = (total[name] ?? 0) + n - (back[name] ?? 0);
  }
  const names = [...NAMES, 'strength', 'reasons', 'comment', 'span', 'answer'] as const;
  for (const name of names) expect([name, loss.lost[name] ?? 0]).toEqual([name, total[name] ?? 0]);
}

/** An item that nobody judged, skipped or discarded is left out as such. */
function expectUnjudged({ dataset: { comparisons, states }, loss }: Trip) {
  const statuses = comparisons.map(({ id }) => states.get(id)?.status ?? 'open');
  const n = (status: string) => statuses.filter((other) => other === status).length || undefined;
  expect([loss.leftOut.unjudged, loss.leftOut.skipped, loss.leftOut.discarded]).toEqual([n('open'), n('skipped'), n('discarded')]);
}

/** In a format that writes such items too, they are open again. */
function expectReopened({ survivors, loss }: Trip) {
  expect(loss.lost.reopened ?? 0).toBe(survivors.filter(({ state }) => state?.status === 'skipped' || state?.status === 'discarded').length);
}

/** The pairs of texts that a judgement orders, and what of them an item came back as. */
const orders = (comparison: Comparison, state: Judged) => verdictsOf(state).flatMap(({ verdict, strength }) => pairsOf(comparison, verdict).pairs.map(([better, worse]) => ({ better, worse, strength }))).filter(({ better, worse }) => better !== worse);
const ordered = (verdict: Verdict, comparison: Comparison) => pairsOf(comparison, verdict).pairs.length > 0;

const pairLosses = (keepsStrength: boolean) => (state: Judged, _items: ImportedItem[], comparison: Comparison) => {
  const back: LossCounts = {};
  for (const { verdict, strength } of verdictsOf(state)) {
    if (!ordered(verdict, comparison)) continue;
    back[nameOf(verdict)] = (back[nameOf(verdict)] ?? 0) + 1;
    if (keepsStrength && strength !== undefined) back.strength = (back.strength ?? 0) + 1;
  }
  return back;
};

describe('what a format loses is what it says', () => {
  it('TRL preferences', async () => {
    await fc.assert(
      fc.asyncProperty(anyDataset(), async (file) => {
        const journey = await trip(trlPreference, file);
        const conversational = file.comparisons.some(({ turns }) => turns);
        for (const { comparison, state, items } of journey.survivors) {
          expect(items.map(({ responses: [better, worse], judged: [{ strength }] }) => ({ better, worse, strength }))).toEqual(expect.arrayContaining(orders(comparison, state as Judged).map((order) => ({ ...order }))));
          expect(items.length).toBe(orders(comparison, state as Judged).length);
          for (const { prompt, turns } of items) expect(comparison.turns || !conversational ? [prompt, turns] : turns).toEqual(comparison.turns || !conversational ? [comparison.prompt, comparison.turns] : [{ role: 'user', text: comparison.prompt }]);
        }
        expectUnjudged(journey);
        expectResponses(journey);
        expectLosses(journey, pairLosses(true));
        const ties = journey.survivors.flatMap(({ comparison, state }) => verdictsOf(state as Judged).map(({ verdict }) => (ordered(verdict, comparison) ? pairsOf(comparison, verdict).ties : 0))).reduce((a, b) => a + b, 0);
        expect(journey.loss.lost.tieWithin ?? 0).toBe(ties);
        expect(journey.loss.lost.messaged ?? 0).toBe(conversational ? journey.survivors.filter(({ comparison }) => !comparison.turns).length : 0);
      }),
    );
  });

  it('Anthropic HH, which leaves out what would be read as another turn', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', ' ', '\n', '\n\nHuman:', '\n\nAssistant: ', '🦊') });
    let speakers = 0;
    await fc.assert(
      fc.asyncProperty(anyDataset({ text }), async (file) => {
        const journey = await trip(anthropicHh, file);
        speakers += journey.loss.leftOut.speaker ?? 0;
        for (const { comparison, state, items } of journey.survivors) {
          expect(items.map(({ responses: [better, worse] }) => [better, worse]).sort()).toEqual(orders(comparison, state as Judged).map(({ better, worse }) => [better, worse]).sort());
          for (const { turns } of items) expect(turns).toEqual(comparison.turns ?? [{ role: 'user', text: comparison.prompt }]);
        }
        expectUnjudged(journey);
        expectResponses(journey);
        expectLosses(journey, pairLosses(false));
      }),
    );
    expect(speakers).toBeGreaterThan(0);
  });

  it.each([false, true])('TRL single answers, pairs too: %s', async (pairsToo) => {
    await fc.assert(
      fc.asyncProperty(anyDataset(), async (file) => {
        const journey = await trip(trlUnpaired, file, { pairsToo });
        const labels = ({ responses }: Comparison, state: Judged) =>
          verdictsOf(state).flatMap(({ verdict }): [string, boolean][] => {
            if (typeof verdict === 'object') return verdict.kind === 'thumb' ? [[responses[verdict.response], verdict.up]] : [];
            return pairsToo && verdict !== 'tie' ? [[responses[0], verdict === 'first'], [responses[1], verdict === 'second']] : [];
          });
        for (const { comparison, state, items } of journey.survivors)
          expect(items.map(({ responses: [text], judged: [{ verdict }] }) => [text, (verdict as { up: boolean }).up])).toEqual(labels(comparison, state as Judged));
        expectUnjudged(journey);
        expectResponses(journey);
        expectLosses(journey, (state) => {
          const back: LossCounts = {};
          for (const { verdict } of verdictsOf(state)) if (nameOf(verdict) === 'thumb' || (pairsToo && ['choice', 'bothBad'].includes(nameOf(verdict)))) back[nameOf(verdict)] = (back[nameOf(verdict)] ?? 0) + 1;
          return back;
        });
      }),
    );
  });

  it('prompts', async () => {
    await fc.assert(
      fc.asyncProperty(anyDataset(), async (file) => {
        const journey = await trip(promptOnly, file);
        const { loss, items, dataset } = journey;
        expectReopened(journey);
        expect(items.length).toBe(file.comparisons.length);
        expect(loss.lost.response ?? 0).toBe(file.comparisons.reduce((n, { responses }) => n + responses.length, 0));
        expect(loss.lost.judgement ?? 0).toBe([...dataset.states.values()].filter(({ status }) => status === 'judged').length);
      }),
    );
  });

  it('a table, whatever a spreadsheet would run', async () => {
    const text = fc.string({ unit: fc.constantFrom('=', '+', '-', '@', '\t', "'", '"', ',', ';', '\r', '\n', 'a', ' ', '\ufeff', '\0', '🦊', '\ud83e') });
    await fc.assert(
      fc.asyncProperty(anyDataset({ text }), async (file) => {
        const journey = await trip(table, file);
        expectReopened(journey);
        const flattened = journey.survivors.filter(({ comparison }) => comparison.turns).length;
        expect(journey.loss.lost.flattened ?? 0).toBe(flattened);
        for (const { comparison, state, items } of journey.survivors) {
          expect(items).toHaveLength(1);
          expect([items[0].prompt, items[0].responses]).toEqual([comparison.prompt, comparison.responses]);
          const [first] = state?.status === 'judged' ? verdictsOf(state).filter(({ verdict }) => typeof verdict === 'string' || verdict.kind === 'ranking') : [];
          const comment = state?.status === 'judged' && state.comment ? { comment: state.comment } : {};
          expect(items[0].judged).toEqual(first ? [{ verdict: first.verdict, ...(first.strength !== undefined && { strength: first.strength }), ...comment }] : []);
        }
        expectLosses(journey, (_state, [{ judged: [said] }]) => ({ [nameOf(said.verdict as Verdict)]: 1, ...(said.strength && { strength: 1 }), ...(said.comment && { comment: 1 }) }));
      }),
      { numRuns: 200 },
    );
  });
});

describe('a table', () => {
  it('holds no cell that a spreadsheet would run', async () => {
    await fc.assert(
      fc.property(anyDataset({ text: fc.string({ unit: fc.constantFrom('=', '+', '-', '@', '\t', "'", 'a') }) }), (file) => {
        const content = [...table.write!(judgedDataset(file)).chunks].join('');
        expect(content.match(/(^|,)"?[=+\-@\t]/gm)).toBeNull();
      }),
    );
  });
});

describe('a table of pictures', () => {
  it('holds what their files are called', () => {
    const comparison: Comparison = { id: 'c', datasetId: 'd', order: 0, prompt: 'Which?', responses: ['', 'a dog'], swapped: false, source: { kind: 'imported', file: 'f' }, created: 0, attachments: ([0, 1] as const).map((of) => ({ of, mediaId: `${of}`, type: 'image/png', name: `${of}.png` })) };
    const events = [{ id: 'e', datasetId: 'd', comparisonId: 'c', at: 0, rater: { kind: 'person' as const, name: 'me' }, kind: 'judged' as const, verdict: 'second' as const }];
    const { chunks, loss } = table.write!({ comparisons: [comparison], events, states: deriveStates(events) });
    expect([...chunks].at(-1)).toBe('"Which?","0.png","a dog","b","",""\r\n');
    expect(loss).toMatchObject({ items: 1, lost: { media: 2 } });
  });
});

describe('the report', () => {
  const dataset = (...verdicts: Verdict[]): JudgedDataset => {
    const comparisons = verdicts.map((_verdict, order): Comparison => ({ id: `c${order}`, datasetId: 'd', order, prompt: `p${order}`, responses: ['a', 'b'], swapped: false, source: { kind: 'imported', file: 'f' }, created: 0, attachments: order === 0 ? [{ of: 'prompt', mediaId: '0', type: 'image/png', name: 'x' }] : [] }));
    const events = verdicts.map((verdict, i) => ({ id: `e${i}`, datasetId: 'd', comparisonId: `c${i}`, at: i, rater: { kind: 'person' as const, name: 'me' }, kind: 'judged' as const, verdict }));
    return { comparisons, events, states: deriveStates(events) };
  };

  it('is a sentence for the person', () => {
    const { loss } = trlPreference.write!(dataset('first', 'tie', 'tie', 'both-bad', { kind: 'thumb', response: 0, up: true }));
    expect(loss.sentence).toBe(
      'The file has 1 item. Left out: 2 ties, 1 pair judged “both bad” and 1 thumb. Lost or changed of the rest: 1 picture, sound or film. Who judged and when, on which side each response stood, what was flagged, and the form that was asked are not in it; the lab’s own format keeps all of that.',
    );
    expect(trlPreference.write!(dataset()).loss.sentence).toMatch(/^The file has 0 items. Who judged/);
  });

  it('counts each two that a ranking ties', () => {
    const { comparisons, events } = dataset({ kind: 'ranking', groups: [[3], [0, 2, 1]] });
    const ranked = { comparisons: comparisons.map((comparison) => ({ ...comparison, responses: [...'abcd'] })), events, states: deriveStates(events) };
    expect(trlPreference.write!(ranked).loss).toMatchObject({ items: 1, rows: 3, lost: { rankingPaired: 1, tieWithin: 3 } });
  });

  it('counts the judgements beside those that stand', () => {
    const one = dataset('first');
    const other = { ...one.events[0], id: 'other', at: 5, rater: { kind: 'person' as const, name: 'you' } };
    const key = { ...one.events[0], id: 'key', at: 6, rater: { kind: 'key' as const } };
    const events = [...one.events, other, key];
    expect(trlPreference.write!({ ...one, events, states: deriveStates(events) }).loss.lost.overruled).toBe(2);
  });

  it('is there for every format that is written', () => {
    expect(FORMATS.filter(({ write }) => write).map(({ id }) => id)).toEqual(['anthropic-hh', 'trl-preference', 'trl-unpaired', 'prompt-only', 'csv']);
  });
});
