import type { Comparison } from '../../feedback/judgement';
import { queue } from './queue.svelte';

/** As many as one oversees, and a screen or two hold. */
export const BATCH = 8;

/** Several items on one page, for quick passes. The page stays as it is until all of it is done. */
class Batch {
  #on = $state(false);
  #ids = $state.raw<readonly string[]>([]);

  get on(): boolean {
    return this.#on;
  }

  /** The items of the page, done or not. */
  get page(): readonly Comparison[] {
    return this.#ids.flatMap((id) => queue.find(id) ?? []);
  }

  toggle(): void {
    this.#on = !this.#on;
    this.#ids = [];
    if (this.#on) this.turn();
    else queue.reopen(null);
  }

  /** The next page, and its first item. */
  turn(): void {
    this.#ids = queue.upcoming(BATCH).map(({ id }) => id);
    queue.ask(this.#ids);
  }

  /** Judge this one next, and then the others of the page that are open. */
  choose(id: string): void {
    const others = this.#ids.filter((other) => other !== id && !queue.states.has(other));
    queue.ask([id, ...others]);
  }

  /** All of the page is done, or it was another dataset's: the next one. */
  follow(): void {
    if (this.#on && this.page.every(({ id }) => queue.states.has(id)) && queue.asked.length === 0 && queue.open > 0) this.turn();
  }
}

export const batch = new Batch();
