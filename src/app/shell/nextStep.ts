import type { RunRecord } from '../../store/schema';
import type { Room } from './router.svelte';

/** Judgements from which a reward model can be tried at all; more is better. */
export const ENOUGH_JUDGEMENTS = 12;

export interface LoopFacts {
  comparisons: number;
  judged: number;
  rewardModel: boolean;
  /** All that is judged in the dataset in use are pictures, and a model has learned from them: nothing can be tuned with it. */
  imageModel: boolean;
  run: Pick<RunRecord, 'status' | 'name'> | null;
  working: 'sampleComparisons' | 'labelWithRule' | 'trainReward' | 'trainImageReward' | null;
}

export interface NextStep {
  room: Exclude<Room, 'welcome' | 'library'>;
  /** An invitation, as a button says it. */
  label: string;
}

/** The one thing that is most useful to do now, wherever the person stands. */
export function nextStep({ comparisons, judged, rewardModel, imageModel, run, working }: LoopFacts): NextStep {
  const missing = ENOUGH_JUDGEMENTS - judged;
  if (working === 'trainReward' || working === 'trainImageReward') return { room: 'reward', label: 'Watch the reward model learn' };
  if (run?.status === 'running') return { room: 'optimise', label: 'Watch the model change' };
  if (run?.status === 'finished' || run?.status === 'stopped') return { room: 'compare', label: 'See what has changed' };
  if (run) return { room: 'optimise', label: run.status === 'failed' ? 'Look at what went wrong' : 'Go on with the training' };
  if (rewardModel) return { room: 'optimise', label: 'Tune the model' };
  if (imageModel) return { room: 'reward', label: 'See how it ranks the pictures' };
  if (missing <= 0) return { room: 'reward', label: 'Train a reward model' };
  if (judged > 0) return { room: 'collect', label: `Judge ${missing} more` };
  return { room: 'collect', label: comparisons > 0 ? 'Judge the first' : 'Get pairs to judge' };
}
