import type { AdapterDescription } from '../../lab/protocol';
import { bytes } from '../controls/wording';

/** A fact of the machine: what it is, and its value in words. */
export type Fact = readonly [name: string, value: string];

const BACKENDS: Record<AdapterDescription['backend'], string> = { webgpu: 'WebGPU', wasm: 'WebAssembly', cpu: 'JavaScript' };
const PRODUCTS = { quads: 'by quads of threads', tiles: 'by tiles' };

/** What the lab knows of the machine that it computes on, for a person who asks or reports a fault. */
export function machineFacts(adapter: AdapterDescription, heldBytes: number, memory: number | undefined): Fact[] {
  const { backend, name, slow, refused, trial, limits } = adapter;
  const { speed, variants, times } = trial;
  const facts: Fact[] = [
    ['Adapter', name],
    ['Computes by', `${BACKENDS[backend]}${slow ? ', on the processor' : ''}`],
  ];
  if (refused.length > 0) facts.push(['Not used', refused.join(' ')]);
  if (variants) {
    facts.push(['Matrix products', compared(PRODUCTS, variants.product, times?.product)]);
    facts.push(['Sums along rows', compared({ 1: 'one thread a row', 32: '32 threads a row' }, variants.rowThreads, times?.rowThreads)]);
  }
  facts.push(['Speed in matrix products', operations(speed.flopsPerSecond)], ['Cost of a launch', duration(speed.secondsPerLaunch)]);
  if (limits) facts.push(['Largest buffer', bytes(limits.maxBufferSize)], ['Largest buffer in a program', bytes(limits.maxStorageBufferBindingSize)]);
  if (backend === 'webgpu') facts.push(['Graphics memory held now', bytes(heldBytes)]);
  if (memory !== undefined) facts.push(['Memory of the machine', `about ${memory} GB, as the browser rounds it`]);
  return facts;
}

export const asText = (facts: readonly Fact[]): string => facts.map(([name, value]) => `${name}: ${value}`).join('\n');

/** The choice in words, with its time in the trial and that of what it was chosen over. */
function compared<C extends string | number>(words: Record<C, string>, chosen: C, times: Partial<Record<C, number>> | undefined): string {
  const time = times?.[chosen];
  if (time === undefined) return words[chosen];
  const others = (Object.entries(times!) as [string, number | undefined][])
    .filter(([choice, seconds]) => choice !== String(chosen) && seconds !== undefined)
    .map(([choice, seconds]) => `${words[choice as C]} ${duration(seconds!)}`);
  return `${words[chosen]}, ${duration(time)} in a trial${others.length ? ` (${others.join(', ')})` : ''}`;
}

function duration(seconds: number): string {
  return seconds < 1e-3 ? `${Number((seconds * 1e6).toPrecision(2))} µs` : `${Number((seconds * 1e3).toPrecision(2))} ms`;
}

function operations(perSecond: number): string {
  const [size, unit] = perSecond >= 1e12 ? [1e12, 'TFLOP/s'] : [1e9, 'GFLOP/s'];
  return `${Number((perSecond / size).toPrecision(2))} ${unit}`;
}
