import { untrack } from 'svelte';
import type { Room } from './router.svelte';

/** Something that a person can do. One list feeds the buttons, the keys and the cheat sheet. */
export interface Command {
  id: string;
  /** On its button, and in the cheat sheet where `about` is absent. */
  title: string;
  about?: string;
  /** As KeyboardEvent.key names them; letters in lower case. */
  keys: readonly string[];
  /** Under which heading the cheat sheet lists it. */
  group: 'everywhere' | Exclude<Room, 'welcome'>;
  run: () => void;
  /** Absent: always. Read anew each time, so that it follows the state. */
  enabled?: () => boolean;
}

const KEYS_OFF = 'nudge.keysOff';

class CommandRegistry {
  #commands = $state.raw<Command[]>([]);
  #keysOn = $state(localStorage.getItem(KEYS_OFF) === null);

  get all(): readonly Command[] {
    return this.#commands;
  }

  /** Single-key shortcuts can be switched off (WCAG 2.1.4): speech input and shaky hands trigger them by accident. */
  get keysOn(): boolean {
    return this.#keysOn;
  }

  switchKeys(on: boolean): void {
    this.#keysOn = on;
    if (on) localStorage.removeItem(KEYS_OFF);
    else localStorage.setItem(KEYS_OFF, '1');
  }

  /** Returns what takes them out again; a room registers in an effect and returns that. */
  register(commands: Command[]): () => void {
    // An effect that registers must not run again because of it.
    this.#commands = [...untrack(() => this.#commands), ...commands];
    return () => {
      this.#commands = this.#commands.filter((command) => !commands.includes(command));
    };
  }

  /** A key was pressed somewhere on the page. */
  press(event: KeyboardEvent): void {
    if (!this.#keysOn || event.defaultPrevented || event.repeat || event.isComposing) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event.target) || document.querySelector('dialog[open]')) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const command = this.#commands.find(({ keys, enabled }) => keys.includes(key) && (enabled?.() ?? true));
    if (!command) return;
    event.preventDefault();
    command.run();
  }
}

// Radio buttons, sliders and lists use arrows and letters themselves; a button uses the space bar.
function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, textarea, select, [contenteditable], [role="slider"], [role="tab"], [role="grid"]') !== null;
}

export const commands = new CommandRegistry();
