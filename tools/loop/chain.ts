import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Progress } from '../../src/lab/client';
import { LEAN, presetFor, REWARD_DEFAULTS, type PpoSettings, type SamplingOptions } from '../../src/lab/protocol';
import { writeWhole } from '../files';
import type { LabHost } from '../host/labHost';
import { saveJournal, type Journal } from './journal';
import type { LoopOptions } from './options';
import { lastQuarter, sameReward, type LoopReport } from './report';
import type { ProgressLine } from '../terminal';

/** The finished run as a file that the Library opens. */
export const ARCHIVE = 'run.nudge';

/** Settings of the run that the options ask for. */
function ppoSettings({ iterations, beta, lora }: LoopOptions, width: number): PpoSettings {
  const preset = presetFor(lora === 0 ? 'lean' : 'lora', width);
  const settings = { ...preset, iterations, ...(lora > 0 && { tune: { ...preset.tune, rank: lora, alpha: 2 * lora } }) };
  if (beta === 'adaptive') return settings;
  // Without a penalty there is nothing to hold the KL under a cap: the point is to see where it goes.
  const cap = beta === 0 ? null : LEAN.kl.cap;
  return { ...settings, kl: { ...LEAN.kl, control: 'fixed', coefficient: beta, cap } };
}

/**
 * The whole chain, each step kept in the journal: sample, label, train the
 * reward model, PPO, evaluate. Steps that an earlier start finished are not
 * done again; one that it left half done goes on.
 */
