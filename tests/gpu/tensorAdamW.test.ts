import { beforeAll, describe } from 'vitest';
import { startBackend } from '../../src/tensor/backend';
import { checkAdamW } from '../unit/tensor/adamWChecks';

describe('AdamW on WebGPU', () => {
  beforeAll(async () => void (await startBackend({ prefer: 'webgpu' })));
  checkAdamW();
});
