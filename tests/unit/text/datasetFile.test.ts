import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Comparison, JudgementEvent, Strength, Verdict } from '../../../src/feedback/judgement';
import { deriveStates } from '../../../src/feedback/judgementState';
import { DatasetConflictError } from '../../../src/store/datasetImport';
import { mergeDataset as mergeEntries, surveyMerge } from '../../../src/store/datasetMerge';
import type { Database } from '../../../src/store/database';
import { addComparisons, getDataset, listComparisons, listDatasets } from '../../../src/store/datasets';
import { appendEvents, listEvents, loadJudgedDataset } from '../../../src/store/judgements';
import { readDatasetFile, writeDatasetFile, type DatasetFile } from '../../../src/text/datasetFile';
import type { JsonlError } from '../../../src/text/jsonl';
import { freshStorage } from '../store/freshStorage';
import { anyText } from './anyText';
import { datasetOf, entriesOf } from './datasetEntries';

const storage = freshStorage();

// JSON has no −0.
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const NOW = 2 ** 31;
const DAY = 86_400_000;
const time = fc.integer({ min: 0, max: NOW + DAY });
const id = fc.uuid();

const source = fc.oneof(
  fc.record({ kind: fc.constant('sampled' as const), modelId: anyText, temperature: number, seed: fc.integer() }),
  fc.record({ kind: fc.constant('imported' as const), file: anyText }),
);
const rater = fc.oneof(
  fc.record({ kind: fc.constant('person' as const), name: anyText }),
  fc.record({ kind: fc.constant('simulated' as const), rule: anyText, temperature: number }),
  fc.record({ kind: fc.constant('imported' as const), file: anyText }),
);

const PLACES = [0, 1, 2];
/** What may be said of two responses, of one, and of three. */
const verdicts = {
  1: fc.oneof(
    fc.record({ kind: fc.constant('thumb' as const), response: fc.constant(0), up: fc.boolean() }),
    fc.record({ kind: fc.constant('rating' as const), response: fc.constant(0), criterion: anyText, scale: fc.constant('1 to 5' as const), value: fc.double({ min: 1, max: 5, noNaN: true }) }),
  ),
  2: fc.oneof(
    fc.constantFrom<Verdict>('first', 'second', 'tie', 'both-bad'),
    fc.record({ kind: fc.constant('rewrite' as const), response: fc.constantFrom(0, 1), text: anyText }),
  ),
  3: fc.record({ kind: fc.constant('ranking' as const), groups: fc.constantFrom<number[][]>([[2], [0, 1]], [[0], [2], [1]], [PLACES], [[1], [0]]) }),
} satisfies Record<number, fc.Arbitrary<Verdict>>;

const datasetFile: fc.Arbitrary<DatasetFile> = fc
  .record({
    dataset: fc.record({ id, name: anyText, created: time, seed: fc.integer(), modelId: anyText }, { requiredKeys: ['id', 'name', 'created', 'seed'] }),
    drafts: fc.uniqueArray(fc.record({ id, prompt: anyText, responses: fc.array(anyText, { minLength: 1, maxLength: 3 }), swapped: fc.boolean(), source, created: time }), {
      selector: (draft) => draft.id,
      minLength: 1,
      maxLength: 6,
    }),
    actions: fc.uniqueArray(
      fc.record({
        id,
        at: time,
        rater,
        about: fc.nat(),
        action: fc.oneof(
          fc.record(
            { kind: fc.constant('judged' as const), verdict: fc.record(verdicts), strength: fc.constantFrom<Strength>(1, 2, 3), elapsed: fc.nat() },
            { requiredKeys: ['kind', 'verdict'] },
          ),
          fc.record({ kind: fc.constantFrom('skipped' as const, 'undone' as const) }),
        ),
      }),
      { selector: (action) => action.id, maxLength: 10 },
    ),
  })
  .map(({ dataset, drafts, actions }) => ({
    dataset,
    comparisons: drafts.map((draft, order) => ({ ...draft, datasetId: dataset.id, order })),
    events: actions.map(({ about, action, ...fields }) => {
      const { id, responses } = drafts[about % drafts.length];
      const said = action.kind === 'judged' ? { ...action, verdict: action.verdict[responses.length as 1 | 2 | 3] } : action;
      return { ...fields, ...said, datasetId: dataset.id, comparisonId: id } as JudgementEvent;
    }),
  }));

