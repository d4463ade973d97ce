import type { Progress } from '../lab/client';
import type { ScoredSample } from '../rl/bestOfNCurve';
import { HELD_OUT_PROMPTS } from '../text/prompts';
import { DPO_DEFAULTS, LEAN, REWARD_DEFAULTS, type CommandName, type Commands, type DpoSettings, type Evaluation, type PpoMetrics, type PpoSettings, type Result, type RewardReport, type RewardSettings } from '../lab/protocol';

/** The lab, as an experiment sees it: in this page, or driven from a terminal. */
export interface Send {
  <N extends CommandName>(type: N, args: Commands[N]['args'], onProgress?: (progress: Progress) => void): Promise<Result<N>>;
}

/** Where results of steps are kept, so that an experiment that was cut off goes on, and two that share a step make it once. */
export interface Memory {
  /** Undefined where nothing is kept. */
  get(key: string): unknown | Promise<unknown>;
  put(key: string, value: unknown): void | Promise<void>;
}

/** What all of an experiment's steps have in common. */
export interface Ground {
  /** Base model, policy and reference of everything. */
  modelId: string;
  /** Its `hidden_size`, which presets suit themselves to. */
  width: number;
  /** Rule of the simulated labeler, whose score is the gold. */
  rule: string;
}

export interface Labels {
  seed: number;
  /** Pairs, each judged once. Fewer are the first of more where they are a multiple of 32, which are written at once. */
  count: number;
  /** Of the labeler; 'calibrated' sets it so that its noise allows an accuracy of `ceiling`. */
  temperature: number | 'calibrated';
  /** 0.875 where it is absent, which is much like careful people. */
  ceiling?: number;
  /** How many times as much as the rule a text's length sways the labeler; the gold score is without it. */
  lengthBias?: number;
  /** Half of the pairs are written by the policy that a run with these settings makes of the other labels, before there were such pairs. */
  policy?: PpoSettings;
}

export interface TrainedReward {
  modelId: string;
  report: RewardReport;
}

export interface FinishedRun {
  runId: string;
  history: { iteration: number; metrics: PpoMetrics }[];
  evaluation: Evaluation;
  /** Why it ended before its time. */
  note?: string;
}


/** Held-out samples of each policy. */
const EVALUATED = 256;

/** Samples of the base model to each held-out prompt: the largest n that a best-of-n can be estimated for. */
export const BEST_OF = 32;
const SAMPLED = BEST_OF * HELD_OUT_PROMPTS.length;

/**
 * The steps that experiments are made of, each a command or two of the lab.
 * A step is known by all that it depends on: asked for again, here or by another
 * experiment on the same ground, it is not done again.
 */
export class Workbench {
  constructor(
    readonly send: Send,
    private readonly memory: Memory,
    readonly ground: Ground,
    /** Hears of each step as it begins, and then of its progress. */
    private readonly onProgress: (what: string, progress?: Progress) => void = () => undefined,
  ) {}

  /** Pairs of the base model's responses, judged by the rule. */
  labels({ seed, count, temperature, ceiling, lengthBias, policy }: Labels): Promise<{ datasetId: string; ceiling: number; temperature: number }> {
    const { modelId, rule } = this.ground;
    const name = `${rule}, ${count} pairs${temperature === 'calibrated' ? '' : `, T = ${temperature}`}${ceiling ? `, ceiling ${ceiling}` : ''}${lengthBias ? ', swayed by length' : ''}${policy ? ', half by a tuned policy' : ''}, seed ${seed}`;
    return this.step(['labels', { seed, count, temperature, ceiling, lengthBias, policy }], `Sampling and labelling ${name}`, async (onProgress) => {
      const writers = [modelId];
      if (policy) {
        const { runId } = await this.run({ seed, count, temperature, ceiling, lengthBias }, policy);
        writers.push((await this.send('keepPolicy', { runId, name: `Policy for ${name}` })).modelId);
      }
      const { datasetId } = await this.send('createDataset', { name, seed, modelId });
      const options = { maxNewTokens: LEAN.responseLength, temperature: LEAN.temperature, seed };
      for (const [i, writer] of writers.entries()) {
        const fillTo = Math.round((count * (i + 1)) / writers.length);
        await this.send('sampleComparisons', { datasetId, modelId: writer, count, fillTo, options, cut: LEAN.cut }, onProgress);
      }
      const labelled = await this.send('labelWithRule', { datasetId, rule, temperature, seed, ceiling, lengthBias }, onProgress);
      return { datasetId, ceiling: labelled.ceiling, temperature: labelled.temperature };
    });
  }

