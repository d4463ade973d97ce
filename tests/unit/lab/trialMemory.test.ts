import { expect, it } from 'vitest';
import { recallTrial, rememberTrial } from '../../../src/lab/trialMemory';
import type { Trial } from '../../../src/tensor/backend';
import { writeSetting } from '../../../src/store/settings';
import { freshStorage } from '../store/freshStorage';

const storage = freshStorage();

it('remembers what was found of an adapter, by its name, and takes a record that it does not know for none', async () => {
  const database = await storage.open();
  expect(await recallTrial(database, 'one')).toBeNull();
  const trial: Trial = { speed: { flopsPerSecond: 4e9, secondsPerLaunch: 5e-5, secondsPerProgram: 0.1 }, variants: { product: 'quads', rowThreads: 1 }, times: { product: { tiles: 0.002, quads: 0.001 }, rowThreads: { 1: 0.001, 32: 0.003 } } };
  await rememberTrial(database, 'one', trial);
  expect(await recallTrial(database, 'one')).toEqual(trial);
  expect(await recallTrial(database, 'another')).toBeNull();
  await writeSetting(database, 'trial of one', { ...trial, variants: { product: 'magic', rowThreads: 7 } });
  expect(await recallTrial(database, 'one')).toBeNull();
});
