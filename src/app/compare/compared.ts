import { LEAN, settingsOf, type TunedPolicy } from '../../lab/protocol';
import type { ModelRecord, RunRecord } from '../../store/schema';
import { scoredBy } from '../optimise/rewardWords';

/** What the room puts beside its base model: a run's policy, or a model that was tuned without a run. */
export interface Compared {
  /** Another for every state of the policy: texts and votes of one say nothing about another. */
  key: string;
  /** As the key; another too where another reward model scores. */
  measuredAs: string;
  policy: TunedPolicy;
  /** Who gives the texts their reward. */
  scoredBy: string;
  name: string;
  baseModelId: string;
  responseLength: number;
  temperature: number;
  /** Openings of its own that it was trained on. */
  prompts?: readonly string[];
}

export function comparedRun(run: RunRecord): Compared {
  const { responseLength, temperature } = settingsOf(run);
  const key = `${run.id}/${run.iteration}`;
  return { key, measuredAs: key, policy: { runId: run.id }, scoredBy: scoredBy(run), name: `${run.name}, iteration ${run.iteration}`, baseModelId: run.baseModelId, responseLength, temperature, prompts: run.prompts };
}

/** Both write as runs do by default; the reward model in use scores them, if there is one. */
export function comparedModel({ id, name, baseModelId }: ModelRecord, rewardModelId: string | undefined): Compared {
  const { responseLength, temperature } = LEAN;
  return { key: id, measuredAs: `${id}/${rewardModelId ?? ''}`, policy: { modelId: id, ...(rewardModelId !== undefined && { rewardModelId }) }, scoredBy: 'reward model', name, baseModelId: baseModelId!, responseLength, temperature };
}
