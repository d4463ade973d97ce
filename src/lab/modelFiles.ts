import * as v from 'valibot';
import { toHubConfig, toHubTokenizerConfig } from '../model/config';
import { openModel } from '../model/languageModel';
import { writeSafetensors } from '../model/safetensors';
import type { Database } from '../store/database';
import { getModel, saveModel } from '../store/models';
import { LabFailure } from './failure';
import type { Desk } from './lab';
import { recordOf, tensorsOf, type RewardModelReport } from './modelShelf';
import { MODEL_FILES, type Commands, type FILES_BESIDE, type Result } from './protocol';
import { RewardModelReportSchema } from './rewardSchema';
import { isShipped } from './shippedModels';

type FileName = (typeof MODEL_FILES | typeof FILES_BESIDE)[number];

/**
 * A model's files, laid out as the Hub's Llama checkpoints are. A reward model
 * is a sequence classifier of one label; its `score.bias`, for which those have
 * no place, is left out by other readers, which shifts all rewards alike.
 */
export async function exportModel({ database, shelf }: Desk, modelId: string): Promise<Record<string, Uint8Array>> {
  const { kind, report, name } = isShipped(modelId) ? { kind: 'language' as const, report: undefined, name: modelId } : await getModel(database, modelId);
  if (kind === 'critic') throw new LabFailure('BadCommand', `“${name}” is a critic that guides another model token by token, and the Hub’s files have no place for one. Nothing was exported; the model that it guides can be.`);
  if (kind === 'image-reward') throw new LabFailure('BadCommand', `“${name}” scores images, and the Hub’s files have no place for a model of this kind. Nothing was exported.`);
  const { config, tokenizer, weights } = await shelf[kind](modelId);
  const json = (value: object) => new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
  const files: Partial<Record<FileName, Uint8Array>> = {
    'config.json': json(toHubConfig(config, 'float32', kind)),
    'tokenizer.json': json(tokenizer.toJson()),
    'tokenizer_config.json': json(toHubTokenizerConfig(config)),
    'model.safetensors': writeSafetensors(weights, { dtype: 'F32', metadata: { format: 'pt' } }),
    // A language model's report is its lineage in this browser, which other tools have no use for.
    ...(kind === 'reward' && report && { 'reward_report.json': json(report) }),
  };
  return files;
}

/**
 * Keep a model from its files, which are not trusted. Throws the error of the
 * file that is wrong, naming the field; nothing is kept then.
 */
export async function importModel(database: Database, { name, files }: Commands['importModel']['args']): Promise<Result<'importModel'>> {
  const missing = MODEL_FILES.filter((file) => !(files[file] instanceof Uint8Array));
  if (missing.length > 0) throw new LabFailure('BadCommand', `A model is three files, and ${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing. Nothing was changed; choose all three.`);
  const text = (file: FileName) => new TextDecoder().decode(files[file]);
  const { kind, ...model } = openModel({ config: text('config.json'), tokenizer: text('tokenizer.json'), weights: files['model.safetensors'] });
  const report = kind === 'reward' && files['reward_report.json'] ? readReport(text('reward_report.json')) : undefined;
  const record = await saveModel(database, { name, kind, ...recordOf(model), report }, tensorsOf(model.weights));
  return { modelId: record.id, kind };
}

function readReport(text: string): RewardModelReport {
  const bad = (reason: string) => new LabFailure('BadReport', `The reward model's report cannot be used: ${reason}. Nothing was changed; it can be imported without that file.`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw bad('the file is not JSON');
  }
  const parsed = v.safeParse(RewardModelReportSchema, json, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw bad(`${v.getDotPath(issue) ?? 'the whole'}: ${issue.message}`);
}
