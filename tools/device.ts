import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { startBackend, type Adapter, type BackendName } from '../src/tensor/backend';
import { openDawn } from './dawn';

/** Start a device in Node: the one asked for, else the best there is. */
export function startDevice(prefer?: BackendName): Promise<Adapter> {
  const wasm = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json');
  return startBackend({ prefer, gpu: openDawn(), wasmFolder: join(dirname(wasm), 'wasm-out/') });
}
