import { ruleById } from '../feedback/rules';
import { PpoTrainer, type Iteration, type Phase } from '../rl/ppo';
import type { TrainerProgress } from '../rl/checkpoint';
import { responsesPerPrompt } from '../rl/settings';
import type { Database } from '../store/database';
import { loadLatestCheckpoint, rewindRun, saveCheckpoint } from '../store/runs';
import type { CheckpointRecord, RunRecord } from '../store/schema';
import { releaseFreeBuffers } from '../tensor/storage';
import { newId } from '../feedback/identity';
import { tensorsOf, weightsOf, type ModelShelf } from './modelShelf';
import { settingsOf } from './protocol';
import { promptsOfIteration, runPrompts } from './runPrompts';
import { openScorer, type TextScorer } from './runScorer';

/** A run on the device, where its last checkpoint left it. */
export class RunSession {
  /** Awaited before each phase of an iteration. */
  onPhase: (phase: Phase) => void | Promise<void> = () => undefined;

  private constructor(
    readonly runId: string,
    /** The device's start that the tensors belong to; see `Device.generation`. */
    readonly generation: number,
    private readonly trainer: PpoTrainer,
    private readonly scorer: TextScorer,
    private readonly promptsOf: (iteration: number) => string[],
  ) {}

  /**
   * Put a run on the device. One that was cut off between checkpoints is taken
   * back to the last of them; a new one gets its first.
   */
  static async open(database: Database, shelf: ModelShelf, run: RunRecord, generation: number): Promise<RunSession> {
    const settings = settingsOf(run);
    const base = await shelf.language(run.baseModelId);
    const gold = run.goldRule === undefined ? undefined : ruleById(run.goldRule);
    const checkpoint = await loadLatestCheckpoint(database, run.id);
    const { training } = runPrompts(run);

    releaseFreeBuffers();
    // A run that nothing scores is never made.
    const scorer = (await openScorer(shelf, run, settings.ensemble, settings.promptLength + settings.responseLength))!;
    const trainer: PpoTrainer = new PpoTrainer({
      model: base,
      settings,
      seed: run.seed,
      score: (texts) => scorer.score(texts),
      gold: gold && (({ response }) => gold.gold(response)),
      onPhase: (phase) => session.onPhase(phase),
    });
    const promptsOf = (iteration: number) => promptsOfIteration(training, run.seed, iteration, settings.batchSize, responsesPerPrompt(settings));
    const session: RunSession = new RunSession(run.id, generation, trainer, scorer, promptsOf);
    try {
      if (checkpoint) trainer.restore({ weights: weightsOf(checkpoint.tensors), progress: checkpoint.state as TrainerProgress });
      if (checkpoint && checkpoint.iteration !== run.iteration) await rewindRun(database, run.id, checkpoint.id);
      if (!checkpoint) await saveCheckpoint(database, await session.checkpoint(true));
    } catch (error) {
      session.dispose();
      throw error;
    }
    return session;
  }

  /** Iterations done. */
  get iteration(): number {
    return this.trainer.iteration;
  }

  async iterate(): Promise<Iteration> {
    const iteration = await this.trainer.iterate(this.promptsOf(this.trainer.iteration));
    const { disagreement } = this.scorer;
    return disagreement === undefined ? iteration : { ...iteration, metrics: { ...iteration.metrics, 'objective/score_disagreement': disagreement } };
  }

  /** Everything needed to go on from here. `good` is false where the guards tripped. */
  async checkpoint(good: boolean): Promise<CheckpointRecord> {
    const { weights, progress } = await this.trainer.state();
    return { id: newId(), runId: this.runId, iteration: this.iteration, created: Date.now(), good, tensors: tensorsOf(weights), state: progress };
  }

  dispose(): void {
    this.trainer.dispose();
    this.scorer.dispose();
  }
}
