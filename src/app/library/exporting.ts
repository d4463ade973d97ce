import { zipSync } from 'fflate';
import type { PersonRater } from '../../feedback/judgement';
import { raterKey } from '../../feedback/judgementState';
import type { Database } from '../../store/database';
import { loadJudgedDataset } from '../../store/judgements';
import type { DatasetRecord, RunRecord } from '../../store/schema';
import { writeDatasetFile } from '../../text/datasetFile';
import { writePreferences } from '../../text/preferences';
import { lab } from '../shell/lab.svelte';
import { download, fileName } from './download';

const JSONL = 'application/jsonl';

/** The lab's own file: nothing is lost. */
export async function exportDataset(database: Database, dataset: DatasetRecord): Promise<void> {
  const { comparisons, events } = await loadJudgedDataset(database, dataset.id);
  download(fileName(dataset.name, '.nudge.jsonl'), writeDatasetFile({ dataset: { ...dataset }, comparisons, events }), JSONL);
}

/** The same file with the events of one rater only. Imported where the others judge, it adds this rater's to theirs. */
export async function exportOwnJudgements(database: Database, dataset: DatasetRecord, rater: PersonRater): Promise<void> {
  const { comparisons, events } = await loadJudgedDataset(database, dataset.id);
  const key = raterKey(rater);
  const own = events.filter((event) => raterKey(event.rater) === key);
  download(fileName(`${dataset.name} ${rater.name}`, '.nudge.jsonl'), writeDatasetFile({ dataset: { ...dataset }, comparisons, events: own }), JSONL);
}

/**
 * Preferences as TRL and others read them.
 * @returns what the conversion lost, a sentence for the person
 */
export async function exportPreferences(database: Database, dataset: DatasetRecord): Promise<string> {
  const { comparisons, states } = await loadJudgedDataset(database, dataset.id);
  const { text, written, loss } = writePreferences(comparisons, states);
  download(fileName(dataset.name, '.jsonl'), text, JSONL);
  return `${written.toLocaleString('en')} preferences. ${loss}`;
}

/** The files of a model, in one archive that is not compressed: weights are noise to a compressor. */
export async function exportModel(model: { id: string; title: string }): Promise<void> {
  const { files } = await lab.ask('exportModel', { modelId: model.id });
  download(fileName(model.title, '.zip'), zipSync(files, { level: 0 }) as Uint8Array<ArrayBuffer>, 'application/zip');
}

export async function exportRun(run: RunRecord): Promise<void> {
  const { archive } = await lab.ask('exportRun', { runId: run.id });
  download(fileName(run.name, '.nudge-run.zip'), archive as Uint8Array<ArrayBuffer>, 'application/zip');
}
