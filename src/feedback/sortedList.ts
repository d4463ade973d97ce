/** A list in order. What comes in order costs nothing; the rest is sorted in when somebody looks. */
export class SortedList<T> {
  readonly #items: T[] = [];
  #sorted = true;

  constructor(private readonly order: (a: T, b: T) => number) {}

  add(item: T): void {
    if (this.#items.length > 0 && this.order(this.#items[this.#items.length - 1], item) > 0) this.#sorted = false;
    this.#items.push(item);
  }

  /** Take one out, of which nothing else has the place in the order. */
  remove(item: T): void {
    const { items } = this;
    let [from, to] = [0, items.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.order(items[middle], item) < 0) from = middle + 1;
      else to = middle;
    }
    if (items[from] === item) items.splice(from, 1);
  }

  /** The least first; equals in the order of their arrival. */
  get items(): T[] {
    if (!this.#sorted) this.#items.sort(this.order);
    this.#sorted = true;
    return this.#items;
  }
}
