import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tinyModelFiles } from './tinyModelFiles';

/** Writes the tiny model below a site's folder and lists it as its only one. */
export function placeTinyModel(site: string, name = 'tiny'): void {
  for (const [path, content] of tinyModelFiles(name)) {
    const file = join(site, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}
