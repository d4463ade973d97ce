import { existsSync, readFileSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import { DATABASE_NAME } from '../../src/store/schema';
import { writeWhole } from '../files';

/*
 * Node has no IndexedDB; fake-indexeddb keeps one in memory, and these two
 * carry it over a restart in one file.
 */

type Dump = Record<string, { key: IDBValidKey; value: unknown }[]>;

/** Write every record of the lab's database to a file. */
export async function dumpDatabase(path: string): Promise<void> {
  const database = await open();
  const names = [...database.objectStoreNames];
  const transaction = database.transaction(names);
  const dump: Dump = {};
  await Promise.all(
    names.map(async (name) => {
      const store = transaction.objectStore(name);
      const [keys, values] = await Promise.all([answer(store.getAllKeys()), answer(store.getAll())]);
      dump[name] = keys.map((key, i) => ({ key, value: values[i] }));
    }),
  );
  database.close();
  writeWhole(path, serialize(dump));
}

/** Put the records of a file, if there is one, into the lab's database, which must exist already. */
export async function restoreDatabase(path: string): Promise<void> {
  if (!existsSync(path)) return;
  const dump = deserialize(readFileSync(path)) as Dump;
  const database = await open();
  const transaction = database.transaction(Object.keys(dump), 'readwrite');
  for (const [name, records] of Object.entries(dump)) {
    const store = transaction.objectStore(name);
    for (const { key, value } of records) store.put(value, store.keyPath === null ? key : undefined);
  }
  await new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
  database.close();
}

const open = () => answer(indexedDB.open(DATABASE_NAME));

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
