import { zipSync } from 'fflate';
import type { PersonRater } from '../../feedback/judgement';
import type { DatasetRecord, RunRecord } from '../../store/schema';
import { FORMATS } from '../../text/formats';
import type { Format } from '../../text/formats/format';
import type { OutgoingFile } from '../../transfer/outgoing';
import { lab } from '../shell/lab.svelte';
import { notices } from '../shell/notices.svelte';
import { download, fileName } from './download';
import { converted, ownJudgements, wholeDataset } from './transfer';

/** The lab's own file: nothing is lost. Where items show files, an archive with them. */
export async function exportDataset(dataset: DatasetRecord): Promise<void> {
  hand(dataset.name, await wholeDataset(dataset), 'It has everything. Import it in this lab or another to go on there.');
}

/** The same with the events of one rater only, and without files. Imported where the others judge, it adds this rater's to theirs. */
export async function exportOwnJudgements(dataset: DatasetRecord, rater: PersonRater): Promise<void> {
  hand(`${dataset.name} ${rater.name}`, await ownJudgements(dataset, rater), 'Send it to whoever brings the judgements together.');
}

/** The formats of other tools that the lab writes. */
export const WRITABLE: readonly Format[] = FORMATS.filter(({ write }) => write !== undefined);

/** A dataset as other tools read it; what the conversion lost is told. */
export async function exportAs(dataset: DatasetRecord, format: Format): Promise<void> {
  const { loss, ...file } = await converted(dataset, format.id);
  // Another name than that of the file that it may have come from.
  hand(`${dataset.name} judged`, file, loss);
}

/** Hand a file over, and say under which name. */
function hand(title: string, { ending, bytes }: OutgoingFile, about: string): void {
  const name = fileName(title, ending);
  download(name, bytes, bytes.type);
  notices.tell(`${name} is exported`, about);
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
