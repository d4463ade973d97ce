import type { Estimate } from '../../lab/protocol';

/** What the lab foresees for a form as it stands: the answer to the latest question. */
export class Forecast {
  #estimate = $state.raw<Estimate | null>(null);
  #asked = 0;

  /** Null until the lab has answered, and where it could not. */
  get estimate(): Estimate | null {
    return this.#estimate;
  }

  /** The lab would refuse to start it on this device. */
  get refused(): boolean {
    return this.#estimate !== null && this.#estimate.limit !== null && this.#estimate.largest > this.#estimate.limit;
  }

  async ask(question: () => Promise<Estimate>): Promise<void> {
    const turn = ++this.#asked;
    // What is wrong with a form is said by its fields, and by the lab when it is sent.
    const answer = await question().catch(() => null);
    if (turn === this.#asked) this.#estimate = answer;
  }
}
