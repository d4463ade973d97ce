import type { Decoder } from './judgedImages';

/** What the lab needs of the place where it runs; a worker and Node each bring their own. */
export interface LabEnvironment {
  /** Bytes of a file that the lab ships, by its path below the page's base, such as `models/index.json`. Rejects when it cannot be had. */
  assets(path: string): Promise<Uint8Array>;
  /** WebGPU's entry point where `navigator.gpu` is not it. */
  gpu?: GPU;
  /** What opens image files where there is no browser that does. */
  decodeImage?: Decoder;
  /** Where the wasm backend's files are, with a slash at the end. */
  wasmFolder?: string;
}
