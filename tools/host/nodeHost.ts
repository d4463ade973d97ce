import 'fake-indexeddb/auto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandMessage } from '../../src/lab/protocol';
import { LabClient, type LabPort } from '../../src/lab/client';
import { Lab } from '../../src/lab/lab';
import { Database } from '../../src/store/database';
import { openDawn } from '../dawn';
import { dumpDatabase, restoreDatabase } from './databaseFile';
import type { LabHost } from './labHost';

const PUBLIC = join(import.meta.dirname, '../../public');

/**
 * A lab in this process, on Dawn. Its database lives in memory and is
 * written to a file after every command and every checkpoint.
 */
export async function openNodeHost(out: string): Promise<LabHost> {
  // Opening makes the stores that the folder's records go into.
  (await Database.open()).close();
  await restoreDatabase(out);

  let deliver: (message: { data: never }) => void = () => undefined;
  const lab = new Lab({ assets: (path) => readFile(join(PUBLIC, path)), gpu: openDawn() }, (event) => deliver({ data: event as never }));
  const port: LabPort = {
    postMessage: (message) => void lab.handle(message as CommandMessage),
    addEventListener: (type: string, listener: (event: never) => void) => {
      if (type === 'message') deliver = listener as typeof deliver;
    },
  };
  const client = new LabClient(port);

  let dumping: Promise<void> = Promise.resolve();
  const dump = () => (dumping = dumping.then(() => dumpDatabase(out)));
  let checkpointEvery = Infinity;
  client.on('iteration', ({ iteration }) => {
    if (iteration % checkpointEvery === 0) dump().catch((error: Error) => console.error(`The checkpoint could not be written: ${error.message}`));
  });
  return {
    name: `Node ${process.version}`,
    async send(type, args, onProgress) {
      if (type === 'play') checkpointEvery = (await client.send('history', { runId: (args as { runId: string }).runId })).run.settings.checkpointEvery;
      const result = await client.send(type, args, onProgress);
      await dump();
      return result;
    },
    on: (type, listener) => void client.on(type, listener),
    close: () => dumping,
  };
}
