import { createRequire } from 'node:module';
import { dirname } from 'node:path';

/** Where Node finds tfjs's .wasm files. */
export const WASM_FOLDER = `${dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json'))}/wasm-out/`;
