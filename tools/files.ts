import { renameSync, writeFileSync } from 'node:fs';

/** Write a file so that it is never seen half-written, whatever stops the process. */
export function writeWhole(path: string, content: string | Uint8Array): void {
  writeFileSync(`${path}.part`, content);
  renameSync(`${path}.part`, path);
}
