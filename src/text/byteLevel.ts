/**
 * The byte ↔ printable character table of GPT-2's byte-level BPE
 * (openai/gpt-2, `encoder.py: bytes_to_unicode`): bytes that print as
 * themselves keep their code point, the others move to U+0100 and up, so that
 * every byte string has a readable spelling in `tokenizer.json`.
 */
function buildTable(): string[] {
  const table: string[] = new Array(256);
  let next = 256;
  for (let byte = 0; byte < 256; byte++) {
    const printable =
      (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
    table[byte] = String.fromCodePoint(printable ? byte : next++);
  }
  return table;
}

/** Character that spells each byte, indexed by the byte. */
export const BYTE_TO_CHAR: readonly string[] = buildTable();

const CHAR_TO_BYTE = new Map(BYTE_TO_CHAR.map((char, byte) => [char, byte]));

/** Byte that a character of a token's spelling stands for; undefined where it stands for none. */
export function charToByte(char: string): number | undefined {
  return CHAR_TO_BYTE.get(char);
}

/** GPT-2's pre-tokenizer: contractions, words, numbers, punctuation and runs of space, each with one leading space. */
export const PRE_TOKEN = /'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

/** Spell the UTF-8 bytes of `text` in the byte-level alphabet, one character a byte. */
export function spell(text: string): string[] {
  return Array.from(new TextEncoder().encode(text), (byte) => BYTE_TO_CHAR[byte]);
}
