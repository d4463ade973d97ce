import type { JudgementEvent } from '../../feedback/judgement';
import { loadJudgedDataset } from '../../store/judgements';
import { lab } from '../shell/lab.svelte';
import { inSlices } from '../shell/slices';
import { raterKey } from '../../feedback/judgementState';
import { COEFFICIENTS, labelerGroups, type Coefficient, type Estimate, type Group } from '../../feedback/quality/labelerAgreement';
import { measureQuality, type Quality } from '../../feedback/quality/quality';
import { labelers } from '../shell/labelers.svelte';
import { queue } from './queue.svelte';

/** Some people's agreement; a coefficient is absent while it is computed. */
export interface GroupAgreement extends Pick<Group, 'measure' | 'who' | 'rows'> {
  estimates: Partial<Record<Coefficient, Estimate>>;
}

// Nobody needs new figures after each key.
const REST_MS = 800;
/** Times that measuring takes, which the log must be at rest before it is measured again: a log of a hundred thousand events takes a good part of a second, which is better spent on whoever judges. */
const RESTS = 5;

/** How well whoever judges now judges, kept up to date while somebody looks. */
class QualityView {
  #quality = $state.raw<Quality | null>(null);
  #agreement = $state.raw<readonly GroupAgreement[]>([]);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #tookMs = 0;
  /** Whose judgements were measured, and of what dataset. */
  #of: string | undefined;

  get quality(): Quality | null {
    return this.#quality;
  }

  get agreement(): readonly GroupAgreement[] {
    return this.#agreement;
  }

  /** Measure once the log has been at rest for a while, of another person or dataset at once; returns what calls it off. */
  measureSoon(): () => void {
    const of = JSON.stringify([raterKey(labelers.rater), queue.datasetId]);
    if (of !== this.#of) this.forget();
    this.#of = of;
    const timer = setTimeout(() => void this.#measure(() => this.#timer === timer), this.#quality ? Math.max(REST_MS, RESTS * this.#tookMs) : 0);
    this.#timer = timer;
    return () => {
      clearTimeout(timer);
      if (this.#timer === timer) this.#timer = undefined;
    };
  }

  /** Nobody looks any more: what was found is let go. */
  forget(): void {
    this.#quality = null;
    this.#agreement = [];
  }

  async #measure(wanted: () => boolean): Promise<void> {
    const begun = performance.now();
    const events = await everybodysEvents();
    if (!wanted()) return;
    const quality = await inSlices(measureQuality(queue.comparisons, events, labelers.rater), wanted);
    if (!quality) return;
    this.#tookMs = performance.now() - begun;
    this.#quality = quality;
    const groups = await inSlices(labelerGroups(quality), wanted);
    if (!groups) return;
    this.#agreement = groups.map(({ measure, who, rows }) => ({ measure, who, rows, estimates: {} }));
    for (const [i, group] of groups.entries())
      for (const coefficient of COEFFICIENTS) {
        const estimate = await inSlices(group.estimate(coefficient), wanted);
        if (!estimate) return;
        this.#agreement = this.#agreement.map((row, j) => (i === j ? { ...row, estimates: { ...row.estimates, [coefficient]: estimate } } : row));
      }
  }
}

/** The screen may show a labeler only its own; then the others' are read. */
export async function everybodysEvents(): Promise<readonly JudgementEvent[]> {
  if (queue.showsAll) return queue.events();
  if (!lab.database || !queue.datasetId) return [];
  const { events } = await loadJudgedDataset(lab.database, queue.datasetId);
  return [...events, ...queue.unsaved.filter(({ datasetId }) => datasetId === queue.datasetId)];
}

export const qualityView = new QualityView();
