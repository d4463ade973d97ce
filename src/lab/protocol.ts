import type { Rater } from '../feedback/judgement';
import type { SimulatedFormName } from '../feedback/simulatedLabeler';
import type { ImageRewardReport, ImageRewardSettings } from '../reward/imageSettings';
import type { LearningCurve } from '../reward/learningCurve';
import type { RewardComparison } from '../reward/rewardComparison';
import type { Proportion, RewardReport, RewardSettings } from '../reward/settings';
import type { DpoReport, DpoSettings } from '../rl/dpoSettings';
import type { IlqlReport, IlqlSettings } from '../rl/ilqlSettings';
import type { MetricName, PpoMetrics } from '../rl/metrics';
import type { MeasuredMix, RewardMix } from '../rl/rewardMix';
import type { PpoSettings } from '../rl/settings';
import type { SftReport, SftSettings } from '../rl/sftSettings';
import type { BackendName, BufferLimits, Trial } from '../tensor/backend';
import type { Examples } from '../text/examples';
import type { DatasetRecord, MetricsRecord, ModelRecord, RunRecord } from '../store/schema';

/*
 * What the page and the training worker say to each other: commands in, events
 * out. Every command carries a number; exactly one reply answers it, after any
 * number of progress events. The same protocol is `window.nudge`.
 */

export interface AdapterDescription {
  backend: BackendName;
  /** Vendor, architecture and description, as the browser gives them. */
  name: string;
  /** True for a software adapter or a processor backend: training will be slow. */
  slow: boolean;
  /** Why each better backend could not be used, in sentences; empty where the best was taken. */
  refused: readonly string[];
  /** How fast it was found at its first start, and which of several programs suit it best. */
  trial: Trial;
  /** What one buffer may hold, in bytes; null off the GPU. */
  limits: BufferLimits | null;
}

/** What a run or a training will ask of the device, before it starts. Estimates, but for `largest`. */
export interface Estimate {
  /** Bytes of graphics memory that it will hold at its peak. */
  bytes: number;
  /** Bytes of the largest single buffer. */
  largest: number;
  /** Bytes that one buffer may have here; null where there is no limit to mind. */
  limit: number | null;
  /** Seconds that all of it will take. */
  seconds: number;
  /** What the seconds are from: earlier runs of this model on this device, or its speed in a trial. */
  timed: 'runs' | 'trial';
  /** What would ask for less, the least change first; a change stands by its settings. */
  smaller: SmallerDemand[];
}

/** A changed setting with what the whole would then ask for. */
export interface SmallerDemand {
  change: { microbatchSize: number } | { batchSize: number } | { responseLength: number } | { tune: 'lora' };
  bytes: number;
  largest: number;
  seconds: number;
}

/** An entry of `models/index.json`: a model that ships with the lab. Its id is `shipped:NAME`. */
export interface ShippedModel {
  id: string;
  name: string;
  title: string;
  about: string;
  parameters: number;
  /** Of its hidden states: `hidden_size`. */
  width: number;
  bytes: number;
}

export interface SamplingOptions {
  maxNewTokens: number;
  temperature: number;
  seed: number;
  /** Playground only: both make a measured KL meaningless. */
  topK?: number;
  topP?: number;
}

/** Mean of a score with its 95 % interval (normal, over samples of new prompts). */
export interface MeanInterval {
  mean: number;
  /** Of a single sample, not of the mean. */
  std: number;
  low: number;
  high: number;
  n: number;
}

/** One token of a response under policy and reference. */
export interface TokenTrace {
  text: string;
  /** log π of the policy that wrote it. */
  logProb: number;
  referenceLogProb: number;
  /** log π after the iteration's update; absent where there was none, and in iterations that were kept before it was measured. */
  updatedLogProb?: number;
  value?: number;
  advantage?: number;
  reward?: number;
}

export interface RolloutSample {
  prompt: string;
  response: string;
  score: number;
  /** Σ (log π − log π_ref) over the response, in nats. */
  kl: number;
  gold?: number;
  tokens: TokenTrace[];
}

/**
 * What is compared with the model that it came from: a run's policy; a model
 * that was tuned here and is scored by the reward model that is named, if any;
 * or any model that writes so many texts, of which that reward model keeps the best.
 */
export type TunedPolicy = { runId: string } | { modelId: string; rewardModelId?: string } | { bestOf: number; modelId: string; rewardModelId: string };

/** Texts of which the best can be kept. */
export const MOST_BEST_OF = 64;

/** What open items are ranked by: how far the members of a reward model disagree, or how far a policy has moved from its base. */
export type RankedBy = { by: 'uncertain'; rewardModelId: string } | ({ by: 'moved' } & ({ runId: string } | { modelId: string }));

