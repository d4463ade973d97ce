import type { Database } from './database';
import type { Json } from './schema';

/** What a person set under `key`, or undefined; the caller checks it, for an older or newer version may have written it. */
export async function readSetting(database: Database, key: string): Promise<Json> {
  const record = await database.read(['settings'], (transaction) => transaction.objectStore('settings').get(key));
  return record?.value;
}

export async function writeSetting(database: Database, key: string, value: Json): Promise<void> {
  await database.write({ stores: ['settings'], durability: 'relaxed', changes: [{ of: 'settings', key }] }, (transaction) =>
    transaction.objectStore('settings').put({ key, value }),
  );
}
