import { expect, test } from 'vitest';
import { judgedPictures, picturesSpokenOf, responsePictures } from '../../../src/feedback/judgedPictures';
import type { Attachment, Comparison, ComparisonState } from '../../../src/feedback/judgement';

const file = (of: Attachment['of'], mediaId: string, type: Attachment['type'] = 'image/png'): Attachment => ({ of, mediaId, type, name: mediaId });

test('a response is its first picture; what belongs to the prompt, and what is only heard, is none', () => {
  expect(responsePictures({ responses: ['', ''], attachments: [file('prompt', 'p'), file(1, 'a'), file(1, 'b'), file(0, 'tone', 'audio/wav')] })).toEqual(['', 'a']);
  expect(responsePictures({ responses: ['text'] })).toEqual(['']);
});

test('a verdict speaks of all pictures or of one, and of none where one of them is missing', () => {
  expect(picturesSpokenOf('tie', ['a', 'b'])).toEqual(['a', 'b']);
  expect(picturesSpokenOf({ kind: 'ranking', groups: [[2], [0, 1]] }, ['a', 'b', 'c'])).toEqual(['a', 'b', 'c']);
  expect(picturesSpokenOf({ kind: 'rating', response: 1, criterion: 'calm', value: 3, scale: '1 to 5' }, ['', 'b'])).toEqual(['b']);
  expect(picturesSpokenOf('first', ['a', ''])).toBeNull();
  expect(picturesSpokenOf({ kind: 'rewrite', response: 0, text: 'better' }, ['a'])).toBeNull();
});

test('only judgements that stand are counted', () => {
  const pair = (id: string): Comparison => ({ id, datasetId: 'd', order: 0, prompt: '', responses: ['', ''], attachments: [file(0, `${id}0`), file(1, `${id}1`)], swapped: false, source: { kind: 'imported', file: 'f' }, created: 0 });
  const judged = { status: 'judged', verdict: 'second' } as ComparisonState;
  const states = new Map([['a', judged], ['b', { status: 'skipped' } as ComparisonState], ['text', judged]]);
  const text = { ...pair('text'), attachments: undefined };
  expect(judgedPictures([pair('a'), pair('b'), pair('open'), text], states)).toEqual([['a0', 'a1']]);
});
