import { dirname, parse } from 'node:path';
import type { Contender } from '../tests/bench/work';
import { benchDecoding, type DecodingReport } from './bench/decoding';
import { benchGrowth, type GrowthReport } from './bench/growth';
import { drawGrowth } from './bench/growthCurves';
import { longestTask } from './bench/longestTask';
import { HELP, readOptions, type BenchOptions } from './bench/options';
import { benchMemory, benchPpo, type MemoryReport, type PpoReport } from './bench/ppoIteration';
import type { RealmHost, Venue } from './bench/realms';
import { benchStore, type StoreReport } from './bench/store';
import { benchTrainStep, type TrainStepReport } from './bench/trainStep';
import { writeWhole } from './files';
import { savePicture } from './picture';
import { runTool } from './runTool';
import { duration, ProgressLine } from './terminal';

/** What `--json` writes. */
export interface BenchReport extends Partial<StoreReport> {
  adapter: string;
  host: string;
  train_step?: TrainStepReport & { llama: TrainStepReport };
  decode?: DecodingReport;
  ppo_iteration?: PpoReport;
  gpu_bytes?: MemoryReport;
  /** On the processor; absent where there is no page. */
  longest_task_ms?: number;
  growth?: GrowthReport;
}

/** `npm run bench`: the engine beside plain tfjs and jax-js, and the page with much in its store, on this machine. */
async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') return console.log(HELP);
  const started = performance.now();
  const line = new ProgressLine();
  const report = options.parts.some((part) => part !== 'store') ? await benchEngine(options, line) : undefined;
  const stored = options.parts.includes('store') ? await benchStore(options.quick, line) : undefined;
  if (options.json) writeWhole(options.json, `${JSON.stringify({ ...report, ...stored }, null, 2)}\n`);
  line.say(`\n${duration((performance.now() - started) / 1000)} in all.`);
}

async function benchEngine(options: BenchOptions, line: ProgressLine): Promise<BenchReport> {
  // Loaded only where asked for: Dawn is large, and so is a bundler.
  const venue = options.node ? (await import('./bench/nodeVenue')).openNodeVenue() : await (await import('./bench/chromiumVenue')).openChromiumVenue();
  try {
    const report = await bench(venue, options, line);
    if (options.picture) line.say(`Drawn: ${await savePicture(drawGrowth(report.growth!, `${report.adapter}, ${report.host}`), dirname(options.picture), parse(options.picture).name)}.`);
    return report;
  } finally {
    await venue.close();
  }
}

async function bench(venue: Venue, options: BenchOptions, line: ProgressLine): Promise<BenchReport> {
  const { parts, rounds } = options;
  const realms = await openRealms(venue, parts.includes('a') ? ['ours', 'tfjs', 'jax'] : ['ours', 'tfjs'], line);
  const [ours, tfjs] = realms;
  line.say(`On ${ours.adapter}, in ${venue.name}. Times are medians with quartiles (of three repetitions or fewer, the extremes).`);
  const report: BenchReport = { adapter: ours.adapter, host: venue.name };
  if (parts.includes('a')) report.train_step = { ...(await benchTrainStep('gpt', realms, rounds, line)), llama: await benchTrainStep('llama', realms, rounds, line) };
  if (parts.includes('b')) report.decode = await benchDecoding(ours, tfjs, options, line);
  if (parts.includes('c')) {
    report.ppo_iteration = await benchPpo(ours, tfjs, rounds, line);
    report.gpu_bytes = await benchMemory(ours, options, line);
    if (venue.launch) report.longest_task_ms = (await longestTask(venue.launch, line)).processor;
  }
  if (parts.includes('d')) {
    for (const realm of realms) await realm.close();
    report.growth = await benchGrowth(venue, options, line);
  }
  return report;
}

/** Start the contenders. Without ours or the baseline there is nothing to say; jax-js does not start everywhere. */
async function openRealms(venue: Venue, contenders: readonly Contender[], line: ProgressLine): Promise<RealmHost[]> {
  const realms: RealmHost[] = [];
  for (const contender of contenders) {
    try {
      realms.push(await venue.open(contender));
    } catch (error) {
      if (contender !== 'jax') throw error;
      line.say(`jax-js is left out: ${(error as Error).message.split('\n')[0]}`);
    }
  }
  return realms;
}

await runTool(main);