const read = (content: string) => datasetOf(readDatasetFile(new Blob([content]), NOW));
// Small batches, so that a file is several of them.
const mergeDataset = (database: Database, file: DatasetFile) => mergeEntries(database, entriesOf(file), { batch: 2 });

const sample: DatasetFile = {
  dataset: { id: 'd', name: 'mine', created: 1, seed: 2 },
  comparisons: ['a', 'b'].map((id, order) => ({
    id,
    datasetId: 'd',
    order,
    prompt: `prompt ${id}`,
    responses: [`${id}1`, `${id}2`],
    swapped: order === 1,
    source: { kind: 'sampled', modelId: 'shipped:small', temperature: 1, seed: 3 },
    created: 4,
  })),
  events: [{ id: 'e', datasetId: 'd', comparisonId: 'a', at: 5, rater: { kind: 'person', name: 'me' }, kind: 'judged', verdict: 'tie', elapsed: 6 }],
};

/** Everything that is stored, with its keys, as text. */
const dump = (database: Database) =>
  database.read(['datasets', 'comparisons', 'events'], async (transaction) =>
    JSON.stringify(await Promise.all((['datasets', 'comparisons', 'events'] as const).map(async (store) => [await transaction.objectStore(store).getAllKeys(), await transaction.objectStore(store).getAll()]))),
  );

