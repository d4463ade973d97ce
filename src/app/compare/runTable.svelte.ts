import { listMetrics } from '../../store/runs';
import type { RunRecord } from '../../store/schema';
import { lab } from '../shell/lab.svelte';
import { type RunSummary, summarise } from './runSummary';

/** The summaries of all runs, read anew where a run has gone on. */
export class RunTable {
  #summaries = $state.raw<Readonly<Record<string, { iteration: number; summary: RunSummary }>>>({});

  summaryOf(run: RunRecord): RunSummary | null {
    return this.#summaries[run.id]?.summary ?? null;
  }

  async read(runs: readonly RunRecord[]): Promise<void> {
    const { database } = lab;
    if (!database) return;
    const stale = runs.filter(({ id, iteration }) => this.#summaries[id]?.iteration !== iteration);
    const read = await Promise.all(stale.map(async ({ id, iteration }) => [id, { iteration, summary: summarise((await listMetrics(database, id)).map(({ metrics }) => metrics)) }] as const));
    if (read.length > 0) this.#summaries = { ...this.#summaries, ...Object.fromEntries(read) };
  }
}
