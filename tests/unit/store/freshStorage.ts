import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach } from 'vitest';
import { Database } from '../../../src/store/database';

/** Gives every test of a file a browser storage of its own and closes what it opened. */
export function freshStorage(): { open: (...args: Parameters<typeof Database.open>) => Promise<Database> } {
  let opened: Database[] = [];
  beforeEach(() => {
    globalThis.indexedDB = new IDBFactory();
  });
  afterEach(() => {
    opened.forEach((database) => database.close());
    opened = [];
  });
  return {
    async open(...args) {
      const database = await Database.open(...args);
      opened.push(database);
      return database;
    },
  };
}
