import { untrack } from 'svelte';
import { commandKey } from '../controls/keys';
import { COMMAND_TABLE, type CommandEntry, type CommandId } from './commandTable';
import { keyBindings } from './keyBindings.svelte';

/** Something that a person can do. One list feeds the buttons, the keys and the cheat sheet. */
export interface Command extends CommandEntry {
  id: CommandId;
  run: () => void;
  /** Absent: always. Read anew each time, so that it follows the state. */
  enabled?: () => boolean;
}

/** A command of the table with what it does. Its `keys` are those that do it now: as a person chose them, and none while keys are switched off. */
export function command(id: CommandId, run: () => void, enabled?: () => boolean): Command {
  return {
    ...COMMAND_TABLE[id],
    id,
    get keys() {
      return keyBindings.on ? keyBindings.of(id) : [];
    },
    run,
    enabled,
  };
}

class CommandRegistry {
  #commands = $state.raw<Command[]>([]);

  get all(): readonly Command[] {
    return this.#commands;
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
    if (event.defaultPrevented || event.repeat || event.isComposing) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (usesItself(event.target, event.key) || document.querySelector('dialog[open]')) return;
    // Enter presses the button that has the focus.
    if (event.key === 'Enter' && event.target instanceof Element && event.target.closest('button, a, summary')) return;
    const key = commandKey(event.key);
    const command = key && this.#commands.find(({ keys, enabled }) => keys.includes(key) && (enabled?.() ?? true));
    if (!command) return;
    event.preventDefault();
    command.run();
  }
}

const PLAYER_KEYS = [' ', 'Enter', 'ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End', 'PageUp', 'PageDown'];

/** Radio buttons, sliders and lists use arrows and letters themselves; a button uses the space bar, a player what it is played and wound with. */
function usesItself(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest('audio, video')) return PLAYER_KEYS.includes(key);
  return target.closest('input, textarea, select, [contenteditable], [role="slider"], [role="tab"], [role="grid"]') !== null;
}

export const commands = new CommandRegistry();
