import { beforeAll, describe } from 'vitest';
import { startBackend, type BackendName } from '../../../src/tensor/backend';
import { checkAdamW } from './adamWChecks';
import { WASM_FOLDER } from './wasmFolder';

describe.each<BackendName>(['cpu', 'wasm'])('AdamW on %s', (prefer) => {
  beforeAll(async () => void (await startBackend({ prefer, wasmFolder: WASM_FOLDER })), 60_000);
  checkAdamW();
});
