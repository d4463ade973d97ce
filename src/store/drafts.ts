import type { Database } from './database';
import type { DraftRecord } from './schema';

/** Keep what a labeler has filled in so far, instead of what was kept of it before. */
export async function saveDraft(database: Database, draft: DraftRecord): Promise<void> {
  await database.write({ stores: ['drafts'], durability: 'strict', changes: [] }, (transaction) => transaction.objectStore('drafts').put(draft));
}

/** What a labeler had filled in of a comparison's form; undefined where there is none. */
export function readDraft(database: Database, comparisonId: string, rater: string): Promise<DraftRecord | undefined> {
  return database.read(['drafts'], (transaction) => transaction.objectStore('drafts').get([comparisonId, rater]));
}

/** It was submitted, or given up. */
export async function deleteDraft(database: Database, comparisonId: string, rater: string): Promise<void> {
  await database.write({ stores: ['drafts'], durability: 'relaxed', changes: [] }, (transaction) => transaction.objectStore('drafts').delete([comparisonId, rater]));
}
