import { zipSync } from 'fflate';
import type { PersonRater } from '../../feedback/judgement';
import { raterKey } from '../../feedback/judgementState';
import type { Database } from '../../store/database';
import { readMedia } from '../../store/media';
import { loadJudgedDataset } from '../../store/judgements';
import type { DatasetRecord, MediaRecord, RunRecord } from '../../store/schema';
import { writeDatasetFile } from '../../text/datasetFile';
import { FORMATS } from '../../text/formats';
import type { Format } from '../../text/formats/format';
import { writeDatasetArchive } from '../../text/datasetArchive';
import { lab } from '../shell/lab.svelte';
import { download, fileName } from './download';

const JSONL = 'application/jsonl';

/** The lab's own file: nothing is lost. Where items show files, an archive with them. */
export async function exportDataset(database: Database, dataset: DatasetRecord): Promise<void> {
  const { comparisons, events } = await loadJudgedDataset(database, dataset.id);
  const whole = { dataset: { ...dataset }, comparisons, events };
  const shown = [...new Set(comparisons.flatMap(({ attachments = [] }) => attachments.map(({ mediaId }) => mediaId)))];
  if (shown.length === 0) return download(fileName(dataset.name, '.nudge.jsonl'), writeDatasetFile(whole), JSONL);
  const pieces: BlobPart[] = [];
  for await (const piece of writeDatasetArchive(whole, files(database, shown))) pieces.push(piece as Uint8Array<ArrayBuffer>);
  download(fileName(dataset.name, '.nudge.zip'), new Blob(pieces), 'application/zip');
}

/** One at a time: all together may be more than a tab can hold. */
async function* files(database: Database, ids: readonly string[]): AsyncGenerator<MediaRecord> {
  for (const id of ids) yield* await readMedia(database, [id]);
}

/** The same file with the events of one rater only. Imported where the others judge, it adds this rater's to theirs. */
export async function exportOwnJudgements(database: Database, dataset: DatasetRecord, rater: PersonRater): Promise<void> {
  const { comparisons, events } = await loadJudgedDataset(database, dataset.id);
  const key = raterKey(rater);
  const own = events.filter((event) => raterKey(event.rater) === key);
  download(fileName(`${dataset.name} ${rater.name}`, '.nudge.jsonl'), writeDatasetFile({ dataset: { ...dataset }, comparisons, events: own }), JSONL);
}

/** The formats of other tools that the lab writes. */
export const WRITABLE: readonly (Format & Required<Pick<Format, 'write'>>)[] = FORMATS.filter((format): format is Format & Required<Pick<Format, 'write'>> => format.write !== undefined);

/**
 * A dataset as other tools read it.
 * @returns what the conversion lost, a sentence for the person
 */
export async function exportAs(database: Database, dataset: DatasetRecord, format: (typeof WRITABLE)[number]): Promise<string> {
  const { chunks, loss } = format.write(await loadJudgedDataset(database, dataset.id));
  download(fileName(dataset.name, format.extensions[0]), new Blob([...chunks]), format.container === 'csv' ? 'text/csv' : JSONL);
  return loss.sentence;
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
