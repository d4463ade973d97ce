import { raterKey } from '../../feedback/judgementState';
import { COEFFICIENTS, labelerGroups, type Coefficient, type Estimate, type Group } from '../../feedback/quality/labelerAgreement';
import { measureQuality, type Quality } from '../../feedback/quality/quality';
import { labelers } from '../shell/labelers.svelte';
import { queue } from './queue.svelte';

/** Some people's agreement; a coefficient is absent while it is computed. */
export interface GroupAgreement extends Pick<Group, 'measure' | 'who' | 'rows'> {
  estimates: Partial<Record<Coefficient, Estimate>>;
}

// While somebody judges, each key must answer at once; a log of a hundred thousand events takes a good part of a second to be measured.
const REST_MS = 800;
/** Times that measuring takes, which the log must be at rest before it is measured again. */
const RESTS = 20;

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
    const quality = measureQuality(queue.comparisons, queue.events, labelers.rater);
    this.#tookMs = performance.now() - begun;
    this.#quality = quality;
    const groups = labelerGroups(quality);
    this.#agreement = groups.map(({ measure, who, rows }) => ({ measure, who, rows, estimates: {} }));
    for (const [i, group] of groups.entries())
      for (const coefficient of COEFFICIENTS) {
        await breath();
        if (!wanted()) return;
        const estimate = group.estimate(coefficient);
        this.#agreement = this.#agreement.map((row, j) => (i === j ? { ...row, estimates: { ...row.estimates, [coefficient]: estimate } } : row));
      }
  }
}

/** Lets the page answer keys and draw before the next piece of work. */
const breath = () => new Promise((resolve) => setTimeout(resolve));

export const qualityView = new QualityView();
