/** Names of keys (KeyboardEvent.key) as they are printed on a keyboard. */
const PRINTED: Record<string, string> = { ArrowLeft: '←', ArrowRight: '→', ArrowUp: '↑', ArrowDown: '↓', ' ': 'Space', Escape: 'Esc', Enter: '↵' };

export function printedKey(key: string): string {
  return PRINTED[key] ?? (key.length === 1 ? key.toUpperCase() : key);
}

/** As aria-keyshortcuts wants them. */
export function ariaKeys(keys: readonly string[]): string | undefined {
  return keys.length ? keys.map((key) => (key === ' ' ? 'Space' : key)).join(' ') : undefined;
}
