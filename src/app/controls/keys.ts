/** Names of keys (KeyboardEvent.key) as they are printed on a keyboard. */
const PRINTED: Record<string, string> = { Enter: '↵', Backspace: '⌫', Escape: 'Esc', ArrowLeft: '←', ArrowRight: '→', ArrowUp: '↑', ArrowDown: '↓' };

const ARROW = /^Arrow(Left|Right|Up|Down)$/;
/** A letter, digit, mark or sign. */
const SIGN = /^[\p{L}\p{N}\p{P}\p{S}]$/u;

/**
 * A pressed key under the name by which a command may have it: arrows, and
 * signs with letters in lower case. Null for every other: Tab, Enter, the
 * space bar and Escape work the page, and a modifier is no key of its own.
 */
export function bindableKey(key: string): string | null {
  if (ARROW.test(key)) return key;
  const lower = key.toLowerCase();
  return SIGN.test(lower) ? lower : null;
}

/** Keys that work the page: nobody can give them to a command, but some have them from the beginning, where they do what one expects of them. */
const EXPECTED: ReadonlySet<string> = new Set(['Enter', 'Backspace', 'Escape']);

/** A pressed key under the name by which a command has it. */
export const commandKey = (key: string): string | null => (EXPECTED.has(key) ? key : bindableKey(key));

export function printedKey(key: string): string {
  const upper = key.toUpperCase();
  return PRINTED[key] ?? (key.length === 1 && upper.length === 1 ? upper : key);
}

/** As aria-keyshortcuts wants them. */
export function ariaKeys(keys: readonly string[]): string | undefined {
  return keys.length ? keys.join(' ') : undefined;
}
