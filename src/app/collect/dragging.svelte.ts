/**
 * One row of a list on its way to the place of another. Each row is an `li`
 * with its number in `data-place`; the list hears the handlers `hold`, `leave`
 * and `drop`, and what is dragged `grab` and `release`.
 * @typeParam T what a row is known by
 */
export class Dragging<T> {
  #dragged = $state.raw<T | null>(null);
  #over = $state<number | null>(null);

  /** @param place puts what was dragged where the row of this number is */
  constructor(private readonly place: (dragged: T, over: number) => void) {}

  get dragged(): T | null {
    return this.#dragged;
  }

  /** Number of the row that the dragged one is held over, or was last. */
  get over(): number | null {
    return this.#over;
  }

  grab({ dataTransfer }: DragEvent, what: T): void {
    // Without any data some browsers do not drag; of a kind of its own, for a field would take in text.
    dataTransfer?.setData('application/x-nudge-row', '');
    if (dataTransfer) dataTransfer.effectAllowed = 'move';
    this.#dragged = what;
  }

  readonly hold = (event: DragEvent): void => {
    if (this.#dragged === null) return;
    event.preventDefault();
    // Between two rows, the last one still counts.
    const row = (event.target as Element).closest<HTMLElement>('li');
    if (row) this.#over = Number(row.dataset.place);
  };

  readonly leave = ({ currentTarget, relatedTarget }: DragEvent): void => {
    if (!(currentTarget as Element).contains(relatedTarget as Node | null)) this.#over = null;
  };

  readonly drop = (event: DragEvent): void => {
    if (this.#dragged === null || this.#over === null) return;
    event.preventDefault();
    this.place(this.#dragged, this.#over);
    this.release();
  };

  readonly release = (): void => {
    this.#dragged = null;
    this.#over = null;
  };
}
