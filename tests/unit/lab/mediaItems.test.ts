import { describe, expect, it } from 'vitest';
import type { Comparison, Rater } from '../../../src/feedback/judgement';
import { recordAction } from '../../../src/feedback/recording';
import { loadPreferences } from '../../../src/lab/judgedPreferences';
import { labelWithRule } from '../../../src/lab/labelJob';
import { addComparisons, createDataset, type ComparisonDraft } from '../../../src/store/datasets';
import { appendEvents } from '../../../src/store/judgements';
import { addMedia } from '../../../src/store/media';
import { freshStorage } from '../store/freshStorage';

const storage = freshStorage();
const ME: Rater = { kind: 'person', name: 'me' };
const source = { kind: 'imported', file: 'f' } as const;
const TEXTS: ComparisonDraft = { prompt: 'Once', responses: [' upon a considerable time.', ' up.'], source };

/** A dataset of pairs of pictures, texts between them where asked for. */
async function dataset(texts: boolean) {
  const database = await storage.open();
  const [a, b] = await addMedia(database, [new Blob(['GIF89aa']), new Blob(['GIF89ab'])]);
  const pictures: ComparisonDraft = { prompt: 'Calmer?', responses: ['', ''], attachments: [a, b].map((mediaId, of) => ({ of, mediaId, type: 'image/gif', name: `${of}.gif` })), source };
  const { id } = await createDataset(database, { name: 'x', seed: 1 });
  const comparisons = await addComparisons(database, id, texts ? [pictures, TEXTS, pictures] : [pictures, pictures]);
  return { database, id, comparisons };
}

const preferFirst = (comparisons: readonly Comparison[]) => comparisons.map((comparison) => recordAction(comparison, ME, { kind: 'judged', verdict: 'first' }, 1));
const work = { progress: () => undefined, breathe: () => Promise.resolve(), signal: new AbortController().signal } as unknown as Parameters<typeof labelWithRule>[2];
const RULE = { rule: 'long-words', temperature: 0, seed: 1 };

describe('judged pictures', () => {
  it('are no lesson for a model of texts; the texts beside them are', async () => {
    const { database, id, comparisons } = await dataset(true);
    await appendEvents(database, preferFirst(comparisons));
    const { preferences } = await loadPreferences(database, id);
    expect(preferences.map(({ comparisonId }) => comparisonId)).toEqual([comparisons[1].id]);
  });

  it('alone are refused with what to do, and are not called unjudged', async () => {
    const { database, id, comparisons } = await dataset(false);
    await expect(loadPreferences(database, id)).rejects.toThrow(/Nothing of this dataset is judged yet/);
    await appendEvents(database, preferFirst(comparisons));
    await expect(loadPreferences(database, id)).rejects.toMatchObject({ name: 'NothingToLearnFrom', message: expect.stringMatching(/pictures, sounds or films.*reads only texts/) });
  });
});

describe('a rule', () => {
  it('judges the texts and leaves the pictures open', async () => {
    const { database, id, comparisons } = await dataset(true);
    expect((await labelWithRule(database, { datasetId: id, ...RULE }, work)).judged).toBe(1);
    const { preferences, states } = await loadPreferences(database, id);
    expect(preferences.map(({ verdict }) => verdict)).toEqual(['first']);
    expect([...states.keys()]).toEqual([comparisons[1].id]);
  });

  it('says that it cannot judge pictures', async () => {
    const { database, id } = await dataset(false);
    await expect(labelWithRule(database, { datasetId: id, ...RULE }, work)).rejects.toThrow(/a rule judges only texts/);
  });
});
