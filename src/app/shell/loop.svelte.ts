import { listMetrics } from '../../store/runs';
import { queue } from '../collect/queue.svelte';
import { count, percent, percentWithin, simulatedOf } from '../controls/wording';
import { imageTraining } from '../reward/imageTraining.svelte';
import { lab } from './lab.svelte';
import { nextStep, type NextStep } from './nextStep';
import type { Room } from './router.svelte';
import { shelf } from './shelf.svelte';

export interface LiveState {
  /** "42 judgements". */
  full: string;
  /** For a narrow bar: "42"; empty where nothing is to be said. */
  short: string;
  /** What is counted was made by a simulated labeler, in part at least. */
  simulated?: boolean;
  /** This part of the loop has something to show. */
  done: boolean;
}

/** How far the loop is: one line for each room, and the next step. */
class Loop {
  #kl = $state.raw<{ runId: string; kl: number | undefined } | null>(null);

  /** Call once the engine has started: the KL in the rail follows the active run. */
  listen(): void {
    lab.on('iteration', ({ runId, metrics }) => (this.#kl = { runId, kl: metrics['objective/kl'] }));
  }

  /** The last KL of a run that rests. */
  async recall(runId: string): Promise<void> {
    if (!lab.database || this.#kl?.runId === runId) return;
    const metrics = await listMetrics(lab.database, runId);
    this.#kl = { runId, kl: metrics.at(-1)?.metrics['objective/kl'] };
  }

  #next = $derived<NextStep>(
    nextStep({
      comparisons: queue.comparisons.length + queue.unfit,
      judged: queue.judged,
      rewardModel: shelf.activeRewardModel !== null,
      // What is judged is looked through only where it matters.
      imageModel: imageTraining.model !== null && imageTraining.alone,
      run: shelf.activeRun,
      working: (['trainReward', 'trainImageReward', 'labelWithRule', 'sampleComparisons'] as const).find((type) => lab.job(type)) ?? null,
    }),
  );

  get next(): NextStep {
    return this.#next;
  }

  state(room: Exclude<Room, 'welcome'>): LiveState {
    switch (room) {
      case 'collect':
        return this.#collect();
      case 'reward':
        return this.#reward();
      case 'optimise':
        return this.#optimise();
      case 'compare':
        return this.#compare();
      case 'library':
        return this.#library();
    }
  }

  #collect(): LiveState {
    const { judged, simulated, open, skipped, unfit, answers, asksAgain } = queue;
    const details = [simulatedOf(simulated, judged), open + skipped === 0 && 'all done'].filter(Boolean);
    const judging = [asksAgain ? count(answers, 'answer') : count(judged, 'judgement'), ...details].join(', ');
    const full = lab.job('sampleComparisons') ? ['writing', asksAgain ? count(answers, 'answer') : `${judged} judged`, simulatedOf(simulated, judged)].filter(Boolean).join(' · ') : judged > 0 ? judging : open > 0 ? `${count(open, 'item')} to judge` : unfit > 0 ? `${count(unfit, 'item waits', 'items wait')} for another form` : 'nothing to judge yet';
    return { full, short: judged > 0 ? String(asksAgain ? answers : judged) : '', simulated: simulated > 0, done: judged > 0 };
  }

  #reward(): LiveState {
    const job = lab.job('trainReward') ?? imageTraining.job;
    if (job) return { full: job.total ? `training · ${percent(job.done / job.total)}` : 'training', short: '…', done: false };
    if (shelf.activeRewardModel) return trained(shelf.activeRewardReport?.accuracy);
    if (imageTraining.model) return trained(imageTraining.report?.accuracy, ' on pictures');
    return { full: shelf.models.some(({ kind }) => kind === 'image-reward') ? 'not trained here yet' : 'not trained yet', short: '', done: false };
  }

  #optimise(): LiveState {
    const run = shelf.activeRun;
    if (!run) return { full: 'no run yet', short: '', done: false };
    const kl = this.#kl?.runId === run.id ? this.#kl.kl : undefined;
    const full = `iteration ${run.iteration}${kl === undefined ? '' : ` · KL ${kl.toFixed(1)}`}`;
    return { full, short: String(run.iteration), done: run.iteration > 0 };
  }

  #compare(): LiveState {
    const run = shelf.activeRun;
    const tuned = shelf.tunedModels.length > 0;
    if (!tuned && (!run || run.iteration === 0)) return { full: 'nothing to compare yet', short: '', done: false };
    return { full: 'base and tuned', short: '', done: tuned || run?.status === 'finished' || run?.status === 'stopped' };
  }

  #library(): LiveState {
    const parts = [
      shelf.datasets.length && count(shelf.datasets.length, 'dataset'),
      shelf.runs.length && count(shelf.runs.length, 'run'),
    ].filter(Boolean);
    return { full: parts.join(' · ') || 'models, datasets, runs', short: '', done: false };
  }
}

/** A model that scores, by how often it was right, where that is known. */
function trained(accuracy: { value: number; low: number; high: number } | null | undefined, on = ''): LiveState {
  return accuracy ? { full: `${percentWithin(accuracy)}${on}`, short: percent(accuracy.value), done: true } : { full: `trained${on}`, short: '✓', done: true };
}

export const loop = new Loop();
