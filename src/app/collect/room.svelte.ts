import { tick } from 'svelte';

/** How the room of judging looks now: what is open beside the item, and whether anything is. */
class JudgingRoom {
  #guidelines = $state(false);
  #remarks = $state(false);
  #focus = $state(false);

  /** The guidelines stand beside the item. */
  get guidelines(): boolean {
    return this.#guidelines;
  }

  /** The field for a comment is open. */
  get remarks(): boolean {
    return this.#remarks;
  }

  /** Nothing but the item is on the screen. */
  get focus(): boolean {
    return this.#focus;
  }

  toggleGuidelines(): void {
    this.#guidelines = !this.#guidelines;
  }

  toggleFocus(): void {
    this.#focus = !this.#focus;
  }

  /** Leaving the room ends the focus on it. */
  leave(): void {
    this.#focus = false;
  }

  openRemarks(): void {
    this.#remarks = true;
    focusSoon('[data-remark]');
  }

  /** The field of the active question, to write in. */
  focusField(): void {
    focusSoon('[data-active] :is(textarea, input)');
  }
}

/** Once the page has it, and before the next key: a frame later, the first letters of a quick writer would be commands. */
function focusSoon(selector: string): void {
  void tick().then(() => document.querySelector<HTMLElement>(selector)?.focus());
}

export const room = new JudgingRoom();
