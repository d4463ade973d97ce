import { forceCloseDatabase } from 'fake-indexeddb';
import { describe, expect, it, vi } from 'vitest';
import type { Change } from '../../../src/store/changes';
import { Database } from '../../../src/store/database';
import { MIGRATIONS, type Migration } from '../../../src/store/migrations';
import { readSetting, writeSetting } from '../../../src/store/settings';
import {
  DatabaseBlockedError,
  DatabaseClosedError,
  DatabaseTooNewError,
  StorageFullError,
  StorageUnavailableError,
} from '../../../src/store/storageErrors';
import { freshStorage } from './freshStorage';

const storage = freshStorage();

/** A next version that renames every setting, to be run on data of this one. */
const prefixSettings: Migration = (_database, upgrade) =>
  new Promise((resolve) => {
    const request = upgrade.objectStore('settings').openCursor();
    request.onsuccess = () => {
      const cursor = request.result;
      if (!cursor) return resolve();
      if (!cursor.value.key.startsWith('v2:')) {
        upgrade.objectStore('settings').add({ ...cursor.value, key: `v2:${cursor.value.key}` });
        cursor.delete();
      }
      cursor.continue();
    };
  });

/** A connection that, unlike the lab's, does not let go when asked. */
function stubbornConnection(name: string, version: number): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, version);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** The browser's own connections of the lab's code, newest last. */
function spyOnConnections(): IDBDatabase[] {
  const connections: IDBDatabase[] = [];
  const open = indexedDB.open.bind(indexedDB);
  indexedDB.open = (...args: Parameters<IDBFactory['open']>) => {
    const request = open(...args);
    request.addEventListener('success', () => connections.push(request.result));
    return request;
  };
  return connections;
}

describe('opening', () => {
  it('has the stores and indexes of this version', async () => {
    (await storage.open()).close();
    const raw = await stubbornConnection('nudge', MIGRATIONS.length);
    expect([...raw.objectStoreNames]).toEqual(
      ['checkpoints', 'comparisons', 'datasets', 'drafts', 'events', 'media', 'metrics', 'models', 'runs', 'samples', 'settings', 'weights'],
    );
    const transaction = raw.transaction(['events', 'comparisons']);
    expect(transaction.objectStore('events').index('byId').unique).toBe(true);
    expect(transaction.objectStore('comparisons').index('byDataset').unique).toBe(true);
    raw.close();
  });

  it('migrates what an older version wrote', async () => {
    const old = await storage.open();
    await writeSetting(old, 'theme', 'dark');
    old.close();
    const migrated = await storage.open('nudge', [...MIGRATIONS, prefixSettings]);
    expect(await readSetting(migrated, 'v2:theme')).toBe('dark');
    expect(await readSetting(migrated, 'theme')).toBeUndefined();
  });

  it('runs only the migrations that are missing', async () => {
    const names: string[] = [];
    const noting = (name: string): Migration => () => void names.push(name);
    (await storage.open('other', [noting('1')])).close();
    (await storage.open('other', [noting('1'), noting('2'), noting('3')])).close();
    expect(names).toEqual(['1', '2', '3']);
  });

  it('keeps the old data when a migration fails, and says why', async () => {
    const old = await storage.open();
    await writeSetting(old, 'theme', 'dark');
    old.close();
    const failing: Migration = (database) => {
      database.deleteObjectStore('settings');
      throw new Error('half way');
    };
    await expect(storage.open('nudge', [...MIGRATIONS, failing])).rejects.toThrow('half way');
    expect(await readSetting(await storage.open(), 'theme')).toBe('dark');
  });

  it('says within two seconds that another tab is in the way, and opens once that is gone', async () => {
    (await storage.open()).close();
    const stubborn = await stubbornConnection('nudge', MIGRATIONS.length);
    const started = performance.now();
    await expect(storage.open('nudge', [...MIGRATIONS, prefixSettings])).rejects.toBeInstanceOf(DatabaseBlockedError);
    expect(performance.now() - started).toBeLessThan(2000);
    stubborn.close();
    const opened = await storage.open('nudge', [...MIGRATIONS, prefixSettings]);
    await writeSetting(opened, 'v2:theme', 'light');
    expect(await readSetting(opened, 'v2:theme')).toBe('light');
  });

  it('refuses what a newer version wrote', async () => {
    (await storage.open('nudge', [...MIGRATIONS, prefixSettings])).close();
    await expect(storage.open()).rejects.toBeInstanceOf(DatabaseTooNewError);
  });

  it('says so where the browser stores nothing', async () => {
    vi.stubGlobal('indexedDB', undefined);
    await expect(Database.open()).rejects.toBeInstanceOf(StorageUnavailableError);
    vi.unstubAllGlobals();
  });
});

