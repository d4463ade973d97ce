import { describe, expect, it } from 'vitest';
import type { Attachment } from '../../../src/feedback/judgement';
import { answersInMedia, attachmentsOf, shownPrompt, shownResponse } from '../../../src/feedback/shown';

const file = (of: Attachment['of'], name: string): Attachment => ({ of, mediaId: name, type: 'image/png', name });
const pictures = { prompt: ' ', responses: ['', 'a sea, described'], attachments: [file(0, 'cat.png'), file(1, 'sea.png'), file(0, 'paw.png')] };

describe('an item in a line of text', () => {
  it('is its text, or what its files are called', () => {
    expect([0, 1].map((response) => shownResponse(pictures, response))).toEqual(['cat.png, paw.png', 'a sea, described']);
    expect(shownPrompt(pictures)).toBe('cat.png, sea.png, paw.png');
    expect(shownPrompt({ ...pictures, prompt: ' Calmer? ' })).toBe('Calmer? · cat.png, sea.png, paw.png');
    expect(shownPrompt({ prompt: 'Once' })).toBe('Once');
    expect(shownResponse({ responses: ['text'] }, 0)).toBe('text');
  });

  it('has its files in their order', () => {
    expect(attachmentsOf(pictures, 0).map(({ name }) => name)).toEqual(['cat.png', 'paw.png']);
    expect(attachmentsOf({}, 'prompt')).toEqual([]);
  });

  it('answers in media where a response is a file, not where only the prompt is', () => {
    expect(answersInMedia(pictures)).toBe(true);
    expect(answersInMedia({ attachments: [file('prompt', 'map.png')] })).toBe(false);
    expect(answersInMedia({})).toBe(false);
  });
});
