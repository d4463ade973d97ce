import { bindableKey, printedKey } from '../controls/keys';
import { clashes } from './clashes';
import { COMMAND_IDS, COMMAND_TABLE, type CommandId } from './commandTable';
import { placeOf } from './rooms';

const ALL_OFF = 'nudge.keysOff';
const CHANGED = 'nudge.keys';
/** More than anybody needs for one command; what a stored value holds beyond is not ours. */
const MOST_KEYS = 4;

type Keys = readonly string[];
type Changes = ReadonlyMap<CommandId, Keys>;

/** Which keys do what: as the table has it, but for what a person changed, kept in this browser. */
class KeyBindings {
  #on = $state(localStorage.getItem(ALL_OFF) === null);
  #changes = $state.raw<Changes>(withoutClashes(read(localStorage.getItem(CHANGED))));

  /** Single keys can be switched off as a whole (WCAG 2.1.4): speech input and shaky hands trigger them by accident. */
  get on(): boolean {
    return this.#on;
  }

  /** Whether any command has other keys than the table gives it. */
  get changed(): boolean {
    return this.#changes.size > 0;
  }

  /** The keys that are chosen for a command; none where it was switched off. */
  of(id: CommandId): Keys {
    return chosen(this.#changes, id);
  }

  isChanged(id: CommandId): boolean {
    return this.#changes.has(id);
  }

  switchAll(on: boolean): void {
    this.#on = on;
    if (on) localStorage.removeItem(ALL_OFF);
    else localStorage.setItem(ALL_OFF, '1');
  }

  /**
   * Gives a command `key` (as KeyboardEvent.key names it) in place of its key
   * number `at`, or one more where it has none there. Returns null, or why not
   * in a sentence; then nothing has changed.
   */
  choose(id: CommandId, at: number, key: string): string | null {
    const bindable = bindableKey(key);
    if (bindable === null) return 'That key works the page or the browser. Choose a letter, a digit, another sign or an arrow.';
    return this.#change(id, [...new Set(this.of(id).toSpliced(at, 1, bindable))]);
  }

  /** Takes a command's keys away. */
  switchOff(id: CommandId): void {
    this.#change(id, []);
  }

  /** The keys of the table again. Returns null, or why not: another command may have been given one of them. */
  restore(id: CommandId): string | null {
    return this.#change(id, COMMAND_TABLE[id].keys);
  }

  restoreAll(): void {
    this.#keep(new Map());
  }

  #change(id: CommandId, keys: Keys): string | null {
    const others = [...this.#changes].filter(([other]) => other !== id);
    const changes: Changes = new Map(same(keys, COMMAND_TABLE[id].keys) ? others : [...others, [id, keys]]);
    const clash = clashesOf(changes).find(({ ids }) => ids.includes(id));
    if (clash) {
      const other = COMMAND_TABLE[clash.ids[0] === id ? clash.ids[1] : clash.ids[0]];
      return `${printedKey(clash.key)} is the key of “${other.title}” already (${placeOf(other)}). Choose another, or change that one first.`;
    }
    this.#keep(changes);
    return null;
  }

  #keep(changes: Changes): void {
    this.#changes = changes;
    if (changes.size > 0) localStorage.setItem(CHANGED, JSON.stringify(Object.fromEntries(changes)));
    else localStorage.removeItem(CHANGED);
  }
}

const same = (a: Keys, b: Keys) => a.length === b.length && a.every((key, i) => key === b[i]);
const chosen = (changes: Changes, id: CommandId) => changes.get(id) ?? COMMAND_TABLE[id].keys;

function clashesOf(changes: Changes) {
  return clashes(Object.fromEntries(COMMAND_IDS.map((id) => [id, { ...COMMAND_TABLE[id], keys: chosen(changes, id) }])) as typeof COMMAND_TABLE);
}

/** What an earlier visit kept. Anybody may have written there, and another version knew other commands: only what is meant for one of ours is read. */
function read(text: string | null): Changes {
  let kept: unknown = null;
  try {
    kept = JSON.parse(text ?? 'null');
  } catch {
    // Nothing that we wrote.
  }
  if (typeof kept !== 'object' || kept === null) return new Map();
  const valueOf = new Map<string, unknown>(Object.entries(kept));
  return new Map(COMMAND_IDS.map((id) => [id, valueOf.get(id)]).filter((entry): entry is [CommandId, Keys] => areKeys(entry[1])));
}

function areKeys(value: unknown): value is Keys {
  return Array.isArray(value) && value.length <= MOST_KEYS && new Set(value).size === value.length && value.every((key) => typeof key === 'string' && bindableKey(key) === key);
}

/** A later version may have given a key that was free to a command of its own: then the person's wish gives way. The table alone has no clash. */
function withoutClashes(changes: Changes): Changes {
  const involved = new Set(clashesOf(changes).flatMap(({ ids }) => ids));
  const kept = new Map([...changes].filter(([id]) => !involved.has(id)));
  return kept.size === changes.size ? changes : withoutClashes(kept);
}

export const keyBindings = new KeyBindings();
