import { describe, expect, it } from 'vitest';
import { roughDuration } from '../../../src/app/controls/wording';
import { adviseOn } from '../../../src/app/settings/estimateWords';
import { asText, machineFacts } from '../../../src/app/shell/machineWords';
import type { AdapterDescription, Estimate } from '../../../src/lab/protocol';

const GPU: AdapterDescription = {
  backend: 'webgpu',
  name: 'SwiftShader',
  slow: true,
  refused: [],
  limits: { maxBufferSize: 2 ** 30, maxStorageBufferBindingSize: 2 ** 27 },
  trial: {
    speed: { flopsPerSecond: 4.12e9, secondsPerLaunch: 5.3e-5, secondsPerProgram: 0.1 },
    variants: { product: 'quads', rowThreads: 1 },
    times: { product: { quads: 0.0012, tiles: 0.0034 }, rowThreads: { 1: 0.0009, 32: 0.002 } },
  },
};
const WASM: AdapterDescription = { backend: 'wasm', name: 'WebAssembly on the processor', slow: true, refused: ['This browser has no WebGPU.'], limits: null, trial: { speed: { flopsPerSecond: 3e10, secondsPerLaunch: 1e-5, secondsPerProgram: 0.1 } } };

const SMALL: Estimate = { bytes: 183e6, largest: 8e6, limit: 134e6, seconds: 251, timed: 'runs', smaller: [] };
const advise = (changes: Partial<Estimate>, adapter = GPU, memory: number | undefined = 8) => adviseOn({ ...SMALL, ...changes }, adapter, '60 iterations', memory);

it('an estimated time is said as people say it', () => {
  expect([0.4, 8, 70, 200, 251, 1700, 5000, 90_000].map(roughDuration)).toEqual(['1 second', '10 seconds', '1 minute', '3 minutes', '4 minutes', '30 minutes', '1½ hours', '1 day']);
  expect(roughDuration(1e9)).toBe('more than a month');
});

describe('what is said before a run', () => {
  it('is one quiet sentence where nothing is wrong', () => {
    expect(advise({})).toEqual({ sentence: 'About 180 MB of graphics memory, and about 4 minutes for 60 iterations on SwiftShader.', worries: [], refused: false });
  });

  it('does not make a trial look like experience', () => {
    expect(advise({ timed: 'trial' }).sentence).toBe('About 180 MB of graphics memory, and very roughly 4 minutes for 60 iterations on SwiftShader.');
  });

  it('says nothing of graphics memory where there is none', () => {
    expect(advise({ bytes: 9e9, limit: null }, WASM)).toEqual({ sentence: 'It takes about 4 minutes for 60 iterations on WebAssembly on the processor.', worries: [], refused: false });
  });

  it('says that a buffer is too large, and what would fit', () => {
    const { worries, refused } = advise({
      largest: 201e6,
      smaller: [
        { change: { microbatchSize: 8 }, bytes: 100e6, largest: 50.3e6, seconds: 251 },
        { change: { tune: 'lora' }, bytes: 150e6, largest: 201e6, seconds: 240 },
      ],
    });
    expect(refused).toBe(true);
    expect(worries).toEqual(['It cannot start here: a single piece of its memory would be 200 MB, and this device allows 130 MB in one. With “texts in one pass” at 8 it brings it to 50 MB.']);
  });

  it('warns of memory that may run out, without claiming to know', () => {
    const smaller: Estimate['smaller'] = [{ change: { tune: 'lora' }, bytes: 1.1e9, largest: 8e6, seconds: 251 }];
    const [worry] = advise({ bytes: 2.5e9, smaller }).worries;
    expect(worry).toMatch(/^That may be more memory than the graphics device has free; no page can ask it\./);
    expect(worry).toMatch(/Training an adapter \(LoRA\) alone needs about 1\.1 GB\.$/);
    // The same on a machine with less, and none where it is a small share.
    expect(advise({ bytes: 1.2e9 }, GPU, 4).worries).toHaveLength(1);
    expect(advise({ bytes: 1.2e9 }, GPU, 8).worries).toEqual([]);
    expect(advise({ bytes: 1.2e9 }, GPU, undefined).worries).toEqual([]);
  });

  it('says of a long run how it could be shorter', () => {
    const smaller: Estimate['smaller'] = [
      { change: { microbatchSize: 8 }, bytes: 100e6, largest: 8e6, seconds: 4100 },
      { change: { responseLength: 12 }, bytes: 100e6, largest: 8e6, seconds: 2000 },
    ];
    expect(advise({ seconds: 4000, smaller }).worries).toEqual(['That is long. You can pause at any time, and go on another day. With responses of 12 tokens it takes about 30 minutes.']);
    expect(advise({ seconds: 1500, smaller }).worries).toEqual([]);
    expect(advise({ seconds: 4000 }).worries[0]).toContain('A smaller model');
  });
});

describe('what is said of the machine', () => {
  it('names the programs that were chosen, by what they took', () => {
    const facts = new Map(machineFacts(GPU, 76.2e6, 8));
    expect(facts.get('Adapter')).toBe('SwiftShader');
    expect(facts.get('Computes by')).toBe('WebGPU, on the processor');
    expect(facts.get('Matrix products')).toBe('by quads of threads, 1.2 ms in a trial (by tiles 3.4 ms)');
    expect(facts.get('Sums along rows')).toBe('one thread a row, 900 µs in a trial (32 threads a row 2 ms)');
    expect(facts.get('Speed in matrix products')).toBe('4.1 GFLOP/s');
    expect(facts.get('Cost of a launch')).toBe('53 µs');
    expect(facts.get('Largest buffer')).toBe('1.1 GB');
    expect(facts.get('Graphics memory held now')).toBe('76.2 MB');
    expect(facts.get('Memory of the machine')).toBe('about 8 GB, as the browser rounds it');
  });

  it('leaves out what there is not, and says why a better backend was not taken', () => {
    const facts = machineFacts(WASM, 0, undefined);
    expect(facts.map(([name]) => name)).toEqual(['Adapter', 'Computes by', 'Not used', 'Speed in matrix products', 'Cost of a launch']);
    expect(asText(facts)).toContain('Not used: This browser has no WebGPU.\nSpeed in matrix products: 30 GFLOP/s');
  });
});
