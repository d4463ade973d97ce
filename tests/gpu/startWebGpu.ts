import { startBackend, type Adapter, type Trial } from '../../src/tensor/backend';

/** What a software adapter is found to be worth. */
const KNOWN: Trial = { speed: { flopsPerSecond: 1e9, secondsPerLaunch: 1e-4, secondsPerProgram: 0.1 }, variants: { product: 'quads', rowThreads: 1 } };

/** A fresh WebGPU device that nobody needs to try first, which on a software adapter takes seconds. */
export const startWebGpu = (): Promise<Adapter> => startBackend({ prefer: 'webgpu', rememberedTrial: async () => KNOWN });

/**
 * The results of the same work on WebGPU and on the processor. All works share
 * one device of each kind: a program that two of them use is compiled once.
 */
export async function onBoth<T>(works: readonly (() => Promise<T>)[]): Promise<{ gpu: T; cpu: T }[]> {
  const all = async () => {
    const results: T[] = [];
    for (const work of works) results.push(await work());
    return results;
  };
  await startWebGpu();
  const gpu = await all();
  await startBackend({ prefer: 'cpu' });
  const cpu = await all();
  return works.map((_, i) => ({ gpu: gpu[i], cpu: cpu[i] }));
}
