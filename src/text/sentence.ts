// A full stop, exclamation or question mark, and the quotation marks and brackets that close with it.
const SENTENCE_END = /[.!?…]["'”’)\]]*\s*$/u;
const CLOSING = /^["'”’)\]]/u;

/**
 * Whether a text may end here: it ends a sentence, and `next`, the text that
 * follows, does not begin with a mark that still belongs to it.
 */
export function endsSentence(text: string, next = ''): boolean {
  return SENTENCE_END.test(text) && !CLOSING.test(next);
}
