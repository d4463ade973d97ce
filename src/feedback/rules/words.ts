/** The words of a text in lower case; an apostrophe inside a word belongs to it. */
export function words(text: string): string[] {
  return text.toLowerCase().replaceAll('’', "'").match(/\p{L}+(?:'\p{L}+)*/gu) ?? [];
}
