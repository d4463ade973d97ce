import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { DATABASE_NAME } from '../../src/store/schema';
import { writeWhole } from '../files';

/*
 * Node has no IndexedDB; fake-indexeddb keeps one in memory, and these two
 * carry it over a restart: tensors, which are large and never change, in a file
 * for each key, and all else in one.
 */

type Record = { key: IDBValidKey; value: unknown };
type Dump = { [store: string]: Record[] };

const FILE = 'database.v8';
const TENSORS = 'weights';

/** Write every record of the lab's database into a folder. */
export async function dumpDatabase(folder: string): Promise<void> {
  const database = await open();
  const names = [...database.objectStoreNames];
  const transaction = database.transaction(names);
  const dump: Dump = {};
  const kept = join(folder, TENSORS);
  mkdirSync(kept, { recursive: true });
  const written = new Set(readdirSync(kept));
  await Promise.all(
    names.map(async (name) => {
      const store = transaction.objectStore(name);
      const keys = await answer(store.getAllKeys());
      if (name === TENSORS) {
        await Promise.all(keys.filter((key) => !written.has(fileOf(key))).map(async (key) => writeWhole(join(kept, fileOf(key)), serialize({ key, value: await answer(store.get(key)) }))));
        const present = new Set(keys.map(fileOf));
        for (const file of written) if (!present.has(file)) rmSync(join(kept, file));
      } else {
        const values = await answer(store.getAll());
        dump[name] = keys.map((key, i) => ({ key, value: values[i] }));
      }
    }),
  );
  database.close();
  writeWhole(join(folder, FILE), serialize(dump));
}

/** Put the records of a folder, if it has any, into the lab's database, which must exist already. */
export async function restoreDatabase(folder: string): Promise<void> {
  const path = join(folder, FILE);
  if (!existsSync(path)) return;
  const dump = deserialize(readFileSync(path)) as Dump;
  const kept = join(folder, TENSORS);
  const tensors = existsSync(kept) ? readdirSync(kept).filter((file) => file.endsWith('.v8')) : [];
  // A folder from before tensors had files of their own has them in the one.
  dump[TENSORS] = [...(dump[TENSORS] ?? []), ...tensors.map((file) => deserialize(readFileSync(join(kept, file))) as Record)];
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

const fileOf = (key: IDBValidKey) => `${encodeURIComponent(String(key))}.v8`;

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