/** Items that are ranked at once: more would take long, and the judge would have changed before they were all judged. */
export const MOST_RANKED = 512;

export interface ComparedText {
  text: string;
  /** Null where no reward model scores. */
  reward: number | null;
  /** Nats from the base model over the response; 0 for the base model itself, null for the best of several, of which it is not known. */
  kl: number | null;
  /** Tokens. */
  length: number;
  gold?: number;
}

export interface Evaluation {
  samples: number;
  gold: { base: MeanInterval; tuned: MeanInterval } | null;
  /** Null where no reward model scores. */
  reward: { base: MeanInterval; tuned: MeanInterval } | null;
  /** Mean nats from the base model; null for the best of several, of which only a bound is known. */
  kl: number | null;
  /** Where `kl` is null: nats that it does not exceed, and may stay far below. */
  klAtMost?: number;
  distinct2: { base: number; tuned: number };
  /** Mean negative log-likelihood of the samples under the reference, nats a token. */
  referenceNll: { base: number; tuned: number };
}

/** One text that a model wrote, and what it came to. */
export interface SampleScores {
  prompt: string;
  response: string;
  /** Null where no reward model scores. */
  score: number | null;
  /** Null where no rule does. */
  gold: number | null;
  /** Σ (log π − log π_base) over the response, in nats; 0 for a model that came from no other. */
  kl: number;
}

/** What is kept beside a model that was tuned on judgements directly. Model and dataset it came from stand in its record. */
export interface DpoModelReport extends DpoReport {
  by: 'preferences';
  /** Of all judgements, those left out among them, how many a simulated labeler made. */
  simulatedPairs: number;
  settings: DpoSettings;
}

/** What is kept beside a model that was trained on examples. */
export interface SftModelReport extends SftReport {
  by: 'examples';
  /** What the examples were called: a file's name, for instance. */
  source: string;
  settings: SftSettings;
}

/** What is kept beside a critic. The model that it guides and the dataset stand in its record. */
export interface IlqlModelReport extends IlqlReport {
  by: 'values';
  /** Of all judged texts, those left out among them, how many a simulated labeler judged. */
  simulatedTexts: number;
  settings: IlqlSettings;
}

/** The report of a model that was tuned without a run. */
export type TuningReport = DpoModelReport | SftModelReport | IlqlModelReport;

/** Phases of one PPO iteration, in order; slow motion pauses before each. */
export type Phase = 'rollout' | 'reference' | 'score' | 'rewards' | 'advantages' | 'update' | 'kl-control';

/** A model's files, named as on the Hub. */
export const MODEL_FILES = ['config.json', 'tokenizer.json', 'model.safetensors'] as const;
/** Files that may lie beside them: one for other tools, and what a reward model was found to be worth. */
export const FILES_BESIDE = ['tokenizer_config.json', 'reward_report.json'] as const;

