import { beforeAll, describe } from 'vitest';
import { checkAdamW } from '../unit/tensor/adamWChecks';
import { startWebGpu } from './startWebGpu';

describe('AdamW on WebGPU', () => {
  beforeAll(async () => void (await startWebGpu()));
  checkAdamW();
});
