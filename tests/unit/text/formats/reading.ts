import type { Format } from '../../../../src/text/formats/format';
import type { ImportedItem, LeftOut } from '../../../../src/text/formats/item';
import { readItems } from '../../../../src/text/formats/reading';

/** A file as a person chooses it. */
export const fileOf = (parts: BlobPart[] | string, name = ''): Blob & { name: string } => Object.assign(new Blob(typeof parts === 'string' ? [parts] : parts), { name });

export const lines = (...values: unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');

export async function itemsOf(content: BlobPart[] | string, format?: Format, onError: 'throw' | 'skip' = 'throw'): Promise<(ImportedItem | LeftOut)[]> {
  const { items } = await readItems(fileOf(content), { ...(format && { format }), onError });
  const all: (ImportedItem | LeftOut)[] = [];
  for await (const item of items) all.push(item);
  return all;
}
