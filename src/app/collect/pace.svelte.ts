// Judgements that the pace is taken from: enough to be steady, few enough to follow a change.
const WINDOW = 12;

/** How long somebody looks at a pair before judging it; time away from the tab does not count. */
export class Pace {
  #shown: number | null = null;
  #recent = $state.raw<readonly number[]>([]);

  constructor() {
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) this.abandon();
    });
  }

  /** Median milliseconds of the latest judgements of this visit; null before the third. */
  get median(): number | null {
    if (this.#recent.length < 3) return null;
    const sorted = [...this.#recent].sort((a, b) => a - b);
    return sorted[sorted.length >> 1];
  }

  /** A pair is on the screen now. */
  show(): void {
    this.#shown = document.hidden ? null : performance.now();
  }

  /** It was judged: milliseconds since it was shown, or null where that is not known. */
  finish(): number | null {
    if (this.#shown === null) return null;
    const elapsed = Math.round(performance.now() - this.#shown);
    this.#recent = [...this.#recent, elapsed].slice(-WINDOW);
    this.#shown = null;
    return elapsed;
  }

  abandon(): void {
    this.#shown = null;
  }
}