describe('the lab’s own file of a dataset', () => {
  it('loses nothing: written and read, then merged into an empty store and written again', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(datasetFile, async (file) => {
        const content = writeDatasetFile(file);
        const again = await read(content);
        expect(again).toEqual(file);
        const database = await storage.open(`empty-${run++}`);
        await mergeDataset(database, again);
        const kept = {
          dataset: await getDataset(database, file.dataset.id),
          comparisons: await listComparisons(database, file.dataset.id),
          events: await listEvents(database, file.dataset.id),
        };
        database.close();
        expect(kept).toEqual(file);
        expect(await read(writeDatasetFile(kept))).toEqual(file);
      }),
      { numRuns: 40 },
    );
  });

  const line = (index: number, change: (record: Record<string, never>) => unknown) => {
    const lines = writeDatasetFile(sample).trim().split('\n');
    lines[index] = JSON.stringify(change(JSON.parse(lines[index]) as Record<string, never>));
    return lines.join('\n');
  };
  const changed = (index: number, path: string, value: unknown) =>
    line(index, (record) => {
      const keys = path.split('.');
      let at: Record<string, unknown> = record;
      for (const key of keys.slice(0, -1)) at = at[key] as Record<string, unknown>;
      at[keys.at(-1)!] = value;
      return record;
    });

  it.each<[string, string, number, string]>([
    ['a newer version', changed(0, 'nudge', 2), 1, 'nudge'],
    ['a seed that is no integer', changed(0, 'dataset.seed', 1.5), 1, 'dataset.seed'],
    ['a missing header', line(0, () => ({ prompt: 'p' })), 1, 'nudge'],
    ['a response that is no text', changed(1, 'comparison.responses', ['a', 2]), 2, 'comparison.responses.1'],
    ['no response', changed(1, 'comparison.responses', []), 2, 'comparison.responses'],
    ['seven responses', changed(1, 'comparison.responses', [...'abcdefg']), 2, 'comparison.responses'],
    ['a strength that is none', changed(3, 'event.strength', 4), 4, 'event.strength'],
    ['a place below zero', changed(1, 'comparison.order', -1), 2, 'comparison.order'],
    ['an unknown source', changed(2, 'comparison.source.kind', 'stolen'), 3, 'comparison.source.kind'],
    ['another dataset’s comparison', changed(2, 'comparison.datasetId', 'x'), 3, 'comparison.datasetId'],
    ['the same comparison twice', changed(2, 'comparison.id', 'a'), 3, 'comparison.id'],
    ['an unknown verdict', changed(3, 'event.verdict', 'meh'), 4, 'event.verdict'],
    ['a time past all dates', changed(3, 'event.at', 1e300), 4, 'event.at'],
    ['a judgement of the day after tomorrow', changed(3, 'event.at', NOW + DAY + 1), 4, 'event.at'],
    ['a pair of the day after tomorrow', changed(2, 'comparison.created', NOW + DAY + 1), 3, 'comparison.created'],
    ['a dataset of the day after tomorrow', changed(0, 'dataset.created', NOW + DAY + 1), 1, 'dataset.created'],
    ['an unknown kind of event', changed(3, 'event.kind', 'rated'), 4, 'event.kind'],
    ['neither comparison nor event', line(3, () => ({ thing: 1 })), 4, ''],
    ['an empty file', '', 1, ''],
  ])('refuses %s with line and field', async (_name, content, lineNumber, field) => {
    await expect(read(content)).rejects.toMatchObject({ name: 'JsonlError', line: lineNumber, field });
  });

  it('refuses a number that is none after reading', async () => {
    const content = writeDatasetFile(sample).replace('"at":5', '"at":1e999');
    await expect(read(content)).rejects.toMatchObject({ line: 4, field: 'event.at' });
  });

  it('does not quote a hostile value at length', async () => {
    const error = await read(changed(3, 'event.verdict', 'x'.repeat(100_000))).catch((thrown: unknown) => thrown as JsonlError);
    expect((error as JsonlError).message.length).toBeLessThan(500);
  });

  it('leaves keys of prototypes alone', async () => {
    const hostile = writeDatasetFile(sample).replace('"prompt":"prompt a"', '"prompt":"prompt a","__proto__":{"polluted":1},"constructor":1');
    expect(await read(hostile)).toEqual(sample);
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('merging a dataset', () => {
  it.each<[string, Verdict]>([
    ['a ranking of a response that is not there', { kind: 'ranking', groups: [[0], [2]] }],
    ['a ranking that names one twice', { kind: 'ranking', groups: [[0], [1, 0]] }],
    ['a thumb for a third of two', { kind: 'thumb', response: 2, up: true }],
    ['a rating past its scale', { kind: 'rating', response: 0, criterion: 'c', scale: '1 to 5', value: 6 }],
  ])('refuses %s, and keeps nothing', async (_, verdict) => {
    const database = await storage.open();
    const event = { ...sample.events[0], verdict } as JudgementEvent;
    await expect(mergeDataset(database, { ...sample, events: [event] })).rejects.toThrow(DatasetConflictError);
    expect(await listDatasets(database)).toEqual([]);
    // The same where the comparison is here already.
    await mergeDataset(database, { ...sample, events: [] });
    await expect(mergeDataset(database, { ...sample, comparisons: [], events: [event] })).rejects.toThrow(/verdict of its event e /);
  });

  it('twice adds nothing the second time', async () => {
    const database = await storage.open();
    expect(await mergeDataset(database, sample)).toEqual({ datasetId: 'd', comparisons: 2, events: 1 });
    expect(await mergeDataset(database, sample)).toEqual({ datasetId: 'd', comparisons: 0, events: 0 });
    expect(await listComparisons(database, 'd')).toEqual(sample.comparisons);
  });

  it('unites two browsers’ work: each keeps its own and gains the other’s', async () => {
    const database = await storage.open();
    await mergeDataset(database, { ...sample, events: [] });
    const [own] = await addComparisons(database, 'd', [{ prompt: 'own', responses: ['x', 'y'], source: { kind: 'imported', file: 'f' } }]);
    await appendEvents(database, [{ ...sample.events[0], id: 'own', comparisonId: own.id }]);
    const theirs = { ...sample.comparisons[0], id: 'theirs', order: 2 };
    const merged = await mergeDataset(database, {
      ...sample,
      comparisons: [...sample.comparisons, theirs],
      events: [...sample.events, { ...sample.events[0], id: 'f', comparisonId: 'theirs' }],
    });
    expect(merged).toMatchObject({ comparisons: 1, events: 2 });
    const { comparisons, states } = await loadJudgedDataset(database, 'd');
    expect(comparisons.map(({ id, order }) => [id, order])).toEqual([['a', 0], ['b', 1], [own.id, 2], ['theirs', 3]]);
    expect([...states.keys()].sort()).toEqual(['a', own.id, 'theirs'].sort());
  });

  it('comes to the same whatever is merged first, and however often', async () => {
    // Parts of one history, as several browsers may hold it; each brings the comparisons that its events are about.
    const parts = datasetFile.chain((whole) =>
      fc.tuple(
        fc.constant(whole),
        fc.array(fc.subarray(whole.events), { minLength: 1, maxLength: 3 }).map((chosen) =>
          [...chosen, whole.events].map((events) => ({ ...whole, events, comparisons: whole.comparisons.filter(({ id }) => events === whole.events || events.some(({ comparisonId }) => comparisonId === id)) })),
        ),
        fc.infiniteStream(fc.nat()),
      ),
    );
    let run = 0;
    await fc.assert(
      fc.asyncProperty(parts, async ([whole, files, draws]) => {
        const shuffled = [...files, ...files].map((file) => ({ file, key: draws.next().value! })).sort((a, b) => a.key - b.key);
        const database = await storage.open(`merged-${run++}`);
        for (const { file } of shuffled) await mergeDataset(database, file);
        const { comparisons, events, states } = await loadJudgedDataset(database, whole.dataset.id);
        database.close();
        const byId = (rows: readonly { id: string }[]) => [...rows].sort((a, b) => (a.id < b.id ? -1 : 1));
        expect(comparisons.map(({ order }) => order)).toEqual(comparisons.map((_, place) => place));
        // Their places in the queue are those of their arrival; all else is the same.
        const placeless = (rows: readonly Comparison[]) => byId(rows).map((row) => ({ ...row, order: 0 }));
        expect(placeless(comparisons)).toEqual(placeless(whole.comparisons));
        expect(byId(events)).toEqual(byId(whole.events));
        expect(new Map([...states].sort())).toEqual(new Map([...deriveStates(whole.events)].sort()));
      }),
      { numRuns: 40 },
    );
  });

  it.each<[string, Partial<Comparison>]>([
    ['other turns', { turns: [{ role: 'user', text: 'another' }] }],
    ['no turns', { turns: undefined }],
    ['another picture', { attachments: [{ of: 0, mediaId: 'f'.repeat(64), type: 'image/png', name: 'a.png' }] }],
    ['a picture of the other response', { attachments: [{ of: 1, mediaId: '0'.repeat(64), type: 'image/png', name: 'a.png' }] }],
  ])('refuses a comparison with %s under a known id', async (_, change) => {
    const database = await storage.open();
    const [comparison] = sample.comparisons;
    const shown: Comparison = { ...comparison, turns: [{ role: 'user', text: 'one' }], attachments: [{ of: 0, mediaId: '0'.repeat(64), type: 'image/png', name: 'a.png' }] };
    const file = (...comparisons: Comparison[]) => ({ ...sample, comparisons, events: [] });
    await mergeDataset(database, file(shown));
    await expect(mergeDataset(database, file({ ...shown, ...change }))).rejects.toThrow(/other texts/);
    // The same fields in another order are the same turn.
    expect(await mergeDataset(database, file({ ...shown, turns: [{ text: 'one', role: 'user' }] }))).toMatchObject({ comparisons: 0 });
  });

  it('says beforehand what it would bring, and then brings just that', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(datasetFile, fc.nat(), fc.nat(), async (whole, some, several) => {
        const database = await storage.open(`surveyed-${run++}`);
        const comparisons = whole.comparisons.slice(0, 1 + (some % whole.comparisons.length));
        const judgeable = whole.events.filter(({ comparisonId }) => comparisons.some(({ id }) => id === comparisonId));
        await mergeDataset(database, { ...whole, comparisons, events: judgeable.slice(0, several % (judgeable.length + 1)) });
        const before = await dump(database);
        const survey = await surveyMerge(database, entriesOf(whole), { batch: 2 });
        expect(await dump(database)).toBe(before);
        expect(survey).toMatchObject({ dataset: whole.dataset, here: whole.dataset, conflicts: [], conflictCount: 0 });
        const merged = await mergeDataset(database, whole);
        database.close();
        expect(merged).toEqual({ datasetId: whole.dataset.id, comparisons: survey.comparisons.fresh, events: survey.events.fresh });
        expect(survey.comparisons.fresh + survey.comparisons.known).toBe(whole.comparisons.length);
        expect(survey.events.fresh + survey.events.known).toBe(whole.events.length);
        expect(survey.raters.reduce((sum, { events }) => sum + events, 0)).toBe(survey.events.fresh);
      }),
      { numRuns: 40 },
    );
  });

  it('names who made what is new, and every conflict with its line, beforehand', async () => {
    const database = await storage.open();
    const [event] = sample.events;
    const by = (name: string, id: string): JudgementEvent => ({ ...event, id, rater: { kind: 'person', name } });
    const survey = await surveyMerge(database, entriesOf({ ...sample, events: [by('ada', 'x'), by('ben', 'y'), by('ben', 'z')] }));
    expect(survey.here).toBeUndefined();
    expect(survey.raters).toEqual([{ rater: { kind: 'person', name: 'ben' }, events: 2 }, { rater: { kind: 'person', name: 'ada' }, events: 1 }]);
    await mergeDataset(database, sample);
    const forged = { ...sample, comparisons: [sample.comparisons[0], { ...sample.comparisons[1], prompt: 'forged' }], events: [event, { ...by('ada', 'n'), comparisonId: 'nowhere' }] };
    expect(await surveyMerge(database, entriesOf(forged))).toMatchObject({
      comparisons: { fresh: 0, known: 1 },
      events: { fresh: 0, known: 1 },
      conflictCount: 2,
      conflicts: [{ line: 3, reason: expect.stringMatching(/other texts/) }, { line: 5, reason: expect.stringMatching(/neither here nor above it in the file/) }],
    });
  });

  it('shows a dataset that is not here yet to nobody before all of it is', async () => {
    const database = await storage.open();
    const seen: unknown[] = [];
    const look = async () => seen.push(...(await listDatasets(database)));
    await mergeEntries(database, entriesOf(sample), { batch: 1, onProgress: () => void look() });
    expect(seen).toEqual([]);
    expect(await listDatasets(database)).toEqual([sample.dataset]);
  });

  it.each(['a new dataset', 'a dataset that is here'])('leaves the store as it was where it is stopped on its way into %s, wherever that is', async (which) => {
    const whole: DatasetFile = { ...sample, comparisons: Array.from({ length: 6 }, (_, order) => ({ ...sample.comparisons[0], id: order === 0 ? 'a' : `c${order}`, order })) };
    for (let when = 1; when <= 8; when++) {
      const database = await storage.open(`${which}-${when}`);
      if (which === 'a dataset that is here') await mergeDataset(database, { ...sample, events: [] });
      const before = await dump(database);
      const stop = new AbortController();
      const reason = new Error('enough');
      async function* entries() {
        let read = 0;
        for await (const entry of entriesOf(whole)) {
          if (++read === when) stop.abort(reason);
          yield entry;
        }
      }
      await expect(mergeEntries(database, entries(), { batch: 2, signal: stop.signal })).rejects.toBe(reason);
      expect(await dump(database)).toBe(before);
      database.close();
    }
  });

  it('changes nothing where the file contradicts what is here', async () => {
    const database = await storage.open();
    await mergeDataset(database, sample);
    const forged = { ...sample, comparisons: [{ ...sample.comparisons[0], prompt: 'forged' }, { ...sample.comparisons[1], id: 'new' }] };
    await expect(mergeDataset(database, forged)).rejects.toBeInstanceOf(DatasetConflictError);
    const astray = { ...sample, comparisons: [{ ...sample.comparisons[1], id: 'new' }], events: [{ ...sample.events[0], id: 'n', comparisonId: 'nowhere' }] };
    await expect(mergeDataset(database, astray)).rejects.toThrow(/neither here nor above it in the file/);
    expect(await listComparisons(database, 'd')).toEqual(sample.comparisons);
    expect(await listEvents(database, 'd')).toEqual(sample.events);
  });
});

it('a plain preference file is told from the lab’s own by its first line', async () => {
  const { isDatasetHeader } = await import('../../../src/text/datasetFile');
  expect([isDatasetHeader(JSON.parse(writeDatasetFile(sample).split('\n')[0])), isDatasetHeader({ prompt: 'p' }), isDatasetHeader(null)]).toEqual([true, false, false]);
});
