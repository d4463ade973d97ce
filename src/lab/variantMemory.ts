import * as v from 'valibot';
import type { Database } from '../store/database';
import { readSetting, writeSetting } from '../store/settings';
import type { Variants } from '../tensor/variants';

export const VariantsSchema: v.GenericSchema<unknown, Variants> = v.object({
  product: v.picklist(['quads', 'tiles']),
  rowThreads: v.picklist([1, 32]),
});

const keyOf = (adapterName: string) => `variants of ${adapterName}`;

/** What was found fastest on an adapter at its first start here, or null; a record that another version wrote counts as none. */
export async function recallVariants(database: Database, adapterName: string): Promise<Variants | null> {
  const found = v.safeParse(VariantsSchema, await readSetting(database, keyOf(adapterName)));
  return found.success ? found.output : null;
}

export function rememberVariants(database: Database, adapterName: string, variants: Variants): Promise<void> {
  return writeSetting(database, keyOf(adapterName), { ...variants });
}
