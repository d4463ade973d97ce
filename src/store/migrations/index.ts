import { version1 } from './version1';
import { version2 } from './version2';

/**
 * One step of the database's layout, run inside the browser's upgrade
 * transaction. It speaks the untyped IndexedDB API, for the types of today
 * are not those of the version that it left behind.
 */
export type Migration = (database: IDBDatabase, upgrade: IDBTransaction) => void | Promise<void>;

/** Step `i` leads from version `i` to `i + 1`; the database's version is their number. */
export const MIGRATIONS: readonly Migration[] = [version1, version2];
