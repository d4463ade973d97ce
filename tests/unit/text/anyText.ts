import fc from 'fast-check';

// Each has broken a reader or writer somewhere: quotes, escapes, line ends of JavaScript and of JSON, NUL, a byte-order mark, halves of a character.
const TROUBLE = ['"', '\\', '\n', '\r', '\u2028', '\0', '\ufeff', '\ud83e', '\udd8a', '🦊', 'é', '<|endoftext|>', '__proto__', '{', ',', ' ', 'a', '1'];

export const anyText = fc.string({ unit: fc.constantFrom(...TROUBLE) });
