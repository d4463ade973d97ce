import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Realm } from '../../tests/bench/realm';
import type { Contender } from '../../tests/bench/work';
import { openDawn } from '../dawn';
import type { Answer, Request } from './nodeVenue';

/* A realm in a process of its own, on Dawn: started by nodeVenue.ts, which sends it what to do. */

const PUBLIC = join(import.meta.dirname, '../../public');
const gpu = openDawn();
// Libraries look for WebGPU there and nowhere else.
if (!globalThis.navigator) Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
Object.defineProperty(globalThis.navigator, 'gpu', { value: gpu, configurable: true });
// jax-js asks it whether this is Firefox or Safari.
if (!navigator.userAgent) Object.defineProperty(navigator, 'userAgent', { value: `Node ${process.version}`, configurable: true });

const realm = new Realm();
const asset = (path: string) => readFile(join(PUBLIC, path));

async function answer(request: Request): Promise<Answer['result']> {
  if (request.call === 'start') return realm.start(process.argv[2] as Contender, { gpu, asset });
  if (request.call === 'prepare') return realm.prepare(request.work);
  if (request.call === 'run') return realm.run(request.id);
  return void realm.release(request.id);
}

process.on('message', (request: Request) => {
  answer(request).then(
    (result) => process.send!({ result } satisfies Answer),
    (error: Error) => process.send!({ error: error.stack ?? error.message } satisfies Answer),
  );
});
// Without the bench there is nothing to do; Dawn's threads would keep the process alive.
process.on('disconnect', () => process.exit(0));
