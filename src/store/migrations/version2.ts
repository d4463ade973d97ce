import type { Migration } from './index';

/** Forms that are half filled in, and the files that items show. */
export const version2: Migration = (database) => {
  const drafts = database.createObjectStore('drafts', { keyPath: ['comparisonId', 'rater'] });
  drafts.createIndex('byDataset', 'datasetId');
  database.createObjectStore('media', { keyPath: 'id' });
};
