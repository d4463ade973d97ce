import type { Comparison, Rater } from '../../feedback/judgement';
import { shownResponse } from '../../feedback/shown';
import { type JudgedDataset, loadJudgedDataset } from '../../store/judgements';
import type { ModelRecord } from '../../store/schema';
import type { RewardReport } from '../../lab/protocol';
import { lab } from '../shell/lab.svelte';
import { router } from '../shell/router.svelte';
import { shelf } from '../shell/shelf.svelte';

export interface Mistake {
  comparison: Comparison;
  /** How much higher the reward model scores the text that was not preferred. */
  margin: number;
  preferred: string;
  other: string;
  /** Whose judgement stands now, unless it was taken back. */
  rater: Rater | null;
  /** It was judged since the model learned. */
  judgedSince: boolean;
}

/** The held-out pairs that a reward model orders against the judgement, with their texts. */
export class Mistakes {
  #judged = $state.raw<JudgedDataset | null>(null);
  /** What was preferred when the list was first shown: judging again must not empty it. */
  #verdicts = $state.raw<Readonly<Record<string, 'first' | 'second'>>>({});

  constructor(private readonly model: ModelRecord) {}

  get list(): readonly Mistake[] {
    const judged = this.#judged;
    if (!judged) return [];
    return (this.model.report as RewardReport).mistakes.flatMap(({ comparisonId, margin }) => {
      const comparison = judged.comparisons.find(({ id }) => id === comparisonId);
      const verdict = this.#verdicts[comparisonId];
      if (!comparison || !verdict) return [];
      const [preferred, other] = (verdict === 'first' ? [0, 1] : [1, 0]).map((response) => shownResponse(comparison, response));
      const state = judged.states.get(comparisonId);
      const standing = state?.status === 'judged' ? state : null;
      return { comparison, margin: Math.abs(margin), preferred, other, rater: standing?.rater ?? null, judgedSince: standing !== null && standing.at > this.model.created };
    });
  }

  /** Read the texts, and follow what is judged meanwhile; returns what stops it. */
  follow(): () => void {
    void this.#read();
    return lab.database?.changes.listen((change) => {
      if (change.of === 'events' && change.datasetId === this.model.datasetId) void this.#read();
    }) ?? (() => undefined);
  }

  /** Show the pair in Collect. What the person says there counts from then on; the log keeps what stood before, in its rater's name. */
  async ask({ comparison }: Mistake): Promise<void> {
    await shelf.chooseDataset(comparison.datasetId);
    router.go('collect', comparison.id);
  }

  async #read(): Promise<void> {
    if (!lab.database || !this.model.datasetId) return;
    const judged = await loadJudgedDataset(lab.database, this.model.datasetId);
    const decided = [...judged.states].flatMap(([id, state]) => (state.status === 'judged' && (state.verdict === 'first' || state.verdict === 'second') ? [[id, state.verdict]] : []));
    this.#judged = judged;
    this.#verdicts = { ...Object.fromEntries(decided), ...this.#verdicts };
  }
}
