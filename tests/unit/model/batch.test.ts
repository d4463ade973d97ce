import { describe, expect, it } from 'vitest';
import { layOut, SequenceError } from '../../../src/model/batch';

describe('layOut', () => {
  it('pads prompts on the left and responses on the right', () => {
    const batch = layOut([[1, 5], [1, 6, 7]], [[8, 9], [4]], 0);
    expect(batch).toMatchObject({ B: 2, P: 3, T: 2 });
    expect([...batch.ids]).toEqual([0, 1, 5, 8, 9, 1, 6, 7, 4, 0]);
    expect([...batch.mask]).toEqual([0, 1, 1, 1, 1, 1, 1, 1, 1, 0]);
    expect([...batch.responseMask]).toEqual([1, 1, 1, 0]);
  });

  it('keeps the given widths whatever the lengths', () => {
    const batch = layOut([[1]], [[]], 0, { prompt: 3, response: 2 });
    expect([...batch.ids]).toEqual([0, 0, 1, 0, 0]);
    expect([...batch.mask]).toEqual([0, 0, 1, 0, 0]);
    expect([...batch.responseMask]).toEqual([0, 0]);
  });

  it.each([
    ['an empty prompt', [[1], []], [[2], [2]], /Sequence 2.*prompt is empty/],
    ['a prompt that is too long', [[1], [1, 2, 3]], [[2], [2]], /Sequence 2.*3 tokens, and 2 fit/],
    ['a response that is too long', [[1, 2], [1]], [[4, 4, 4], [2]], /Sequence 1.*3 tokens, and 2 fit/],
  ])('refuses %s and names the row', (_, prompts, responses, message) => {
    const lay = () => layOut(prompts, responses, 0, { prompt: 2, response: 2 });
    expect(lay).toThrow(SequenceError);
    expect(lay).toThrow(message);
  });
});
