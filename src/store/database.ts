import { openDB, unwrap, type IDBPDatabase, type IDBPTransaction, type StoreNames } from 'idb';
import { Changes, type Change } from './changes';
import { MIGRATIONS, type Migration } from './migrations';
import { DATABASE_NAME, type NudgeDatabase } from './schema';
import { asStorageError, DatabaseBlockedError, DatabaseClosedError, StorageUnavailableError } from './storageErrors';

type Store = StoreNames<NudgeDatabase>;
type Connection = IDBPDatabase<NudgeDatabase>;
type Mode = 'readonly' | 'readwrite';
type Transaction<S extends Store[], M extends Mode> = IDBPTransaction<NudgeDatabase, S, M>;

export interface Write<S extends Store[]> {
  stores: [...S];
  /** 'strict' is on the disk when the promise resolves (judgements, models, checkpoints); 'relaxed' may still be in the system's cache (metrics). */
  durability: 'strict' | 'relaxed';
  /** Announced to pages, workers and tabs after the transaction is complete. */
  changes: Change[];
}

// Another tab closes at once when asked; one that has not done so by now is frozen or old.
const BLOCKED_PATIENCE_MS = 1500;
// A request queued behind a blocked one gets no event at all, so silence has an end too.
const SILENCE_PATIENCE_MS = 10_000;
const ATTEMPTS = 3;

/** A patience that ends in a DatabaseBlockedError unless it is stopped. */
class Patience {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private giveUp: () => void = () => undefined;

  end(milliseconds: number): Promise<never> {
    return new Promise((_resolve, reject) => {
      this.giveUp = () => reject(new DatabaseBlockedError());
      this.restart(milliseconds);
    });
  }

  restart(milliseconds: number): void {
    this.stop();
    this.timer = setTimeout(this.giveUp, milliseconds);
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}

/** The connection went away under a transaction; none of it was kept, so it may be done again. */
class ConnectionLost extends Error {}

/**
 * The one connection of a page or worker to everything that the lab keeps.
 * `read` and `write` are the only ways in: each is one transaction, resolves
 * when that transaction is complete, and is done again on a new connection
 * where the browser drops the old one (Safari does).
 */
export class Database {
  readonly changes: Changes;
  private connection: Connection | null = null;
  private connecting: Promise<Connection> | null = null;
  private closed = false;
  private readonly supersededListeners = new Set<() => void>();

  private constructor(
    readonly name: string,
    private readonly migrations: readonly Migration[],
  ) {
    this.changes = new Changes(name);
  }

  /**
   * Open the database, migrating it where it is older than this code.
   * @throws DatabaseBlockedError within two seconds where another tab holds an older version
   * @throws DatabaseTooNewError where a newer version of the lab wrote it
   * @throws StorageUnavailableError where the browser has no storage for this page
   */
  static async open(name: string = DATABASE_NAME, migrations: readonly Migration[] = MIGRATIONS): Promise<Database> {
    const database = new Database(name, migrations);
    try {
      await database.connect();
    } catch (error) {
      database.close();
      throw error;
    }
    return database;
  }

  /** Called once when a newer version of the lab, in another tab, has taken the database over. */
  onSuperseded(listener: () => void): () => void {
    this.supersededListeners.add(listener);
    return () => this.supersededListeners.delete(listener);
  }

  /** Let go of the database; transactions under way still finish. */
  close(): void {
    this.closed = true;
    this.drop(this.connection);
    this.changes.close();
  }

  /**
   * One consistent view over `stores`. `work` may be run again, so it must have
   * no other effect; it awaits only requests of its transaction, and lets none
   * of several fail alone (a value that cannot be stored throws at once).
   */
  read<S extends Store[], T>(stores: [...S], work: (transaction: Transaction<S, 'readonly'>) => Promise<T>): Promise<T> {
    return this.transact(stores, 'readonly', 'default', work);
  }

  /**
   * One change, kept whole or not at all; resolves when it is saved. Where `work`
   * throws, nothing is kept. The rules for `work` are those of `read`.
   * @throws StorageFullError where there is no room for it
   */
  async write<S extends Store[], T>(
    { stores, durability, changes }: Write<S>,
    work: (transaction: Transaction<S, 'readwrite'>) => Promise<T>,
  ): Promise<T> {
    const result = await this.transact(stores, 'readwrite', durability, work);
    for (const change of changes) this.changes.announce(change);
    return result;
  }

