import type { MediaType } from '../../feedback/judgement';
import { HEAD_BYTES, kindOf, sniffMedia } from '../../feedback/mediaType';
import { mediaIdOf, mediaTypeOf, UnfitMediaError } from '../../store/media';

/** A file of which everything is known that its items need. */
export interface MediaFile {
  id: string;
  type: MediaType;
  name: string;
  bytes: Blob;
}

// A film that says nothing of itself for so long will not be judged either.
const PATIENCE_MS = 10_000;

/** Whether somebody means a file as a picture, a sound or a film: it is one, or it is called one. */
export async function meansMedia(file: File): Promise<boolean> {
  if (/^(image|audio|video)\//.test(file.type)) return true;
  const head = await file.slice(0, HEAD_BYTES).arrayBuffer().catch(() => new ArrayBuffer(0));
  return sniffMedia(new Uint8Array(head)) !== null;
}

/**
 * Look at a file as closely as its items will.
 * @throws UnfitMediaError where it cannot be kept, or this browser cannot show it
 */
export async function readMediaFile(file: File): Promise<MediaFile> {
  const type = await mediaTypeOf(file);
  const bytes = file.slice(0, file.size, type);
  await (kindOf(type) === 'image' ? decodeImage(bytes) : decodeSound(bytes, type));
  return { id: await mediaIdOf(bytes), type, name: file.name.slice(0, 200), bytes };
}

async function decodeImage(bytes: Blob): Promise<void> {
  try {
    (await createImageBitmap(bytes)).close();
  } catch (error) {
    throw new UnfitMediaError('This browser cannot show it: it is damaged or cut short.', { cause: error });
  }
}

/** A player that knows how long it lasts can play it. */
async function decodeSound(bytes: Blob, type: MediaType): Promise<void> {
  const player = document.createElement(kindOf(type) === 'audio' ? 'audio' : 'video');
  const address = URL.createObjectURL(bytes);
  try {
    await new Promise<void>((resolve, reject) => {
      player.onloadedmetadata = () => resolve();
      player.onerror = () => reject(new UnfitMediaError('This browser cannot play it: it is damaged, or of a kind that the browser does not know.'));
      setTimeout(() => reject(new UnfitMediaError('This browser could not make sense of it within ten seconds.')), PATIENCE_MS);
      player.preload = 'metadata';
      player.src = address;
    });
  } finally {
    player.removeAttribute('src');
    URL.revokeObjectURL(address);
  }
}
