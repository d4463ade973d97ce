import type { Comparison, ComparisonState, Rater } from '../../feedback/judgement';
import { lessonsOf } from '../../feedback/lessons';
import { type JudgedDataset, loadJudgedDataset } from '../../store/judgements';
import type { ModelRecord } from '../../store/schema';
import type { RewardReport } from '../../lab/protocol';
import { verdictSentence } from '../collect/verdictSentence';
import { lab } from '../shell/lab.svelte';
import { router } from '../shell/router.svelte';
import { shelf } from '../shell/shelf.svelte';
import type { DisputeList, JudgedOrder } from './disputeReading';

/** One judgement that may be asked for again. */
export interface DisputeRow {
  comparison: Comparison;
  /** The model was tried on it, and did not learn from it. */
  heldOut: boolean;
  /** Null where it put no texts in order. */
  order: JudgedOrder | null;
  /** Times the average; null where the list is not about that. */
  pull: number | null;
  /** The two texts in question, or all that were judged. */
  texts: { text: string; preferred: boolean }[];
  /** Whose judgement stands now, unless it was taken back. */
  rater: Rater | null;
  /** What stands now, in words; null where it is not judged. */
  standing: string | null;
  /** It was judged since the model learned. */
  judgedSince: boolean;
}

/** What a reward model disputes of the judgements, and what pulled hardest at it, with their texts. */
export class Disputes {
  #judged = $state.raw<JudgedDataset | null>(null);
  readonly #comparisons = $derived(Object.fromEntries((this.#judged?.comparisons ?? []).map((comparison): [string, Comparison | undefined] => [comparison.id, comparison])));

  constructor(private readonly model: ModelRecord) {}

  get report(): RewardReport {
    return this.model.report as RewardReport;
  }

  /** The texts have been read; before that, empty means nothing. */
  get loaded(): boolean {
    return this.#judged !== null;
  }

  /** The list in view, as the address says it. */
  get view(): DisputeList {
    return router.detail === 'pulls' ? 'pulls' : 'disputes';
  }

  /** What the list in view holds, without what has been deleted. */
  get rows(): readonly DisputeRow[] {
    const { disputes, pulls } = this.report;
    return this.view === 'pulls'
      ? (pulls ?? []).flatMap(({ comparisonId, pull, order }) => this.#row(comparisonId, { pull, order, heldOut: false }))
      : (disputes?.worst ?? []).flatMap(({ comparisonId, heldOut, order }) => this.#row(comparisonId, { pull: null, order, heldOut }));
  }

  show(list: DisputeList): void {
    router.go('reward', list);
  }

  /** Read the texts, and follow what is judged meanwhile; returns what stops it. */
  follow(): () => void {
    void this.#read();
    return lab.database?.changes.listen((change) => {
      if (change.of === 'events' && change.datasetId === this.model.datasetId) void this.#read();
    }) ?? (() => undefined);
  }

  /** Show it in Collect, whence one comes back to this list. What the person says there counts from then on; the log keeps what stood before, in its rater's name. */
  async ask({ comparison }: DisputeRow): Promise<void> {
    const { view } = this;
    await shelf.chooseDataset(comparison.datasetId);
    router.go('collect', comparison.id, view);
  }

  #row(comparisonId: string, about: Pick<DisputeRow, 'pull' | 'order' | 'heldOut'>): DisputeRow[] {
    const comparison = this.#comparisons[comparisonId];
    if (!comparison) return [];
    const state = this.#judged?.states.get(comparisonId);
    const standing = state?.status === 'judged' ? state : null;
    return [{
      ...about,
      comparison,
      texts: this.#texts(about.order, comparison, standing),
      rater: standing?.rater ?? null,
      standing: standing && verdictSentence(standing.verdict, comparison),
      judgedSince: standing !== null && standing.at > this.model.created,
    }];
  }

  /** In the order of the screen where both are responses of one pair. */
  #texts(order: JudgedOrder | null, comparison: Comparison, standing: ComparisonState | null): DisputeRow['texts'] {
    const shown = comparison.swapped ? comparison.responses.toReversed() : comparison.responses;
    if (!order) return shown.map((text) => ({ text, preferred: false }));
    const textAt = ({ comparisonId, response }: JudgedOrder['better']) =>
      response === null ? rewritten(standing) : this.#comparisons[comparisonId]?.responses[response];
    const two = [{ text: textAt(order.better), preferred: true }, { text: textAt(order.worse), preferred: false }];
    return two.flatMap(({ text, preferred }) => (text === undefined ? [] : [{ text, preferred }])).sort((a, b) => shown.indexOf(a.text) - shown.indexOf(b.text));
  }

  async #read(): Promise<void> {
    if (!lab.database || !this.model.datasetId) return;
    this.#judged = await loadJudgedDataset(lab.database, this.model.datasetId);
  }
}

function rewritten(state: ComparisonState | null): string | undefined {
  if (state?.status !== 'judged') return undefined;
  for (const { verdict } of lessonsOf(state)) if (typeof verdict === 'object' && verdict.kind === 'rewrite') return verdict.text;
  return undefined;
}
