import type { IDBPObjectStore, StoreNames } from 'idb';
import type { MediaType } from '../feedback/judgement';
import { HEAD_BYTES, sniffMedia } from '../feedback/mediaType';
import type { Database } from './database';
import type { MediaRecord, NudgeDatabase } from './schema';
import { StorageError } from './storageErrors';

/** In bytes. A film of some minutes fits; what is larger would fill the browser's share of the disk before anybody has judged much. */
export const LARGEST_MEDIA = 64e6;

/** A file that cannot be an item; the message says why, as a sentence about “it”. */
export class UnfitMediaError extends StorageError {
  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.name = 'UnfitMediaError';
  }
}

/**
 * The kind of a file that can be kept, by its first bytes.
 * @throws UnfitMediaError where it is empty, too large, of another kind, or cannot be read
 */
export async function mediaTypeOf(file: Blob): Promise<MediaType> {
  if (file.size === 0) throw new UnfitMediaError('It is empty.');
  if (file.size > LARGEST_MEDIA) throw new UnfitMediaError(`It has ${Math.ceil(file.size / 1e6)} MB; a file may have ${LARGEST_MEDIA / 1e6} MB here. Make it smaller, or cut it.`);
  const type = sniffMedia(new Uint8Array(await bytesOf(file.slice(0, HEAD_BYTES))));
  if (!type) throw new UnfitMediaError('Whatever its name says, its bytes are not those of a PNG, JPEG, WebP, GIF, MP3, WAV, Ogg, M4A, MP4 or WebM file.');
  return type;
}

/**
 * The name under which bytes are kept: their SHA-256 in hexadecimal.
 * @throws UnfitMediaError where they cannot be read
 * @throws StorageError on a page that came over plain http, where browsers compute no hashes
 */
export async function mediaIdOf(file: Blob): Promise<string> {
  if (!crypto.subtle) throw new StorageError('This page was opened over plain http, where the browser does not let it tell files apart. Open it over https or from this machine itself (localhost). Nothing was changed.');
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', await bytesOf(file)));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function bytesOf(file: Blob): Promise<ArrayBuffer> {
  try {
    return await file.arrayBuffer();
  } catch (error) {
    throw new UnfitMediaError('It could not be read: it was moved, changed or locked meanwhile.', { cause: error });
  }
}

/**
 * Keep files, each once however often it is given. They belong to no item yet:
 * what no item shows goes with the next dataset that is deleted.
 * @returns their ids, in the order of the files
 * @throws UnfitMediaError where one of them cannot be kept, before any is
 * @throws StorageFullError; what was kept of them until then goes again
 */
export async function addMedia(database: Database, files: readonly Blob[]): Promise<string[]> {
  const types = await Promise.all(files.map(mediaTypeOf));
  const ids: string[] = [];
  try {
    // One by one: all their bytes together may be more than a tab can hold.
    for (const [i, file] of files.entries()) ids.push(await addFile(database, file, types[i]));
  } catch (error) {
    // What could not be kept for want of room must not take room. Should even this fail, the next deletion does it.
    await sweepMedia(database).catch(() => undefined);
    throw error;
  }
  return ids;
}

async function addFile(database: Database, file: Blob, type: MediaType): Promise<string> {
  const id = await mediaIdOf(file);
  // A copy: the file on the disk may change under its handle.
  const bytes = new Blob([await bytesOf(file)], { type });
  await database.write({ stores: ['media'], durability: 'strict', changes: [] }, async (transaction) => {
    const store = transaction.objectStore('media');
    if ((await store.getKey(id)) === undefined) await store.add({ id, type, bytes });
  });
  return id;
}

/** Files by their ids, in that order. Those that are not here are left out: a dataset may have come from another browser without its files. */
export async function readMedia(database: Database, ids: readonly string[]): Promise<MediaRecord[]> {
  const found = await database.read(['media'], (transaction) => Promise.all(ids.map((id) => transaction.objectStore('media').get(id))));
  return found.filter((file) => file !== undefined);
}

/** Delete the files that no comparison of any dataset shows. */
export async function sweepMedia(database: Database): Promise<void> {
  await database.write({ stores: ['comparisons', 'media'], durability: 'relaxed', changes: [] }, removeUnshown);
}

/** A transaction over at least comparisons and media. */
interface Sweep {
  objectStore<S extends 'comparisons' | 'media'>(name: S): IDBPObjectStore<NudgeDatabase, StoreNames<NudgeDatabase>[], S, 'readwrite'>;
}

/** {@link sweepMedia} as a part of a larger change. */
export async function removeUnshown(transaction: Sweep): Promise<void> {
  const media = transaction.objectStore('media');
  const unshown = new Set(await media.getAllKeys());
  if (unshown.size === 0) return;
  // One at a time: all datasets together may be more than a tab can hold.
  for (let cursor = await transaction.objectStore('comparisons').openCursor(); cursor; cursor = await cursor.continue()) {
    for (const { mediaId } of cursor.value.attachments ?? []) unshown.delete(mediaId);
  }
  await Promise.all([...unshown].map((id) => media.delete(id)));
}
