import { runView } from './runView.svelte';
import type { TracedIteration } from './tokenSums';

/** The text whose tokens are looked at one by one. It stays when the run goes on meanwhile. */
class TokenInspector {
  #traced = $state.raw<TracedIteration | null>(null);
  #place = $state(0);

  /** Null while nothing is looked at. */
  get traced(): TracedIteration | null {
    return this.#traced;
  }

  /** Which of its samples. */
  get place(): number {
    return this.#place;
  }

  /** Something is there to be looked at. */
  get ready(): boolean {
    return (runView.samples?.samples.length ?? 0) > 0;
  }

  /** Look at one of the samples that are shown. */
  open(place = 0): void {
    const { samples: read, settings, history } = runView;
    if (!read || !settings || place >= read.samples.length) return;
    this.#traced = { ...read, settings, metrics: history.find(({ iteration }) => iteration === read.iteration)?.metrics ?? {} };
    this.#place = place;
  }

  choose(place: number): void {
    this.#place = place;
  }

  close(): void {
    this.#traced = null;
  }
}

export const tokenInspector = new TokenInspector();
