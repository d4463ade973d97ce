import type { Comparison, ComparisonState } from '../../feedback/judgement';
import { recordAction } from '../../feedback/recording';
import { appendEvents, type JudgedDataset, loadJudgedDataset } from '../../store/judgements';
import type { ModelRecord } from '../../store/schema';
import type { RewardReport } from '../../lab/protocol';
import { lab } from '../shell/lab.svelte';

export interface Mistake {
  comparison: Comparison;
  /** How much higher the reward model scores the text that was not preferred. */
  margin: number;
  preferred: string;
  other: string;
  /** What stands now: a pair that was reopened is open until it is judged again. */
  state: ComparisonState;
}

/** The held-out pairs that a reward model orders against the judgement, with their texts. */
export class Mistakes {
  #judged = $state.raw<JudgedDataset | null>(null);
  /** What was preferred when the list was first shown: reopening must not empty it. */
  #verdicts = $state.raw<Readonly<Record<string, 'first' | 'second'>>>({});

  constructor(private readonly model: ModelRecord) {}

  get list(): readonly Mistake[] {
    const judged = this.#judged;
    if (!judged) return [];
    return (this.model.report as RewardReport).mistakes.flatMap(({ comparisonId, margin }) => {
      const comparison = judged.comparisons.find(({ id }) => id === comparisonId);
      const verdict = this.#verdicts[comparisonId];
      if (!comparison || !verdict) return [];
      const [preferred, other] = verdict === 'first' ? comparison.responses : [comparison.responses[1], comparison.responses[0]];
      return { comparison, margin: Math.abs(margin), preferred, other, state: judged.states.get(comparisonId) ?? { status: 'open' } };
    });
  }

  /** Read the texts, and follow what is judged meanwhile; returns what stops it. */
  follow(): () => void {
    void this.#read();
    return lab.database?.changes.listen((change) => {
      if (change.of === 'events' && change.datasetId === this.model.datasetId) void this.#read();
    }) ?? (() => undefined);
  }

  /** Take the standing judgement back in its rater's name, so that the pair is asked again. */
  async reopen({ comparison, state }: Mistake): Promise<void> {
    if (state.status !== 'judged' || !lab.database || !this.#judged) return;
    await appendEvents(lab.database, [recordAction(comparison, state.rater, { kind: 'undone' }, Date.now(), this.#judged.events)]);
  }

  async #read(): Promise<void> {
    if (!lab.database || !this.model.datasetId) return;
    const judged = await loadJudgedDataset(lab.database, this.model.datasetId);
    const decided = [...judged.states].flatMap(([id, state]) => (state.status === 'judged' && (state.verdict === 'first' || state.verdict === 'second') ? [[id, state.verdict]] : []));
    this.#judged = judged;
    this.#verdicts = { ...Object.fromEntries(decided), ...this.#verdicts };
  }
}
