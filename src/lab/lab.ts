import { countComparisons, createDataset, listDatasets } from '../store/datasets';
import { Database } from '../store/database';
import { listModels } from '../store/models';
import { getRun, listMetrics, listRuns } from '../store/runs';
import { gpuBytes, type Adapter } from '../tensor/backend';
import { Device } from './device';
import { tuneOnPreferences } from './dpoJob';
import type { LabEnvironment } from './environment';
import { estimateReward, estimateRun, refuseTooLarge } from './estimateJob';
import { LabFailure, notStarted } from './failure';
import { evaluateRun } from './evaluateJob';
import { imagePixels } from './imagePixels';
import { readImageRewardSettings, scoreImages, trainImageReward } from './imageRewardJob';
import type { Decoder } from './judgedImages';
import { labelWithRule } from './labelJob';
import { tuneByValues } from './ilqlJob';
import { drawLearningCurve } from './learningCurveJob';
import { exportModel, importModel } from './modelFiles';
import { ModelShelf } from './modelShelf';
import { nextTokens } from './nextTokensJob';
import type { CommandMessage, CommandName, Commands, Event, Result } from './protocol';
import { compareTexts } from './compareJob';
import { compareRewards } from './compareRewardsJob';
import { readPpoSettings } from './ppoSchema';
import { sampleReference, usualSampling } from './referenceTexts';
import { rankOpen } from './rankJob';
import { readRewardSettings, trainReward } from './rewardJob';
import { exportRun, importRun } from './runArchive';
import { RunDesk } from './runDesk';
import { sampleComparisons } from './samplingJob';
import { scoreSamples } from './samplesJob';
import { scoreItems } from './scoreJob';
import { trainOnExamples } from './sftJob';
import { listShipped } from './shippedModels';
import { recallTrial, rememberTrial } from './trialMemory';
import { LAB_VERSION } from './version';
import { Work } from './work';
import { writeTexts } from './writeJob';

type Handlers = { [N in CommandName]: (args: Commands[N]['args'], work: Work) => Promise<Result<N>> };

/**
 * The conductor: takes commands, does them one at a time on the device, and
 * says what happens in events. It knows no page and no worker; the worker and
 * `npm run loop` bring the environment.
 */
export class Lab {
  private readonly device: Device;
  private readonly underWay = new Map<number, Work>();
  private opening: Promise<Desk> | null = null;

  constructor(
    private readonly environment: LabEnvironment,
    private readonly emit: (event: Event) => void,
  ) {
    this.device = new Device(environment, (loss) => emit({ type: 'deviceLost', ...loss }), {
      recall: (name) => this.desk().then(({ database }) => recallTrial(database, name)).catch(() => null),
      remember: (name, trial) => this.desk().then(({ database }) => rememberTrial(database, name, trial)).catch(() => undefined),
    });
  }

  /** Do one command. Its reply, good or bad, is an event; this never rejects. */
  async handle(message: CommandMessage): Promise<void> {
    const { id, type, ...args } = message;
    const work = new Work(id, this.emit);
    this.underWay.set(id, work);
    try {
      const handler = Object.hasOwn(this.handlers, type) ? this.handlers[type] : undefined;
      if (!handler) throw new LabFailure('BadCommand', `The lab has no command ${JSON.stringify(type)}.`);
      const result = await (handler as (args: unknown, work: Work) => Promise<Result<CommandName>>)(args, work);
      this.emit({ type: 'reply', to: id, ok: true, result });
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      this.emit({ type: 'reply', to: id, ok: false, error: { name, message } });
    } finally {
      this.underWay.delete(id);
    }
  }

