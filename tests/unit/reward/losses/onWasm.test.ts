import { WASM_FOLDER } from '../../tensor/wasmFolder';
import { describeEveryLoss } from './everyLoss';

describeEveryLoss({ prefer: 'wasm', wasmFolder: WASM_FOLDER });
