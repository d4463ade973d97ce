import { describe, expect, it } from 'vitest';
import { countExamples, plainExamples, readExamples } from '../../../src/text/examples';

const read = (...lines: unknown[]) => readExamples(new Blob([lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')]));

describe('a file of examples', () => {
  it('holds beginnings with completions, or whole texts', async () => {
    expect(await read({ prompt: 'Tom', completion: ' ran.', id: 3 }, { prompt: '', completion: 'The end.' })).toEqual({
      kind: 'demonstrations',
      demonstrations: [
        { prompt: 'Tom', completion: ' ran.' },
        { prompt: '', completion: 'The end.' },
      ],
    });
    const texts = await read({ text: 'One.' }, { text: 'Two.' });
    expect(texts).toEqual({ kind: 'texts', texts: ['One.', 'Two.'] });
    expect(countExamples(texts)).toBe(2);
  });

  it.each([
    [[{ prompt: 'Tom' }], /Line 1, field "completion": it is missing/],
    [[{ text: 'a' }, { text: 4 }], /Line 2, field "text": it is not text/],
    [[{ prompt: 'a', completion: '' }], /Line 1, field "completion": it is empty/],
    [[{ text: 'a' }, { prompt: 'a', completion: 'b' }], /Line 2: whole texts and beginnings/],
    [['[]'], /Line 1: it is not an object/],
    [['{"__proto__": {"text": "a"}}'], /field "prompt": it is missing/],
  ])('is refused by line and field: %j', async (lines, reason) => {
    await expect(read(...lines)).rejects.toThrow(reason);
  });
});

it('a plain text is one text, or several between end-of-text marks', () => {
  expect(plainExamples('One.\nTwo.')).toEqual({ kind: 'texts', texts: ['One.\nTwo.'] });
  expect(plainExamples('One.\n<|endoftext|>\nTwo.\n<|endoftext|>\n')).toEqual({ kind: 'texts', texts: ['One.', 'Two.'] });
  expect(countExamples(plainExamples(' \n'))).toBe(0);
});
