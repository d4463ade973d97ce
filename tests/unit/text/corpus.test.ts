import { describe, expect, it } from 'vitest';
import { encodeStories, splitStories, storiesOf } from '../../../src/text/corpus';
import { trainBpe } from '../../../src/text/bpeTraining';

describe('splitStories', () => {
  it('splits at lines that hold only the mark, trims, and leaves out what is empty', () => {
    expect(splitStories('  One.\nMore of one.\n<|endoftext|>\n<|endoftext|>\r\nTwo says <|endoftext|> here.\n\n')).toEqual([
      'One.\nMore of one.',
      'Two says <|endoftext|> here.',
    ]);
    expect(splitStories('')).toEqual([]);
  });
});

describe('a stream of stories', () => {
  it('ends each story with an end-of-text and comes apart again', () => {
    const stories = ['a cat', 'a dog sat', 'a'];
    const tokenizer = trainBpe(stories, 260);
    const stream = encodeStories(tokenizer, stories);
    expect([...stream].filter((id) => id === tokenizer.endOfText)).toHaveLength(3);
    expect(stream.at(-1)).toBe(tokenizer.endOfText);
    const apart = storiesOf(stream, tokenizer.endOfText);
    expect(apart.map((ids) => tokenizer.decode(ids))).toEqual(stories);
    for (const ids of apart) expect([ids[0], ids.at(-1)]).toEqual([tokenizer.endOfText, tokenizer.endOfText]);
  });
});
