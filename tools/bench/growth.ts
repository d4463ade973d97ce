import { countParameters, parameterShapes } from '../../src/model/parameters';
import { llamaConfig } from '../../tests/bench/models';
import type { ModelSize } from '../../tests/bench/work';
import type { ProgressLine } from '../terminal';
import { takeTurns } from './measure';
import type { BenchOptions } from './options';
import { CONTENDER_NAMES, type Venue } from './realms';
import type { Spread } from './spread';
import { megabytes, seconds, table } from './table';

/** One size of one dimension, with everything else as it is. */
export interface GrowthPoint {
  /** Millions of parameters, positions of a row, or rows. */
  at: number;
  seconds: Record<string, Spread>;
  peak_bytes: Record<string, number>;
}

export interface GrowthReport {
  parameters: GrowthPoint[];
  context: GrowthPoint[];
  batch: GrowthPoint[];
}

const size = (layers: number, width: number): ModelSize => ({ layers, width, heads: 4, vocabulary: 512, context: 64 });

const SMALL = size(3, 64);

/** Of the lab's own architecture: about 0.1, 0.3, 1 and 3 million parameters; then context and batch of a small one. */
const SERIES: Record<keyof GrowthReport, { size: ModelSize; batch: number }[]> = {
  parameters: [size(3, 48), size(3, 80), size(5, 128), size(6, 192)].map((model) => ({ size: model, batch: 8 })),
  context: [32, 64, 128, 256].map((context) => ({ size: { ...SMALL, context }, batch: 4 })),
  batch: [4, 8, 16, 32].map((batch) => ({ size: SMALL, batch })),
};

const CONTENDERS = ['ours', 'tfjs'] as const;
const ROUNDS = 3;

const millionsOf = (model: ModelSize): number =>
  countParameters([...parameterShapes(llamaConfig(model)).values()].map((shape) => ({ shape }))) / 1e6;

/** (d): training steps of ours and of plain tfjs at growing sizes, each in fresh realms: a pool of buffers remembers every size that it has seen. */
export async function benchGrowth(venue: Venue, { rounds, quick }: BenchOptions, line: ProgressLine): Promise<GrowthReport> {
  const report: GrowthReport = { parameters: [], context: [], batch: [] };
  for (const [series, all] of Object.entries(SERIES) as [keyof GrowthReport, (typeof SERIES)[keyof GrowthReport]][])
    for (const { size: model, batch } of quick ? all.slice(0, 2) : all) {
      const at = { parameters: millionsOf(model), context: model.context, batch }[series];
      const realms = [];
      for (const contender of CONTENDERS) realms.push(await venue.open(contender));
      const turns = realms.map((realm) => ({ name: CONTENDER_NAMES[realm.contender], realm, work: { kind: 'train', architecture: 'llama', size: model, batch } as const }));
      const measured = await takeTurns(`growth with ${series}`, turns, { warmUp: 1, rounds: Math.min(rounds, ROUNDS) }, line);
      for (const realm of realms) await realm.close();
      const of = <T>(read: (one: (typeof measured)[number]) => T) => Object.fromEntries(CONTENDERS.map((name, i) => [name, read(measured[i])]));
      report[series].push({ at, seconds: of((one) => one.seconds), peak_bytes: of(({ samples }) => samples.at(-1)!.peakBytes) });
    }
  line.say('\n(d) How a training step of the lab’s own architecture grows (time of ours and of plain tfjs; most memory at once):');
  const header = ['', 'ours', 'plain tfjs', 'ours', 'plain tfjs'];
  const units: Record<keyof GrowthReport, (at: number) => string> = {
    parameters: (at) => `${at.toFixed(2)} M parameters, 8 × 64`,
    context: (at) => `${millionsOf(SMALL).toFixed(2)} M parameters, 4 × ${at}`,
    batch: (at) => `${millionsOf(SMALL).toFixed(2)} M parameters, ${at} × 64`,
  };
  const rows = (Object.keys(SERIES) as (keyof GrowthReport)[]).flatMap((series) =>
    report[series].map((point) => [
      units[series](point.at),
      ...CONTENDERS.map((name) => seconds.time(point.seconds[name].median)),
      ...CONTENDERS.map((name) => megabytes(point.peak_bytes[name])),
    ]),
  );
  line.say(table([header, ...rows]));
  return report;
}
