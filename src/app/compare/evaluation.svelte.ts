import { randomSeed } from '../../feedback/identity';
import type { Evaluation } from '../../lab/protocol';
import { readSetting, writeSetting } from '../../store/settings';
import { lab } from '../shell/lab.svelte';
import type { Compared } from './compared';

/** A policy measured on many prompts that it never saw; kept, so that it is there tomorrow. */
export class Measuring {
  #evaluation = $state.raw<Evaluation | null>(null);

  constructor(readonly compared: Compared) {}

  /** Of the policy as it is now; null before it was measured. */
  get evaluation(): Evaluation | null {
    return this.#evaluation;
  }

  get job() {
    return lab.job('evaluate');
  }

  get #setting(): string {
    return `evaluation/${this.compared.measuredAs}`;
  }

  async open(): Promise<void> {
    const kept: unknown = lab.database && (await readSetting(lab.database, this.#setting));
    if (kept && typeof kept === 'object') this.#evaluation = kept as Evaluation;
  }

  async measure(samples: number): Promise<void> {
    if (this.job) return;
    try {
      const job = lab.begin('evaluate', { ...this.compared.policy, samples, seed: randomSeed() }, 'Measuring base and tuned', 'The two could not be measured');
      this.#evaluation = await job.result;
      if (lab.database) await writeSetting(lab.database, this.#setting, this.#evaluation);
    } catch {
      // The job has told the person already.
    }
  }
}
