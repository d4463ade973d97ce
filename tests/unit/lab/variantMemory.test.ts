import { expect, it } from 'vitest';
import { recallVariants, rememberVariants } from '../../../src/lab/variantMemory';
import { writeSetting } from '../../../src/store/settings';
import { freshStorage } from '../store/freshStorage';

const storage = freshStorage();

it('remembers what was found fastest, by adapter, and takes a record that it does not know for none', async () => {
  const database = await storage.open();
  expect(await recallVariants(database, 'one')).toBeNull();
  await rememberVariants(database, 'one', { product: 'quads', rowThreads: 1 });
  expect(await recallVariants(database, 'one')).toEqual({ product: 'quads', rowThreads: 1 });
  expect(await recallVariants(database, 'another')).toBeNull();
  await writeSetting(database, 'variants of one', { product: 'magic', rowThreads: 7 });
  expect(await recallVariants(database, 'one')).toBeNull();
});
