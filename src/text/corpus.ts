import { END_OF_TEXT, type BpeTokenizer } from './bpe';

/** The stories of a corpus: what stands between lines that hold only the end-of-text mark, trimmed; empty ones are left out. */
export function splitStories(text: string): string[] {
  const lines = text.split(/\r?\n/);
  const stories: string[] = [];
  let start = 0;
  for (let i = 0; i <= lines.length; i++) {
    if (i < lines.length && lines[i].trim() !== END_OF_TEXT) continue;
    const story = lines.slice(start, i).join('\n').trim();
    if (story) stories.push(story);
    start = i + 1;
  }
  return stories;
}

/** One stream of token ids, an end-of-text after each story. */
export function encodeStories(tokenizer: BpeTokenizer, stories: Iterable<string>): Uint16Array {
  if (tokenizer.vocabularySize > 65_536) throw new RangeError(`${tokenizer.vocabularySize} tokens do not fit 16-bit ids.`);
  const stream: number[] = [];
  for (const story of stories) {
    for (const id of tokenizer.encode(story)) stream.push(id);
    stream.push(tokenizer.endOfText);
  }
  return Uint16Array.from(stream);
}

/** The stories of such a stream, each with the end-of-text before it and its own after it. */
export function storiesOf(stream: ArrayLike<number>, endOfText: number): number[][] {
  const stories: number[][] = [];
  let story = [endOfText];
  for (let i = 0; i < stream.length; i++) {
    story.push(stream[i]);
    if (stream[i] !== endOfText) continue;
    stories.push(story);
    story = [endOfText];
  }
  return stories;
}
