import type { TuningReport } from '../../lab/protocol';
import type { ModelRecord } from '../../store/schema';
import { count } from '../controls/wording';
import { METHODS } from '../optimise/tuningMethods';

/** How a model was tuned without a run, as a clause: "tuned on 120 judgements directly (DPO, β 0.1, seed 1)". */
export function madeBy({ report }: Pick<ModelRecord, 'report'>): string {
  const made = report as TuningReport;
  const { seed, epochs } = made.settings;
  if (made.by === 'preferences') return `tuned on ${count(made.trainPairs + made.heldOutPairs, 'judgement')} directly (${METHODS[made.settings.method].label}, β ${made.settings.beta}, seed ${seed})`;
  if (made.by === 'values') return `guided by a critic that ${count(made.trainTexts + made.heldOutTexts, 'judged text')} taught (${METHODS.ilql.label}, β ${made.settings.beta}, seed ${seed})`;
  return `trained on ${count(made.trainExamples + made.heldOutExamples, 'example')} of “${made.source}” (${count(epochs, 'epoch')}, seed ${seed})`;
}

/** How many judgements a model was tuned on directly, those that taught nothing among them, and how many of them a simulated labeler made; null where it learned from none. */
export function judgesOfTuning({ report }: Pick<ModelRecord, 'report'>): { simulated: number; all: number } | null {
  const made = report as TuningReport | undefined;
  if (made?.by === 'values') return { simulated: made.simulatedTexts, all: made.trainTexts + made.heldOutTexts + made.leftOut };
  if (made?.by !== 'preferences') return null;
  return { simulated: made.simulatedPairs, all: made.trainPairs + made.heldOutPairs + made.ties + made.leftOut };
}
