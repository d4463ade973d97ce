/** Something that the person is about to delete. */
export interface Removal {
  name: string;
  /** What goes with it, and that it cannot be taken back. */
  consequence: string;
  run: () => Promise<void>;
}

/** One question at a time: the dialog of the library shows it. */
class PendingRemoval {
  #pending = $state.raw<Removal | null>(null);

  get pending(): Removal | null {
    return this.#pending;
  }

  ask(removal: Removal): void {
    this.#pending = removal;
  }

  /** Answered, either way. */
  settle(): void {
    this.#pending = null;
  }
}

export const removal = new PendingRemoval();
