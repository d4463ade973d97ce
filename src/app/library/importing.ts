import { unzipSync } from 'fflate';
import { randomSeed } from '../../feedback/identity';
import { importPreferences, mergeDataset } from '../../store/datasetImport';
import type { Database } from '../../store/database';
import { isDatasetHeader, readDatasetFile } from '../../text/datasetFile';
import { readJsonl } from '../../text/jsonl';
import { readPreferences } from '../../text/preferences';
import { FILES_BESIDE, MODEL_FILES } from '../../lab/protocol';
import { count } from '../controls/wording';
import { lab } from '../shell/lab.svelte';
import { notices } from '../shell/notices.svelte';
import { shelf } from '../shell/shelf.svelte';
import { meansMedia } from './mediaFile';
import { mediaImport } from './mediaImport.svelte';

const OF_A_MODEL: readonly string[] = [...MODEL_FILES, ...FILES_BESIDE];
// Far above any model that this lab can train; a small archive may claim to hold terabytes.
const LARGEST_FILE = 1 << 30;

/**
 * Take in whatever the person chose or dropped: preference or dataset files,
 * the files of a model (or an archive of them), a run's archive. Each
 * succeeds or fails by itself, is told, and a failed one changes nothing.
 * Pictures, sounds and films are asked about before anything is made of them.
 */
export async function importFiles(files: readonly File[]): Promise<void> {
  const modelFiles = files.filter(({ name }) => OF_A_MODEL.includes(name));
  const others = files.filter((file) => !modelFiles.includes(file));
  const areMedia = await Promise.all(others.map(meansMedia));
  const media = others.filter((_file, i) => areMedia[i]);
  if (media.length > 0) void mediaImport.add(media);
  for (const file of others.filter((_file, i) => !areMedia[i])) await attempt(file.name, () => importOne(file));
  if (modelFiles.length > 0) await attempt('The model', () => importModelFiles(modelFiles));
}

async function attempt(name: string, work: () => Promise<string>): Promise<void> {
  try {
    notices.tell(`${name} is imported`, await work());
  } catch (error) {
    notices.report(`${name} was not imported`, error);
  }
}

function importOne(file: File): Promise<string> {
  if (/\.jsonl?$/i.test(file.name)) return importDataset(file);
  if (/\.zip$/i.test(file.name)) return importArchive(file);
  throw new Error('The lab reads .jsonl files of preferences, pictures, sounds and films, a model’s config.json, tokenizer.json and model.safetensors (all three together), and .zip archives that it wrote itself. Nothing was changed.');
}

function storage(): Database {
  if (!lab.database) throw new Error(lab.storageError ?? 'The storage is not open yet. Try again in a moment.');
  return lab.database;
}

async function importDataset(file: File): Promise<string> {
  const database = storage();
  if (await isOwnFile(file)) {
    const { datasetId, comparisons, events } = await mergeDataset(database, await readDatasetFile(file, Date.now()));
    await shelf.chooseDataset(datasetId);
    return `${count(comparisons, 'new pair')} and ${count(events, 'new event')} of their history. What was here already was left as it is.`;
  }
  const { preferences, identical } = await readPreferences(file);
  if (preferences.length === 0) throw new Error('There is no preference in it. Nothing was changed.');
  const dataset = await importPreferences(database, { name: file.name.replace(/\.jsonl?$/i, ''), seed: randomSeed() }, preferences, file.name);
  await shelf.chooseDataset(dataset.id);
  const left = identical.length > 0 ? ` ${count(identical.length, 'line')} with twice the same text (the first is line ${identical[0]}) prefer nothing and were left out.` : '';
  return `${count(preferences.length, 'preference')}, as a dataset of its own.${left}`;
}

async function isOwnFile(file: File): Promise<boolean> {
  for await (const { value } of readJsonl(file)) return isDatasetHeader(value);
  return false;
}

async function importArchive(file: File): Promise<string> {
  const archive = new Uint8Array(await file.arrayBuffer());
  const files = unzipSync(archive, { filter: ({ name, originalSize }) => OF_A_MODEL.includes(name) && originalSize <= LARGEST_FILE });
  if (MODEL_FILES.every((name) => name in files)) return importModel(file.name.replace(/\.zip$/i, ''), files);
  const { runId } = await lab.ask('importRun', { archive }, [archive.buffer]);
  await shelf.chooseRun(runId);
  return 'The run, with its figures, samples and last checkpoint.';
}

async function importModelFiles(chosen: readonly File[]): Promise<string> {
  const missing = MODEL_FILES.filter((name) => !chosen.some((file) => file.name === name));
  if (missing.length > 0) throw new Error(`A model is three files, and ${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing. Choose all three at once. Nothing was changed.`);
  const contents = await Promise.all(chosen.map(async (file) => [file.name, new Uint8Array(await file.arrayBuffer())] as const));
  return importModel(`Imported model ${shelf.models.length + 1}`, Object.fromEntries(contents));
}

async function importModel(name: string, files: Record<string, Uint8Array>): Promise<string> {
  const { modelId, kind } = await lab.ask('importModel', { name, files }, Object.values(files).map(({ buffer }) => buffer));
  await (kind === 'reward' ? shelf.chooseRewardModel(modelId) : shelf.chooseModel(modelId));
  return kind === 'reward' ? 'It is the reward model in use.' : 'It writes the next pairs.';
}
