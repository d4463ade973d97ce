import { takeWriterLock, type WriterLock } from '../../store/writerLock';

/** The right to judge one dataset: one tab at a time, so that two don't put the same pair before the same person. */
class Seat {
  #datasetId: string | null = null;
  #lock: WriterLock | null = null;
  #taken = $state(false);

  /** Another tab sits here. */
  get taken(): boolean {
    return this.#taken;
  }

  async take(datasetId: string, { takeOver = false } = {}): Promise<void> {
    // It is held, or being asked for: asking twice at once would find it taken by the first.
    if (datasetId === this.#datasetId && !this.#taken) return;
    this.leave();
    this.#datasetId = datasetId;
    const lock = await takeWriterLock(datasetId, { takeOver, onLost: () => this.#lose(datasetId) });
    // Somebody went on to another dataset while the browser was asked.
    if (datasetId !== this.#datasetId) lock?.release();
    else {
      this.#lock = lock;
      this.#taken = lock === null;
    }
  }

  async takeOver(): Promise<void> {
    if (this.#datasetId) await this.take(this.#datasetId, { takeOver: true });
  }

  leave(): void {
    this.#lock?.release();
    this.#lock = null;
    this.#datasetId = null;
    this.#taken = false;
  }

  #lose(datasetId: string): void {
    if (datasetId !== this.#datasetId) return;
    this.#lock = null;
    this.#taken = true;
  }
}

export const seat = new Seat();