  private async transact<S extends Store[], M extends Mode, T>(
    stores: [...S],
    mode: M,
    durability: IDBTransactionDurability,
    work: (transaction: Transaction<S, M>) => Promise<T>,
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const connection = await this.connect();
      try {
        return await attemptOn(connection, stores, mode, durability, work);
      } catch (error) {
        if (!(error instanceof ConnectionLost)) throw error;
        if (attempt === ATTEMPTS) throw asStorageError(error.cause);
        this.drop(connection);
      }
    }
  }

  private connect(): Promise<Connection> {
    if (this.closed) return Promise.reject(new DatabaseClosedError());
    return (this.connecting ??= this.request().then(
      (connection) => {
        if (this.closed) {
          connection.close();
          throw new DatabaseClosedError();
        }
        return (this.connection = connection);
      },
      (error) => {
        this.connecting = null;
        throw error;
      },
    ));
  }

  private async request(): Promise<Connection> {
    if (typeof indexedDB === 'undefined') throw new StorageUnavailableError();
    let migrationFailure: unknown;
    let opened: Connection | null = null;
    const patience = new Patience();
    const opening = openDB<NudgeDatabase>(this.name, this.migrations.length, {
      upgrade: (connection, from, _to, transaction) => {
        // The open request fails with it, and says so.
        transaction.done.catch(() => undefined);
        this.migrate(unwrap(connection), from, unwrap(transaction)).catch((error) => (migrationFailure = error));
      },
      blocked: () => patience.restart(BLOCKED_PATIENCE_MS),
      blocking: () => {
        opened?.close();
        this.yieldToNewer();
      },
      terminated: () => this.drop(opened),
    });
    try {
      opened = await Promise.race([opening, patience.end(SILENCE_PATIENCE_MS)]);
      return opened;
    } catch (error) {
      // The browser may still grant what was given up, and an unused connection would block the next.
      opening.then((connection) => connection.close()).catch(() => undefined);
      throw asStorageError(migrationFailure ?? error);
    } finally {
      patience.stop();
    }
  }

  private async migrate(database: IDBDatabase, from: number, upgrade: IDBTransaction): Promise<void> {
    try {
      for (const migration of this.migrations.slice(from)) await migration(database, upgrade);
    } catch (error) {
      // Half a migration must not be kept: the open request fails and the old data stand.
      upgrade.abort();
      throw error;
    }
  }

  /** Use another connection from now on than this one, which is gone or going. */
  private drop(connection: Connection | null): void {
    if (connection !== this.connection) return;
    this.connection = null;
    this.connecting = null;
    connection?.close();
  }

  private yieldToNewer(): void {
    if (this.closed) return;
    this.close();
    for (const listener of this.supersededListeners) listener();
  }
}

async function attemptOn<S extends Store[], M extends Mode, T>(
  connection: Connection,
  stores: [...S],
  mode: M,
  durability: IDBTransactionDurability,
  work: (transaction: Transaction<S, M>) => Promise<T>,
): Promise<T> {
  let transaction: Transaction<S, M>;
  try {
    transaction = connection.transaction(stores, mode, { durability });
  } catch (error) {
    if (nameOf(error) === 'InvalidStateError') throw new ConnectionLost('closed', { cause: error });
    throw asStorageError(error);
  }
  const done = transaction.done;
  done.catch(() => undefined);
  try {
    const result = await work(transaction);
    await done;
    return result;
  } catch (thrown) {
    // A request of an aborted transaction says only that; the transaction knows why.
    const error = nameOf(thrown) === 'AbortError' && transaction.error ? transaction.error : thrown;
    const lost = ['InvalidStateError', 'UnknownError', 'AbortError'].includes(nameOf(error));
    try {
      transaction.abort();
      await done.catch(() => undefined);
    } catch {
      // It is over already.
    }
    if (lost) throw new ConnectionLost('dropped', { cause: error });
    throw asStorageError(error);
  }
}

function nameOf(error: unknown): string {
  return error instanceof DOMException ? error.name : '';
}
