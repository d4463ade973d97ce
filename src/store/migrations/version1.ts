import type { Migration } from './index';

/** The first layout. Never edited once released: a later layout is a later migration. */
export const version1: Migration = (database) => {
  const models = database.createObjectStore('models', { keyPath: 'id' });
  models.createIndex('byKind', 'kind');
  database.createObjectStore('weights', { keyPath: 'id' });
  database.createObjectStore('datasets', { keyPath: 'id' });
  const comparisons = database.createObjectStore('comparisons', { keyPath: 'id' });
  // Unique, so that no two writers can ever give two comparisons the same place in the queue.
  comparisons.createIndex('byDataset', ['datasetId', 'order'], { unique: true });
  const events = database.createObjectStore('events', { autoIncrement: true });
  events.createIndex('byId', 'id', { unique: true });
  events.createIndex('byDataset', 'datasetId');
  database.createObjectStore('runs', { keyPath: 'id' });
  database.createObjectStore('metrics', { keyPath: ['runId', 'iteration'] });
  database.createObjectStore('samples', { keyPath: ['runId', 'iteration'] });
  const checkpoints = database.createObjectStore('checkpoints', { keyPath: 'id' });
  checkpoints.createIndex('byRun', ['runId', 'iteration']);
  database.createObjectStore('settings', { keyPath: 'key' });
};
