/*
 * What can go wrong with the browser's storage, each as a sentence for the
 * person: what happened, what was kept, what to do.
 */

/** Base of every error of the store; `cause` is the browser's own. */
export class StorageError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StorageError';
  }
}

/** The disk, or the share of it that this site may use, is full. The change was not saved; the caller still holds it. */
export class StorageFullError extends StorageError {
  constructor(options?: ErrorOptions) {
    super(
      'The browser has no room left for this site, so the last change was not saved. Everything saved before is still here. ' +
        'Export what you want to keep, delete a run or a model in the library, then try again.',
      options,
    );
    this.name = 'StorageFullError';
  }
}

/** The browser offers no IndexedDB here (some private windows, or storage switched off). */
export class StorageUnavailableError extends StorageError {
  constructor(options?: ErrorOptions) {
    super(
      'This browser window does not let the lab store anything. Nothing can be kept after the window closes; ' +
        'a normal (not private) window, or allowing site data for this page, helps.',
      options,
    );
    this.name = 'StorageUnavailableError';
  }
}

/** Another tab holds an older layout of the database open. */
export class DatabaseBlockedError extends StorageError {
  constructor() {
    super('Another tab of this lab is open with an older version and keeps its storage busy. Close the other tab, then try again. Nothing was lost.');
    this.name = 'DatabaseBlockedError';
  }
}

/** The database was written by a newer version of the lab than this page. */
export class DatabaseTooNewError extends StorageError {
  constructor(options?: ErrorOptions) {
    super('What is stored here was written by a newer version of the lab. Reload the page to get that version. Nothing was changed.', options);
    this.name = 'DatabaseTooNewError';
  }
}

/** This tab has given the database up, for a newer version in another tab or because it was closed. */
export class DatabaseClosedError extends StorageError {
  constructor() {
    super('A newer version of the lab was opened in another tab, and this one let go of the storage. Reload this page to go on. Everything saved is kept.');
    this.name = 'DatabaseClosedError';
  }
}

/** A record that the caller asked for is not there (any more). */
export class NotFoundError extends StorageError {
  constructor(
    readonly kind: 'model' | 'dataset' | 'run' | 'checkpoint' | 'weights' | 'file',
    readonly id: string,
  ) {
    super(`There is no ${kind} ${JSON.stringify(id)} in this browser. It may have been deleted in another tab.`);
    this.name = 'NotFoundError';
  }
}

/** The typed error for what the browser threw; errors that are typed already pass through. */
export function asStorageError(error: unknown): unknown {
  if (!(error instanceof DOMException)) return error;
  if (error.name === 'QuotaExceededError') return new StorageFullError({ cause: error });
  if (error.name === 'VersionError') return new DatabaseTooNewError({ cause: error });
  if (error.name === 'SecurityError') return new StorageUnavailableError({ cause: error });
  return new StorageError(
    `The browser's storage failed (${error.name}: ${error.message}). The last change was not saved; everything saved before is kept. Try again, or reload the page.`,
    { cause: error },
  );
}
