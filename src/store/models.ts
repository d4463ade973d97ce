import { newId } from '../feedback/identity';
import type { Database } from './database';
import type { ModelRecord, StoredTensors } from './schema';
import { NotFoundError, StorageError } from './storageErrors';
import { compact } from './tensors';

/** A model cannot be deleted while a run or a critic is built on it. */
export class ModelInUseError extends StorageError {
  constructor(
    readonly modelId: string,
    readonly userNames: string[],
  ) {
    super(`This model cannot be deleted: ${userNames.map((name) => JSON.stringify(name)).join(', ')} cannot go on or be compared without it. Delete that first.`);
    this.name = 'ModelInUseError';
  }
}

/** Keep a model with its weights, both or neither. */
export async function saveModel(database: Database, fields: Omit<ModelRecord, 'id' | 'created' | 'weightsId'>, tensors: StoredTensors): Promise<ModelRecord> {
  const model: ModelRecord = { id: newId(), created: Date.now(), weightsId: newId(), ...fields };
  await database.write({ stores: ['models', 'weights'], durability: 'strict', changes: [{ of: 'models' }] }, (transaction) =>
    Promise.all([
      transaction.objectStore('models').add(model),
      transaction.objectStore('weights').add({ id: model.weightsId, tensors: compact(tensors) }),
    ]),
  );
  return model;
}

/** All models, or those of one kind, oldest first. */
export async function listModels(database: Database, kind?: ModelRecord['kind']): Promise<ModelRecord[]> {
  const models = await database.read(['models'], (transaction) => {
    const store = transaction.objectStore('models');
    return kind ? store.index('byKind').getAll(kind) : store.getAll();
  });
  return models.sort((a, b) => a.created - b.created);
}

/** @throws NotFoundError */
export function getModel(database: Database, id: string): Promise<ModelRecord> {
  return database.read(['models'], async (transaction) => {
    const model = await transaction.objectStore('models').get(id);
    if (!model) throw new NotFoundError('model', id);
    return model;
  });
}

/** @throws NotFoundError */
export function loadModel(database: Database, id: string): Promise<{ model: ModelRecord; tensors: StoredTensors }> {
  return database.read(['models', 'weights'], async (transaction) => {
    const model = await transaction.objectStore('models').get(id);
    if (!model) throw new NotFoundError('model', id);
    const weights = await transaction.objectStore('weights').get(model.weightsId);
    if (!weights) throw new NotFoundError('weights', model.weightsId);
    return { model, tensors: weights.tensors };
  });
}

/** @throws NotFoundError */
export async function renameModel(database: Database, id: string, name: string): Promise<void> {
  await database.write({ stores: ['models'], durability: 'strict', changes: [{ of: 'models' }] }, async (transaction) => {
    const store = transaction.objectStore('models');
    const model = await store.get(id);
    if (!model) throw new NotFoundError('model', id);
    await store.put({ ...model, name });
  });
}

/**
 * Remove a model and its weights.
 * @throws ModelInUseError where a run starts from it or is rewarded by it, or a critic guides it
 */
export async function deleteModel(database: Database, id: string): Promise<void> {
  await database.write({ stores: ['models', 'weights', 'runs'], durability: 'strict', changes: [{ of: 'models' }] }, async (transaction) => {
    const model = await transaction.objectStore('models').get(id);
    if (!model) return;
    const runs = await transaction.objectStore('runs').getAll();
    const critics = (await transaction.objectStore('models').index('byKind').getAll('critic')).filter(({ baseModelId }) => baseModelId === id);
    const users = [...runs.filter((run) => run.baseModelId === id || run.rewardModelId === id), ...critics];
    if (users.length > 0) throw new ModelInUseError(id, users.map(({ name }) => name));
    await Promise.all([transaction.objectStore('models').delete(id), transaction.objectStore('weights').delete(model.weightsId)]);
  });
}
