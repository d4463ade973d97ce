import { ANY_ITEM, ItemSearch, type ItemFilter } from '../../feedback/itemSearch';
import type { JudgedQueue } from '../../feedback/judgedQueue';
import type { Comparison } from '../../feedback/judgement';
import { inSlices } from '../shell/slices';

/** The items of a queue that somebody looks for: a new wish begins the search anew, and the page answers meanwhile. */
export class Items {
  filter = $state<ItemFilter>({ ...ANY_ITEM });
  #found = $state.raw<readonly Comparison[]>([]);
  #searching = $state(true);
  #search: ItemSearch | null = null;
  #wish = 0;

  /** The latest first. */
  get found(): readonly Comparison[] {
    return this.#found;
  }

  /** What is found is not yet what is wished for. */
  get searching(): boolean {
    return this.#searching;
  }

  /** Look through a queue with the present filter. */
  async look(queue: JudgedQueue): Promise<void> {
    if (this.#search?.queue !== queue) this.#search = new ItemSearch(queue);
    const search = this.#search;
    const wish = ++this.#wish;
    const wanted = () => wish === this.#wish;
    this.#searching = true;
    const found = await inSlices(search.find({ ...this.filter }), wanted);
    if (found === null) return;
    this.#found = found;
    this.#searching = false;
    // Whoever looks at the list may soon type a word.
    await inSlices(search.takeIn(), wanted);
  }
}