describe('a newer version in another tab', () => {
  it('gets the database at once; this tab tells and stops', async () => {
    const old = await storage.open();
    const superseded = vi.fn();
    old.onSuperseded(superseded);
    const saving = writeSetting(old, 'theme', 'dark');
    const newer = await storage.open('nudge', [...MIGRATIONS, prefixSettings]);
    await saving;
    expect(superseded).toHaveBeenCalledOnce();
    await expect(writeSetting(old, 'theme', 'light')).rejects.toBeInstanceOf(DatabaseClosedError);
    expect(await readSetting(newer, 'v2:theme')).toBe('dark');
  });
});

describe('a dropped connection', () => {
  it('is opened again for the next write', async () => {
    const connections = spyOnConnections();
    const database = await storage.open();
    forceCloseDatabase(connections[0] as never);
    await writeSetting(database, 'theme', 'dark');
    expect(await readSetting(database, 'theme')).toBe('dark');
    expect(connections).toHaveLength(2);
  });

  it('does a transaction again that it took down', async () => {
    const connections = spyOnConnections();
    const database = await storage.open();
    let runs = 0;
    await database.write({ stores: ['settings'], durability: 'strict', changes: [] }, async (transaction) => {
      runs++;
      await transaction.objectStore('settings').put({ key: 'count', value: runs });
      if (runs === 1) {
        // As Safari does it: the transaction aborts without an error of its own, and the connection is gone.
        transaction.abort();
        forceCloseDatabase(connections[0] as never);
      }
    });
    expect(runs).toBe(2);
    expect(await readSetting(database, 'count')).toBe(2);
  });

  it('gives up with the browser’s reason after a few tries', async () => {
    const database = await storage.open();
    let runs = 0;
    const failing = database.write({ stores: ['settings'], durability: 'strict', changes: [] }, () => {
      runs++;
      return Promise.reject(new DOMException('Connection to Indexed Database server lost', 'UnknownError'));
    });
    await expect(failing).rejects.toThrow(/server lost/);
    expect(runs).toBe(3);
  });
});

describe('a change', () => {
  it('is kept whole or not at all', async () => {
    const database = await storage.open();
    const failing = database.write({ stores: ['settings'], durability: 'strict', changes: [{ of: 'settings', key: 'a' }] }, async (transaction) => {
      await transaction.objectStore('settings').put({ key: 'a', value: 1 });
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await readSetting(database, 'a')).toBeUndefined();
  });

  it('that finds the disk full at a request fails by name, and leaves what was there', async () => {
    const database = await storage.open();
    await writeSetting(database, 'theme', 'dark');
    const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError');
    });
    await expect(writeSetting(database, 'theme', 'light')).rejects.toBeInstanceOf(StorageFullError);
    put.mockRestore();
    expect(await readSetting(database, 'theme')).toBe('dark');
  });

  it('that finds the disk full only at the end fails by name: a request’s success is not yet saved', async () => {
    const database = await storage.open();
    await writeSetting(database, 'theme', 'dark');
    const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, value: unknown) {
      put.mockRestore();
      const request = this.put(value);
      // What a browser does at commit time: every request has succeeded, and the transaction still goes.
      const transaction = this.transaction as IDBTransaction & { _abort(reason: string): void };
      request.addEventListener('success', () => transaction._abort('QuotaExceededError'));
      return request;
    });
    await expect(writeSetting(database, 'theme', 'light')).rejects.toBeInstanceOf(StorageFullError);
    expect(await readSetting(database, 'theme')).toBe('dark');
  });

  it('is told to this connection and to others, once it is saved and never when it failed', async () => {
    const here = await storage.open();
    const there = await storage.open();
    const heardHere: Change[] = [];
    const heardThere: Change[] = [];
    here.changes.listen((change) => heardHere.push(change));
    there.changes.listen((change) => heardThere.push(change));
    await here.write({ stores: ['settings'], durability: 'strict', changes: [{ of: 'models' }] }, () => Promise.reject(new Error('no'))).catch(() => undefined);
    await writeSetting(here, 'theme', 'dark');
    expect(heardHere).toEqual([{ of: 'settings', key: 'theme' }]);
    await vi.waitFor(() => expect(heardThere).toEqual([{ of: 'settings', key: 'theme' }]));
  });

  it('of judgements asks for strict durability, of settings for relaxed', async () => {
    const { appendEvents } = await import('../../../src/store/judgements');
    const database = await storage.open();
    const opened = vi.spyOn(IDBDatabase.prototype, 'transaction');
    await writeSetting(database, 'theme', 'dark');
    await appendEvents(database, []);
    expect(opened.mock.calls.map(([stores, mode, options]) => [stores, mode, options])).toEqual([
      [['settings'], 'readwrite', { durability: 'relaxed' }],
      [['events'], 'readwrite', { durability: 'strict' }],
    ]);
    opened.mockRestore();
  });
});
