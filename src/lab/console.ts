import type { EventOf, LabClient, Pending, Progress } from './client';
import { IMAGE_REWARD_DEFAULTS, PPO_PRESETS, REWARD_DEFAULTS, type CommandName, type Commands, type Event, type Result } from './protocol';
import { LAB_VERSION } from './version';

/** Every command in a sentence; the README and the console list the same. */
export const COMMANDS: Record<CommandName, string> = {
  start: 'Start the device. Must come first. { prefer?: "webgpu" | "wasm" | "cpu" } → adapter, shipped models, version.',
  write: 'Let a model continue a prompt. { modelId, prompt, count, options } → texts.',
  createDataset: 'An empty queue of comparisons. { name, seed, modelId? } → datasetId.',
  sampleComparisons: 'Add pairs of continuations to a dataset. { datasetId, modelId, count, fillTo?, prompts?, options, cut } → added.',
  labelWithRule: 'Let a simulated labeler judge what is open. { datasetId, rule, temperature | "calibrated", seed, limit? } → judged, temperature, ceiling.',
  trainReward: 'Train a reward model. { datasetId, baseModelId, name, settings, pairs? } → modelId, report.',
  trainImageReward: 'Train a reward model of images on a dataset whose responses are pictures. { datasetId, name, settings } → modelId, report.',
  scoreImages: 'Rewards of images that are kept here. { rewardModelId, mediaIds } → scores.',
  learningCurve: 'Would more labels help? Trains on parts of them. { datasetId, baseModelId, settings, fractions } → points: labels, accuracy, logLoss.',
  compareRewards: 'Two reward models on held-out judgements that neither has seen. { a, b } → accuracy of each, agreement, correlation, disagreements.',
  tuneOnPreferences: 'Tune a model on judgements directly, without a reward model (DPO, IPO, KTO). { datasetId, baseModelId, name, settings } → modelId, report.',
  tuneByValues: 'Learn from judgements what each token is worth, to guide a model that stays as it is (ILQL). { datasetId, baseModelId, name, settings } → modelId, report.',
  trainOnExamples: 'Train a model on examples: beginnings with completions, or whole texts. { baseModelId, name, source, examples, settings } → modelId, report.',
  score: 'Rewards of texts. { rewardModelId, items: [{ prompt, response }] } → scores, and those of an ensemble’s members.',
  rankOpen: 'What is open in a dataset, the most informative first. { datasetId, limit, by: "uncertain", rewardModelId } or { datasetId, limit, by: "moved", runId | modelId } → ranked: comparisonId, value.',
  sampleReference: 'Texts of a model as a run writes them by default. { modelId, count, seed } → texts.',
  estimateRun: 'What a PPO run would ask of this device. { baseModelId, rewardModelId?, settings } → bytes, seconds, largest buffer and its limit, what would ask for less.',
  estimateReward: 'The same of training a reward model. { datasetId, baseModelId, settings } → bytes, seconds, …',
  machine: 'The device as it is now. {} → adapter with its trial and limits, bytes held.',
  createRun: 'Prepare a PPO run. { name?, baseModelId, rewardModelId?, reward?, settings, seed, goldRule?, prompts? } → runId, leftOut.',
  repeatRun: 'Start a run again from its record: same settings, seed, models, prompts and device programs. { runId, name? } → runId.',
  history: 'A run as it stands, with its metrics. { runId } → run, metrics.',
  play: 'Train until paused, stopped or finished. { runId, slow? } → run.',
  step: 'Train one iteration. { runId, slow? } → run.',
  pause: 'Finish the current iteration, save, rest. { runId } → run.',
  stop: 'Pause, and end the run for good. { runId } → run.',
  rollback: 'Go back to the last good checkpoint. { runId } → run.',
  compare: 'Base and tuned on the same prompts. { runId | modelId, rewardModelId?, bestOf?, prompts, options } → rows.',
  nextTokens: 'How likely each token is to come next. { runId | modelId, prompts } → texts of the tokens, probabilities for each prompt.',
  evaluate: 'Judge a run, or a tuned model, on prompts that it never saw. { runId | modelId, rewardModelId?, bestOf?, samples, seed } → means with intervals, KL, distinct-2.',
  scoreSamples: 'Samples on prompts that training never saw, one by one. { runId | modelId, rewardModelId?, goldRule?, samples, seed } → rows with score, gold and KL from the base.',
  keepPolicy: 'Save a run’s policy as a model. { runId, name } → modelId.',
  library: 'What is kept. {} → datasets, models, runs.',
  exportModel: 'A model’s files. { modelId } → files.',
  importModel: 'Add a model from its files. { name, files } → modelId, kind.',
  exportRun: 'A run, its models and last checkpoint as one file. { runId } → archive.',
  importRun: 'Add a run from such a file. { archive } → runId.',
  cancel: 'Give up another command. { command } → {}.',
};

/** `window.nudge`: the lab's protocol, for people at the console and for tests. */
export interface NudgeConsole {
  readonly version: string;
  readonly commands: typeof COMMANDS;
  /** Settings to start from: of reward models of texts and of images, and PPO's presets by name. */
  readonly defaults: { readonly reward: typeof REWARD_DEFAULTS; readonly imageReward: typeof IMAGE_REWARD_DEFAULTS; readonly ppo: typeof PPO_PRESETS };
  send<N extends CommandName>(type: N, args: Commands[N]['args'], onProgress?: (progress: Progress) => void): Pending<Result<N>>;
  on<T extends Event['type']>(type: T, listener: (event: EventOf<T>) => void): () => void;
}

declare global {
  interface Window {
    nudge: NudgeConsole;
  }
}

/**
 * Put the lab on `window.nudge`:
 *
 *     nudge.commands                                   // what there is
 *     nudge.on('iteration', ({ metrics }) => console.log(metrics))
 *     await nudge.send('play', { runId })
 */
export function exposeConsole(client: LabClient): void {
  window.nudge = Object.freeze({
    version: LAB_VERSION,
    commands: COMMANDS,
    defaults: { reward: REWARD_DEFAULTS, imageReward: IMAGE_REWARD_DEFAULTS, ppo: PPO_PRESETS },
    send: client.send.bind(client),
    on: client.on.bind(client),
  });
}
