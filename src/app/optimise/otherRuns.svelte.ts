import type { PpoMetrics } from '../../lab/protocol';
import { listMetrics } from '../../store/runs';
import type { RunRecord } from '../../store/schema';
import { OTHER_RUNS } from '../charts/dashes';
import { lab } from '../shell/lab.svelte';
import { shelf } from '../shell/shelf.svelte';
import { runView } from './runView.svelte';

type History = readonly { iteration: number; metrics: PpoMetrics }[];

/** Runs that are drawn beside the one that is looked at, as many as can be told apart. */
class OtherRuns {
  #ids = $state.raw<readonly string[]>([]);
  #histories = $state.raw<Readonly<Record<string, { updated: number; history: History }>>>({});

  /** In the order in which they were chosen. */
  get chosen(): readonly RunRecord[] {
    return this.#ids.flatMap((id) => shelf.runs.find((run) => run.id === id && id !== runView.run?.id) ?? []);
  }

  /** Those that have something to show, and may be chosen; the latest first. */
  get choices(): readonly RunRecord[] {
    return shelf.runs.filter(({ id, iteration }) => iteration > 0 && id !== runView.run?.id).toReversed();
  }

  /** No more can be told apart. */
  get full(): boolean {
    return this.chosen.length >= OTHER_RUNS.length;
  }

  /** First iteration first; empty until it has been read. */
  historyOf(run: RunRecord): History {
    return this.#histories[run.id]?.history ?? [];
  }

  choose(id: string, shown: boolean): void {
    const others = this.chosen.map((run) => run.id).filter((other) => other !== id);
    if (!shown) this.#ids = others;
    else if (others.length < OTHER_RUNS.length) this.#ids = [...others, id];
  }

  /** Read what the chosen ones have measured, anew where one has gone on or back. */
  async read(runs: readonly RunRecord[]): Promise<void> {
    const { database } = lab;
    if (!database) return;
    const stale = runs.filter(({ id, updated }) => this.#histories[id]?.updated !== updated);
    const read = await Promise.all(stale.map(async ({ id, updated }) => [id, { updated, history: await listMetrics(database, id) }] as const));
    if (read.length > 0) this.#histories = { ...this.#histories, ...Object.fromEntries(read) };
  }
}

export const otherRuns = new OtherRuns();