/** Each command with its arguments and the result of its reply. */
export interface Commands {
  /** Start the device; must be first. Falls back to wasm where there is no WebGPU. */
  start: { args: { prefer?: BackendName }; result: { adapter: AdapterDescription; shipped: ShippedModel[]; version: string } };
  /** Continuations of a prompt, for the playground and the welcome. */
  write: { args: { modelId: string; prompt: string; count: number; options: SamplingOptions }; result: { texts: string[] } };
  /** An empty queue of comparisons; the page may as well write it itself. */
  createDataset: { args: { name: string; seed: number; modelId?: string }; result: { datasetId: string } };
  /**
   * Sample comparisons for a dataset, of two responses each or of another number from 1 to 6, and append them to its queue. Prompts cycle through `prompts`, or the lab's own openings.
   * The queue does not grow beyond `fillTo`, so that a sampling that was cut off can be asked for again and continues exactly.
   */
  sampleComparisons: {
    args: { datasetId: string; modelId: string; count: number; responses?: number; fillTo?: number; prompts?: string[]; options: SamplingOptions; cut: PpoSettings['cut'] };
    result: { added: number };
  };
  /** Let a simulated labeler judge the dataset's open comparisons, in the form of a pair where no other is asked for. 'calibrated' picks T so that the Bayes ceiling is `ceiling`, 0.875 where none is asked for. `lengthBias`: how many times as much as the rule a response's length sways it. */
  labelWithRule: {
    args: { datasetId: string; rule: string; temperature: number | 'calibrated'; seed: number; limit?: number; form?: SimulatedFormName; lengthBias?: number; ceiling?: number };
    result: { judged: number; temperature: number; ceiling: number };
  };
  /** `pairs`: learn from so many at most; fewer are contained in more, and the held-out pairs stay the same. */
  trainReward: {
    args: { datasetId: string; baseModelId: string; name: string; settings: RewardSettings; pairs?: number };
    result: { modelId: string; report: RewardReport };
  };
  /** A reward model of images, from scratch, of a dataset whose responses are pictures. It sees no prompt, and no text. */
  trainImageReward: { args: { datasetId: string; name: string; settings: ImageRewardSettings }; result: { modelId: string; report: ImageRewardReport } };
  /** Normalised rewards of images that are kept here, by their ids. */
  scoreImages: { args: { rewardModelId: string; mediaIds: string[] }; result: { scores: number[] } };
  /** Would more labels help? Trains on nested parts of the labels and tries each model on the same held-out pairs. Nothing is kept. */
  learningCurve: { args: { datasetId: string; baseModelId: string; settings: RewardSettings; fractions: readonly number[] }; result: LearningCurve };
  /** Two reward models that learned from the same dataset, on the held-out judgements that neither has seen: how often each is right, how often they agree, and where they don't. Nothing is kept. */
  compareRewards: { args: { a: string; b: string }; result: RewardComparison };
  /** Tune a model on judgements directly, without a reward model (DPO, IPO or KTO): on pairs, and those that rankings and rewrites imply. Ties, pairs where both are bad, and judgements of a single text teach it nothing. */
  tuneOnPreferences: {
    args: { datasetId: string; baseModelId: string; name: string; settings: DpoSettings };
    result: { modelId: string; report: DpoModelReport };
  };
  /** Learn a critic from judgements, which then guides the model at every token (ILQL). Model and critic can be compared; the model stays as it is. */
  tuneByValues: {
    args: { datasetId: string; baseModelId: string; name: string; settings: IlqlSettings };
    result: { modelId: string; report: IlqlModelReport };
  };
  /** Supervised fine-tuning. `source` names the examples in the new model's report. */
  trainOnExamples: {
    args: { baseModelId: string; name: string; source: string; examples: Examples; settings: SftSettings };
    result: { modelId: string; report: SftModelReport };
  };
  /** Normalised rewards of texts; each response is cut as in training. Of an ensemble the mean's, and each member's own. */
  score: { args: { rewardModelId: string; items: { prompt: string; response: string }[] }; result: { scores: number[]; members?: number[][] } };
  /** The open items of a dataset, or `limit` of them that its seed draws, those first from which most is to be learned. Open is what nobody has judged, or what `rater` has not. */
  rankOpen: {
    args: { datasetId: string; limit: number; rater?: Rater } & RankedBy;
    /** `value`: standard deviation of the members' preference probability; or nats a token. */
    result: { ranked: { comparisonId: string; value: number }[] };
  };
  /** Texts of a model as a run writes and cuts them by default, to try a rule on. */
  sampleReference: { args: { modelId: string; count: number; seed: number }; result: { texts: { prompt: string; response: string }[] } };
  /** What a PPO run would ask of the device, in memory and time. Nothing is started. */
  estimateRun: { args: { baseModelId: string; rewardModelId?: string; settings: PpoSettings }; result: Estimate };
  /** The same of training a reward model. */
  estimateReward: { args: { datasetId: string; baseModelId: string; settings: RewardSettings }; result: Estimate };
  /** The device as it is at this moment. */
  machine: { args: Record<string, never>; result: { adapter: AdapterDescription | null; heldBytes: number } };
  /** What scores is a reward model, or what `reward` mixes: its parts are then measured on texts of the base model, so that scores begin with mean 0 and spread 1. */
  createRun: {
    args: { name?: string; baseModelId: string; rewardModelId?: string; reward?: RewardMix; settings: PpoSettings; seed: number; goldRule?: string; prompts?: string[] };
    /** `leftOut`: given prompts that are longer than `settings.promptLength` and are not used. */
    result: { runId: string; leftOut: number };
  };
  /** A new run from the record of another: on the same device and version of the lab it is the same run again, to the bit. */
  repeatRun: { args: { runId: string; name?: string }; result: { runId: string } };
  /** A run as it stands, with every iteration's metrics. */
  history: { args: { runId: string }; result: { run: RunRecord; metrics: MetricsRecord[] } };
  /** Go on until paused, stopped or finished; the reply comes then. `slow`: seconds to rest before each phase. */
  play: { args: { runId: string; slow?: number }; result: { run: RunRecord } };
  /** One iteration. */
  step: { args: { runId: string; slow?: number }; result: { run: RunRecord } };
  /** Finish the current iteration, checkpoint, and rest. */
  pause: { args: { runId: string }; result: { run: RunRecord } };
  /** Pause, and end the run for good. */
  stop: { args: { runId: string }; result: { run: RunRecord } };
  /** Back to the last good checkpoint; later metrics, samples and checkpoints are dropped. */
  rollback: { args: { runId: string }; result: { run: RunRecord } };
  /** Base and tuned on the same prompts. */
  compare: { args: TunedPolicy & { prompts: string[]; options: SamplingOptions }; result: { rows: { prompt: string; base: ComparedText; tuned: ComparedText }[] } };
  /** Many samples on prompts that training never saw. */
  evaluate: { args: TunedPolicy & { samples: number; seed: number }; result: Evaluation };
  /** Samples of a model, or of a run's policy, on prompts that training never saw, by the draws of `evaluate` with the same seed. What is not named does not score, but for the mixed reward of a run that has one. */
  scoreSamples: { args: ({ runId: string } | { modelId: string }) & { rewardModelId?: string; goldRule?: string; samples: number; seed: number }; result: { rows: SampleScores[] } };
  /** How likely each token of the vocabulary is to come next, for each prompt; `texts` are the tokens as text, that of the end being ''. */
  nextTokens: { args: ({ runId: string } | { modelId: string }) & { prompts: string[] }; result: { texts: string[]; probabilities: number[][] } };
  /** Save a run's current policy as a language model of the library. */
  keepPolicy: { args: { runId: string; name: string }; result: { modelId: string } };
  /** What the library holds, beside the shipped models. */
  library: { args: Record<string, never>; result: { datasets: DatasetRecord[]; models: ModelRecord[]; runs: RunRecord[] } };
  /** The files of a model that writes or of one that scores, as {@link MODEL_FILES} and {@link FILES_BESIDE} list them. */
  exportModel: { args: { modelId: string }; result: { files: Record<string, Uint8Array> } };
  /** The same files, from anywhere: they are checked and refused with the field that is wrong. */
  importModel: { args: { name: string; files: Record<string, Uint8Array> }; result: { modelId: string; kind: 'language' | 'reward' } };
  /** One archive file with a run's record, metrics, samples, last checkpoint and its models. */
  exportRun: { args: { runId: string }; result: { archive: Uint8Array } };
  importRun: { args: { archive: Uint8Array }; result: { runId: string } };
  /** Give up the work of another command, which then replies with an error named Cancelled. */
  cancel: { args: { command: number }; result: Record<string, never> };
}