export async function runChain(lab: LabHost, journal: Journal, out: string, line: ProgressLine): Promise<LoopReport> {
  const { options } = journal;
  const baseModelId = `shipped:${options.model}`;
  const save = () => saveJournal(out, journal);
  const { adapter, shipped, version } = await lab.send('start', {});
  const base = shipped.find(({ id }) => id === baseModelId);
  if (!base) throw new Error(`There is no model "${options.model}". There are: ${shipped.map(({ name }) => name).join(', ')}.`);
  line.say(`${adapter.name} (${adapter.backend}${adapter.slow ? ', slow' : ''}), ${lab.name}`);

  /** Do a step, count its seconds even when it fails, and show how far it is. */
  const timed = async <T>(phase: keyof LoopReport['seconds'], what: string, step: (onProgress: (progress: Progress) => void) => Promise<T>): Promise<T> => {
    line.say(what);
    const start = performance.now();
    const before = journal.seconds[phase];
    try {
      return await step((progress) => line.update(progress.phase, progress));
    } finally {
      journal.seconds[phase] = before + (performance.now() - start) / 1000;
      save();
    }
  };

  if (options.reuseReward !== null && !journal.reward) await reuseReward(lab, journal, options.reuseReward);

  if (!journal.reward && !journal.labelled) {
    await timed('sample', `Sampling ${options.labels} pairs and labelling them by the rule "${options.rule}"`, async (onProgress) => {
      journal.datasetId ??= (await lab.send('createDataset', { name: `${options.rule}, seed ${options.seed}`, seed: options.seed, modelId: baseModelId })).datasetId;
      save();
      const sampling: SamplingOptions = { maxNewTokens: LEAN.responseLength, temperature: LEAN.temperature, seed: options.seed };
      const { datasetId } = journal;
      await lab.send('sampleComparisons', { datasetId, modelId: baseModelId, count: options.labels, fillTo: options.labels, options: sampling, cut: LEAN.cut }, onProgress);
      journal.labelled = await lab.send('labelWithRule', { datasetId, rule: options.rule, temperature: 'calibrated', seed: options.seed }, onProgress);
    });
  }

  journal.reward ??= await timed('reward', 'Training the reward model', async (onProgress) => {
    const settings = { ...REWARD_DEFAULTS, seed: options.seed };
    const name = `${options.rule}, seed ${options.seed}`;
    const { modelId, report } = await lab.send('trainReward', { datasetId: journal.datasetId!, baseModelId, name, settings }, onProgress);
    return { modelId, report, settings };
  });
  save();

  if (!journal.run) {
    const settings = ppoSettings(options, base.width);
    const name = `${options.rule}, ${options.beta === 'adaptive' ? 'adaptive β' : `β = ${options.beta}`}${options.lora > 0 ? `, LoRA of rank ${options.lora}` : ''}, seed ${options.seed}`;
    const { runId } = await lab.send('createRun', { name, baseModelId, rewardModelId: journal.reward.modelId, settings, seed: options.seed, goldRule: options.rule });
    journal.run = { runId, settings };
    save();
  }
  const { runId, settings } = journal.run;

  lab.on('iteration', ({ iteration, metrics }) => {
    const shown = [`reward ${metrics['objective/score_mean']?.toFixed(2)}`, `KL ${metrics['objective/kl']?.toFixed(2)}`, `β ${metrics['objective/kl_coef']?.toFixed(3)}`];
    if (metrics.gold !== undefined) shown.push(`gold ${metrics.gold.toFixed(2)}`);
    line.say(`  iteration ${String(iteration).padStart(3)}: ${shown.join(', ')}`);
  });
  let { run } = await lab.send('history', { runId });
  if (run.status !== 'finished' && run.status !== 'failed')
    ({ run } = await timed('ppo', `PPO, ${settings.iterations} iterations of ${settings.batchSize} responses`, (onProgress) => lab.send('play', { runId }, onProgress)));

  journal.seconds.evaluate = 0;
  const evaluation = await timed('evaluate', `Evaluating on ${options.evaluate} held-out samples of each policy`, (onProgress) =>
    lab.send('evaluate', { runId, samples: options.evaluate, seed: options.seed }, onProgress),
  );

  writeWhole(join(out, ARCHIVE), (await lab.send('exportRun', { runId })).archive);
  const history = (await lab.send('history', { runId })).metrics.map(({ iteration, metrics }) => ({ iteration, metrics }));
  const { judged: labels, temperature, ceiling } = journal.labelled!;
  const { report: rewardReport } = journal.reward;
  const { model, rule, seed, beta, lora } = options;
  return {
    ...{ version, backend: adapter.backend, adapter: adapter.name, host: lab.name, model, rule, seed, beta, lora },
    ...{ iterations: run.iteration, labels, temperature, ceiling, heldOutPairs: rewardReport.heldOutPairs, accuracy: rewardReport.accuracy },
    ...{ gold: evaluation.gold, reward: evaluation.reward, evaluatedSamples: evaluation.samples },
    kl: {
      target: settings.kl.control === 'adaptive' ? settings.kl.target : null,
      last_quarter: lastQuarter(history, 'objective/kl'),
      evaluated: evaluation.kl,
    },
    final_beta: history.at(-1)?.metrics['objective/kl_coef'] ?? settings.kl.coefficient,
    distinct_2: evaluation.distinct2,
    reference_nll: evaluation.referenceNll,
    seconds: Object.fromEntries(Object.entries(journal.seconds).map(([phase, seconds]) => [phase, Math.round(seconds * 10) / 10])) as LoopReport['seconds'],
    reusedReward: options.reuseReward,
    note: run.note,
    settings: { ppo: settings, reward: journal.reward.settings },
    rewardReport,
    history,
  };
}

/** Take labels' figures and the reward model from an earlier loop, so that two runs differ in nothing but their PPO. */
async function reuseReward(lab: LabHost, journal: Journal, folder: string): Promise<void> {
  const paths = { report: join(folder, 'report.json'), archive: join(folder, ARCHIVE) };
  for (const path of Object.values(paths)) if (!existsSync(path)) throw new Error(`${path} does not exist: --reuse-reward takes the folder of a finished loop.`);
  const earlier = JSON.parse(readFileSync(paths.report, 'utf8')) as LoopReport;
  if (!sameReward(earlier, journal.options))
    throw new Error(`${folder} holds the model "${earlier.model}", rule "${earlier.rule}" and seed ${earlier.seed}; give the same ones here.`);
  const { runId } = await lab.send('importRun', { archive: new Uint8Array(readFileSync(paths.archive)) });
  const { run } = await lab.send('history', { runId });
  journal.labelled = { judged: earlier.labels, temperature: earlier.temperature, ceiling: earlier.ceiling };
  // A loop's run is always scored by a reward model.
  journal.reward = { modelId: run.rewardModelId!, report: earlier.rewardReport, settings: earlier.settings.reward };
  journal.seconds = { ...journal.seconds, sample: earlier.seconds.sample, reward: earlier.seconds.reward };
}
