import { expect, it } from 'vitest';
import { DEFAULT_FORM, TEMPLATES } from '../../../src/feedback/formTemplates';
import type { Form } from '../../../src/feedback/form';
import { recordAction } from '../../../src/feedback/recording';
import type { Change } from '../../../src/store/changes';
import { addComparisons, createDataset, getDataset, listComparisons, renameDataset, setForm } from '../../../src/store/datasets';
import { appendEvents, listEvents } from '../../../src/store/judgements';
import { freshStorage } from './freshStorage';

const storage = freshStorage();
const RATE = TEMPLATES[3] as unknown as Form;

it('a dataset gets another form and keeps everything else, judgements too; everybody who listens is told', async () => {
  const database = await storage.open();
  const dataset = await createDataset(database, { name: 'Mine', seed: 7, form: DEFAULT_FORM });
  const [comparison] = await addComparisons(database, dataset.id, [{ prompt: 'A', responses: ['b', 'c'], source: { kind: 'imported', file: 'f' } }]);
  const event = recordAction(comparison, { kind: 'person', name: 'me' }, { kind: 'judged', verdict: 'first' }, 1);
  await appendEvents(database, [event]);
  const heard: Change[] = [];
  database.changes.listen((change) => heard.push(change));

  await setForm(database, dataset.id, RATE);
  expect(await getDataset(database, dataset.id)).toEqual({ ...dataset, form: RATE });
  expect(await listComparisons(database, dataset.id)).toEqual([comparison]);
  expect(await listEvents(database, dataset.id)).toEqual([event]);
  expect(heard).toEqual([{ of: 'datasets' }]);

  await renameDataset(database, dataset.id, 'Ours');
  await setForm(database, dataset.id, undefined);
  expect(await getDataset(database, dataset.id)).toEqual({ ...dataset, name: 'Ours', form: undefined });
});

it('a dataset that is not there gets none', async () => {
  const database = await storage.open();
  await expect(setForm(database, 'nowhere', RATE)).rejects.toMatchObject({ name: 'NotFoundError' });
});
