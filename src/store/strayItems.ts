import type { Database } from './database';
import { queueKeys } from './schema';
import { takeWriterLock, type WriterLock } from './writerLock';

/*
 * Items without a dataset. An import writes its items piece by piece under the
 * id of a dataset that does not exist yet, and a removal takes them away piece
 * by piece after the dataset is gone: until then, and from then on, nobody sees
 * them. What a closed tab left of either is swept away at a later start.
 */

// A transaction that holds up neither the page that asks for it nor the judgements that wait behind it.
const REMOVED_AT_ONCE = 500;

/** Remove all comparisons, events and drafts under the id of a dataset that does not exist; of one that does, none. */
export async function removeItems(database: Database, datasetId: string): Promise<void> {
  while (await removeSome(database, datasetId));
}

function removeSome(database: Database, datasetId: string): Promise<boolean> {
  return database.write({ stores: ['datasets', 'comparisons', 'events', 'drafts'], durability: 'relaxed', changes: [] }, async (transaction) => {
    if ((await transaction.objectStore('datasets').getKey(datasetId)) !== undefined) return false;
    const [comparisons, events, drafts] = [transaction.objectStore('comparisons'), transaction.objectStore('events'), transaction.objectStore('drafts')];
    const [comparisonKeys, eventKeys, draftKeys] = await Promise.all([
      comparisons.index('byDataset').getAllKeys(queueKeys(datasetId), REMOVED_AT_ONCE),
      events.index('byDataset').getAllKeys(datasetId, REMOVED_AT_ONCE),
      drafts.index('byDataset').getAllKeys(datasetId, REMOVED_AT_ONCE),
    ]);
    await Promise.all([
      ...comparisonKeys.map((key) => comparisons.delete(key)),
      ...eventKeys.map((key) => events.delete(key)),
      ...draftKeys.map((key) => drafts.delete(key)),
    ]);
    return comparisonKeys.length + eventKeys.length + draftKeys.length > 0;
  });
}

/** The right to keep items under this id though it has no dataset yet; null where another tab has it. */
export function takeImportLock(datasetId: string, locks: LockManager | undefined): Promise<WriterLock | null> {
  return takeWriterLock(`import:${datasetId}`, { locks });
}

/**
 * Remove what imports and removals left behind that ended with their tab. What
 * another tab is importing now stays; and all of it where the browser has no
 * locks, for then nobody can tell.
 */
export async function sweepStrayItems(database: Database, locks: LockManager | null | undefined = globalThis.navigator?.locks): Promise<void> {
  if (!locks) return;
  for (const datasetId of await strayIds(database)) {
    const lock = await takeImportLock(datasetId, locks);
    if (!lock) continue;
    try {
      await removeItems(database, datasetId);
    } finally {
      lock.release();
    }
  }
}

/** The ids that items name and no dataset has. The cursors step from dataset to dataset, not from item to item. */
function strayIds(database: Database): Promise<string[]> {
  return database.read(['datasets', 'comparisons', 'events'], async (transaction) => {
    const named = new Set<string>();
    let item = await transaction.objectStore('comparisons').index('byDataset').openKeyCursor();
    for (; item; item = await item.continue([after(item.key[0]), 0])) named.add(item.key[0]);
    let event = await transaction.objectStore('events').index('byDataset').openKeyCursor();
    for (; event; event = await event.continue(after(event.key))) named.add(event.key);
    for (const id of await transaction.objectStore('datasets').getAllKeys()) named.delete(id);
    return [...named];
  });
}

/** The least string that is greater. */
const after = (text: string): string => `${text}\0`;
