import type { DpoSettings, TuningReport } from '../../lab/protocol';
import type { ModelRecord } from '../../store/schema';
import { count } from '../controls/wording';

/** Each method's short name, as the field has it. */
export const METHOD_NAMES: Record<DpoSettings['method'], string> = { dpo: 'DPO', ipo: 'IPO', kto: 'KTO' };

/** How a model was tuned without a run, as a clause: "tuned on 120 judgements directly (DPO, β 0.1, seed 1)". */
export function madeBy({ report }: Pick<ModelRecord, 'report'>): string {
  const made = report as TuningReport;
  const { seed, epochs } = made.settings;
  if (made.by === 'preferences') return `tuned on ${count(made.trainPairs + made.heldOutPairs, 'judgement')} directly (${METHOD_NAMES[made.settings.method]}, β ${made.settings.beta}, seed ${seed})`;
  return `trained on ${count(made.trainExamples + made.heldOutExamples, 'example')} of “${made.source}” (${count(epochs, 'epoch')}, seed ${seed})`;
}

/** How many judgements a model was tuned on directly, those that taught nothing among them, and how many of them a simulated labeler made; null where it learned from none. */
export function judgesOfTuning({ report }: Pick<ModelRecord, 'report'>): { simulated: number; all: number } | null {
  const made = report as TuningReport | undefined;
  if (made?.by !== 'preferences') return null;
  return { simulated: made.simulatedPairs, all: made.trainPairs + made.heldOutPairs + made.ties + made.leftOut };
}
