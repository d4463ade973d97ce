import { unzipSync } from 'fflate';
import { FILES_BESIDE, MODEL_FILES } from '../../lab/protocol';
import { lab } from '../shell/lab.svelte';
import { notices } from '../shell/notices.svelte';
import { shelf } from '../shell/shelf.svelte';
import { meansMedia } from './mediaFile';
import { mediaImport } from './mediaImport.svelte';
import { fileImport } from './fileImport.svelte';

const OF_A_MODEL: readonly string[] = [...MODEL_FILES, ...FILES_BESIDE];
// Far above any model that this lab can train; a small archive may claim to hold terabytes.
const LARGEST_FILE = 1 << 30;

/**
 * Take in whatever the person chose or dropped: judged texts and datasets,
 * the files of a model (or an archive of them), a run's archive. Each
 * succeeds or fails by itself, is told, and a failed one changes nothing.
 * What is in a file of items or judgements is shown before anything of it is
 * kept, and pictures, sounds and films are asked about.
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

async function attempt(name: string, work: () => Promise<string | null>): Promise<void> {
  try {
    const told = await work();
    if (told !== null) notices.tell(`${name} is imported`, told);
  } catch (error) {
    notices.report(`${name} was not imported`, error);
  }
}

/** @returns what to say of it; null where the person was asked, and told */
async function importOne(file: File): Promise<string | null> {
  return (await fileImport.take(file)) === 'zip' ? importArchive(file) : null;
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
