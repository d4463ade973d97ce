import { openLanguageModel } from '../model/languageModel';
import { writeSafetensors } from '../model/safetensors';
import type { Database } from '../store/database';
import { saveModel } from '../store/models';
import { LabFailure } from './failure';
import { recordOf, tensorsOf, type ModelShelf } from './modelShelf';

const FILES = ['config.json', 'tokenizer.json', 'model.safetensors'] as const;

/** A model's files, laid out as the Hub's Llama checkpoints are. */
export async function exportModel(shelf: ModelShelf, modelId: string): Promise<Record<string, Uint8Array>> {
  const { config, tokenizer, weights } = await shelf.language(modelId);
  const json = (value: object) => new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
  return {
    'config.json': json({ architectures: ['LlamaForCausalLM'], model_type: 'llama', tie_word_embeddings: true, hidden_act: 'silu', ...config }),
    'tokenizer.json': json(tokenizer.toJson()),
    'model.safetensors': writeSafetensors(weights, { dtype: 'F32', metadata: { format: 'pt' } }),
  };
}

/**
 * Keep a model from its files, which are not trusted. Throws the error of the
 * file that is wrong, naming the field; nothing is kept then.
 */
export async function importModel(database: Database, { name, files }: { name: string; files: Record<string, Uint8Array> }): Promise<string> {
  const missing = FILES.filter((file) => !(files[file] instanceof Uint8Array));
  if (missing.length > 0) throw new LabFailure('BadCommand', `A model is three files, and ${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing. Nothing was changed; choose all three.`);
  const text = (file: (typeof FILES)[number]) => new TextDecoder().decode(files[file]);
  const model = openLanguageModel({ config: text('config.json'), tokenizer: text('tokenizer.json'), weights: files['model.safetensors'] });
  const record = await saveModel(database, { name, kind: 'language', ...recordOf(model) }, tensorsOf(model.weights));
  return record.id;
}