  private readonly handlers: Handlers = {
    start: async ({ prefer }) => {
      const adapter = await this.device.start(prefer);
      const { runs } = await this.desk();
      await runs.recover();
      return { adapter, shipped: await listShipped(this.environment.assets), version: LAB_VERSION };
    },

    write: async (args, work) => this.short(work, ({ shelf }) => writeTexts(shelf, args)),
    score: async (args, work) => this.short(work, ({ shelf }) => scoreItems(shelf, args)),
    scoreImages: async (args, work) => this.short(work, ({ database, shelf }) => scoreImages(database, shelf, this.decoder, args, work)),
    rankOpen: async (args, work) => this.short(work, (desk) => rankOpen(desk, args, work)),
    sampleReference: async ({ modelId, count, seed }, work) =>
      this.short(work, async ({ shelf }) => {
        const model = await shelf.language(modelId);
        return { texts: await sampleReference(model, { ...usualSampling(model.tokenizer), count, seed }, work) };
      }),
    compare: async (args, work) => this.short(work, (desk) => compareTexts(desk, args, work)),

    sampleComparisons: (args, work) => {
      // Done again after a loss, it goes on from what was kept, to where the first try would have ended.
      let begin: number | undefined;
      return this.long(work, async ({ database, shelf }) => {
        begin ??= await countComparisons(database, args.datasetId);
        return sampleComparisons(database, shelf, args, begin, work);
      });
    },
    trainReward: (args, work) => {
      const checked = { ...args, settings: readRewardSettings(args.settings) };
      return this.long(work, async (desk) => {
        refuseTooLarge(await estimateReward(desk, this.startedAdapter(), checked));
        return trainReward(desk.database, desk.shelf, checked, work);
      });
    },
    trainImageReward: (args, work) => {
      const checked = { ...args, settings: readImageRewardSettings(args.settings) };
      return this.long(work, ({ database }) => trainImageReward(database, this.decoder, checked, work));
    },
    learningCurve: (args, work) => {
      const checked = { ...args, settings: readRewardSettings(args.settings) };
      return this.long(work, async (desk) => {
        // No part of the labels asks for more than all of them.
        refuseTooLarge(await estimateReward(desk, this.startedAdapter(), checked));
        return drawLearningCurve(desk, checked, work);
      });
    },
    compareRewards: (args, work) => this.long(work, (desk) => compareRewards(desk, args, work)),
    tuneOnPreferences: (args, work) => {
      // Done again after a loss, it goes on from where the first try last stood.
      const kept = {};
      return this.long(work, (desk) => tuneOnPreferences(desk, args, kept, work));
    },
    tuneByValues: (args, work) => {
      const kept = {};
      return this.long(work, (desk) => tuneByValues(desk, args, kept, work));
    },
    trainOnExamples: (args, work) => {
      const kept = {};
      return this.long(work, (desk) => trainOnExamples(desk, args, kept, work));
    },
    evaluate: (args, work) => this.long(work, (desk) => evaluateRun(desk, args, work)),
    nextTokens: (args, work) => this.long(work, (desk) => nextTokens(desk, args, work)),
    scoreSamples: (args, work) => this.long(work, (desk) => scoreSamples(desk, args, work)),

    createDataset: async (args) => ({ datasetId: (await createDataset((await this.desk()).database, args)).id }),
    labelWithRule: async (args, work) => labelWithRule((await this.desk()).database, args, work),

    estimateRun: async (args) => estimateRun(await this.desk(), this.startedAdapter(), { ...args, settings: readPpoSettings(args.settings) }),
    estimateReward: async (args) => estimateReward(await this.desk(), this.startedAdapter(), { ...args, settings: readRewardSettings(args.settings) }),
    machine: async () => ({ adapter: this.device.adapter, heldBytes: gpuBytes() }),

    createRun: async (args, work) => (await this.desk()).runs.create(args, work),
    repeatRun: async (args) => (await this.desk()).runs.repeat(args),
    play: async (args, work) => ({ run: await (await this.desk()).runs.play(args, work) }),
    step: async (args, work) => ({ run: await (await this.desk()).runs.step(args, work) }),
    pause: async ({ runId }) => ({ run: await (await this.desk()).runs.pause(runId) }),
    stop: async ({ runId }) => ({ run: await (await this.desk()).runs.stop(runId) }),
    rollback: async ({ runId }) => ({ run: await (await this.desk()).runs.rollBack(runId) }),
    history: async ({ runId }) => {
      const { database } = await this.desk();
      const [run, metrics] = await Promise.all([getRun(database, runId), listMetrics(database, runId)]);
      return { run, metrics };
    },

    keepPolicy: async (args) => (await this.desk()).runs.keepPolicy(args),
    library: async () => {
      const { database } = await this.desk();
      const [datasets, models, runs] = await Promise.all([listDatasets(database), listModels(database), listRuns(database)]);
      return { datasets, models, runs };
    },
    exportModel: async ({ modelId }) => ({ files: await exportModel(await this.desk(), modelId) }),
    importModel: async (args) => importModel((await this.desk()).database, args),
    exportRun: async ({ runId }) => ({ archive: await exportRun((await this.desk()).database, runId) }),
    importRun: async ({ archive }) => {
      const { database, shelf } = await this.desk();
      return { runId: await importRun(database, shelf, archive) };
    },

    cancel: async ({ command }) => {
      this.underWay.get(command)?.cancel();
      return {};
    },
  };

  private get decoder(): Decoder {
    return this.environment.decodeImage ?? imagePixels;
  }

  private startedAdapter(): Adapter {
    const { adapter } = this.device;
    if (!adapter) throw notStarted();
    return adapter;
  }

  /** Work that a playing run lets in between two of its iterations. */
  private async short<T>(work: Work, job: (desk: Desk) => Promise<T>): Promise<T> {
    const desk = await this.desk();
    return this.alone(work, () => job(desk));
  }

  /** Work that takes the device for minutes: refused while a run plays, else it waits for its turn. */
  private async long<T>(work: Work, job: (desk: Desk) => Promise<T>): Promise<T> {
    const desk = await this.desk();
    desk.runs.refuseWhilePlaying();
    return this.alone(work, () => job(desk));
  }

  /** Such work keeps nothing on the device, so after a loss it is simply done again. */
  private alone<T>({ signal }: Work, job: () => Promise<T>): Promise<T> {
    return this.device.persist(() => this.device.take(job, { signal }));
  }

  /** What jobs work on; opened at the first need, and again after a failure. */
  private desk(): Promise<Desk> {
    return (this.opening ??= this.open().catch((error) => {
      this.opening = null;
      throw error;
    }));
  }

  private async open(): Promise<Desk> {
    const database = await Database.open();
    const shelf = new ModelShelf(database, this.environment.assets);
    const runs = new RunDesk(database, shelf, this.device, this.emit);
    return { database, shelf, runs };
  }
}

/** What the lab's jobs share. */
export interface Desk {
  database: Database;
  shelf: ModelShelf;
  runs: RunDesk;
}