export type CommandName = keyof Commands;
export type CommandMessage = { [N in CommandName]: { id: number; type: N } & Commands[N]['args'] }[CommandName];
export type Result<N extends CommandName> = Commands[N]['result'];

/** An error for the person: what happened, what was kept, what to do. */
export interface LabError {
  name: string;
  message: string;
}

export type Event =
  | { type: 'reply'; to: number; ok: true; result: Commands[CommandName]['result'] }
  | { type: 'reply'; to: number; ok: false; error: LabError }
  | { type: 'progress'; to: number; phase: string; done: number; total: number; secondsLeft?: number; loss?: number }
  /** A run's record changed (status, iteration, note). */
  | { type: 'run'; run: RunRecord }
  | { type: 'phase'; runId: string; iteration: number; phase: Phase }
  | { type: 'iteration'; runId: string; iteration: number; metrics: PpoMetrics; samples: RolloutSample[] }
  /** The device went; `adapter` is what was started in its place, null where it stays away until the command "start". */
  | { type: 'deviceLost'; message: string; adapter: AdapterDescription | null };

export type { DpoSettings, IlqlSettings, ImageRewardReport, ImageRewardSettings, LearningCurve, MeasuredMix, MetricName, PpoMetrics, PpoSettings, Proportion, RewardComparison, RewardMix, RewardReport, RewardSettings, SftSettings };
export type { ModelConfig } from '../model/config';
export { LORA_TARGETS, type Tuning } from '../model/tuningSettings';
export { PPO_PRESETS, LEAN, presetFor, settingsOf, type PpoPresetName } from '../rl/settings';
export { MOST_MEMBERS } from '../model/members';
export { IMAGE_REWARD_DEFAULTS } from '../reward/imageSettings';
export { LEARNING_CURVE_FRACTIONS, REWARD_DEFAULTS, rewardLearningRate } from '../reward/settings';
export { NO_VALUE_SCORE } from '../rl/rewardMix';
export { DPO_DEFAULTS } from '../rl/dpoSettings';
export { ILQL_DEFAULTS } from '../rl/ilqlSettings';
export { SFT_DEFAULTS } from '../rl/sftSettings';
