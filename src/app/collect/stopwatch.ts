/** How long somebody looks at a pair before judging it. Time away from the tab is unknown, not long. */
export class Stopwatch {
  private shown: number | null = null;

  constructor() {
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) this.abandon();
    });
  }

  /** A pair is on the screen now. */
  start(): void {
    this.shown = document.hidden ? null : performance.now();
  }

  /** Milliseconds since it was shown; undefined where that is not known. */
  stop(): number | undefined {
    const elapsed = this.shown === null ? undefined : Math.round(performance.now() - this.shown);
    this.shown = null;
    return elapsed;
  }

  abandon(): void {
    this.shown = null;
  }
}