  /** A reward model, trained on such pairs. */
  reward(labels: Labels, changes: Partial<RewardSettings> = {}): Promise<TrainedReward> {
    return this.step(['reward', labels, changes], `Training a reward model on ${labels.count} pairs, seed ${labels.seed}`, async (onProgress) => {
      const { datasetId } = await this.labels(labels);
      const settings = { ...REWARD_DEFAULTS, seed: labels.seed, ...changes };
      const name = `${this.ground.rule}, ${labels.count} pairs${labels.lengthBias ? ', swayed by length' : ''}${labels.policy ? ', half by a tuned policy' : ''}${named(changes)}, seed ${labels.seed}`;
      return this.send('trainReward', { datasetId, baseModelId: this.ground.modelId, name, settings }, onProgress);
    });
  }

  /** Held-out accuracy of reward models that learn from some shares of the same pairs. */
  learningCurve(labels: Labels, shares: number[]): Promise<Result<'learningCurve'>> {
    return this.step(['learningCurve', labels, shares], `Reward models on ${shares.length} shares of ${labels.count} pairs, seed ${labels.seed}`, async (onProgress) => {
      const { datasetId } = await this.labels(labels);
      return this.send('learningCurve', { datasetId, baseModelId: this.ground.modelId, settings: { ...REWARD_DEFAULTS, seed: labels.seed }, fractions: shares }, onProgress);
    });
  }

  /** A run against a reward model, and what its policy is worth on held-out prompts. */
  run(labels: Labels, settings: PpoSettings, changes: Partial<RewardSettings> = {}, name = settings.algorithm as string): Promise<FinishedRun> {
    const { modelId: baseModelId, rule: goldRule } = this.ground;
    const { seed } = labels;
    return this.step(['run', labels, changes, settings], `${name}, seed ${seed}`, async (onProgress) => {
      const { modelId: rewardModelId } = await this.reward(labels, changes);
      const { runId } = await this.step(['created', labels, changes, settings], null, () => this.send('createRun', { name: `${name}, seed ${seed}`, baseModelId, rewardModelId, settings, seed, goldRule }));
      let { run } = await this.send('history', { runId });
      if (run.status !== 'finished' && run.status !== 'failed') ({ run } = await this.send('play', { runId }, onProgress));
      const evaluation = await this.send('evaluate', { runId, samples: EVALUATED, seed }, onProgress);
      const { metrics } = await this.send('history', { runId });
      return { runId, history: metrics.map(({ iteration, metrics }) => ({ iteration, metrics })), evaluation, ...(run.note && { note: run.note }) };
    });
  }

  /** A model tuned on the judgements directly, measured like a run. */
  direct(labels: Labels, changes: Partial<DpoSettings> = {}): Promise<Evaluation> {
    const { modelId: baseModelId, rule } = this.ground;
    const settings = { ...DPO_DEFAULTS, seed: labels.seed, ...changes };
    return this.step(['direct', labels, settings], `${settings.method.toUpperCase()} on ${labels.count} pairs, seed ${labels.seed}`, async (onProgress) => {
      const { datasetId } = await this.labels(labels);
      const { modelId: rewardModelId } = await this.reward(labels);
      const name = `${settings.method.toUpperCase()}, ${rule}, seed ${labels.seed}`;
      const { modelId } = await this.send('tuneOnPreferences', { datasetId, baseModelId, name, settings }, onProgress);
      return this.send('evaluate', { modelId, rewardModelId, samples: EVALUATED, seed: labels.seed }, onProgress);
    });
  }

  /** Samples of the base model, {@link BEST_OF} to each held-out prompt, with proxy and gold scores. */
  samples(labels: Labels): Promise<ScoredSample[]> {
    const { modelId, rule: goldRule } = this.ground;
    return this.step(['samples', labels], `Scoring ${SAMPLED} samples of the base model, seed ${labels.seed}`, async (onProgress) => {
      const { modelId: rewardModelId } = await this.reward(labels);
      const { rows } = await this.send('scoreSamples', { modelId, rewardModelId, goldRule, samples: SAMPLED, seed: labels.seed }, onProgress);
      return rows.map(({ prompt, score, gold }) => ({ prompt, score: score!, gold: gold! }));
    });
  }

  /**
   * Do a step, or recall it by all of its inputs. `what` names it for the person; null where it is done in no time.
   * What it results in must survive JSON.
   */
  async step<T>(inputs: unknown[], what: string | null, work: (onProgress: (progress: Progress) => void) => Promise<T>): Promise<T> {
    const key = JSON.stringify([this.ground, ...inputs]);
    const known = (await this.memory.get(key)) as T | undefined;
    if (known !== undefined) return known;
    if (what) this.onProgress(what);
    const result = await work((progress) => what && this.onProgress(what, progress));
    await this.memory.put(key, result);
    return result;
  }
}

/** Changed settings, as part of a name. */
function named(changes: object): string {
  return Object.entries(changes).map(([name, value]) => `, ${name} ${value}`).join('');
}
