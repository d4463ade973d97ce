import type { Attachment, Comparison } from './judgement';

/** The files of the prompt, or of one response, in their order. */
export function attachmentsOf({ attachments = [] }: Pick<Comparison, 'attachments'>, of: Attachment['of']): Attachment[] {
  return attachments.filter((attachment) => attachment.of === of);
}

/** A response in a line of text: what it says or, where it says nothing, what its files are called. */
export function shownResponse(comparison: Pick<Comparison, 'responses' | 'attachments'>, response: number): string {
  return comparison.responses[response] || namesOf(attachmentsOf(comparison, response));
}

/** What an item is about, in a line of text: its prompt and what its files are called, for many pictures may have one prompt. */
export function shownPrompt({ prompt, attachments = [] }: Pick<Comparison, 'prompt' | 'attachments'>): string {
  return [prompt.trim(), namesOf(attachments)].filter(Boolean).join(' · ');
}

const namesOf = (attachments: readonly Attachment[]): string => attachments.map(({ name }) => name).join(', ');

/** Whether a response is a picture, a sound or a film: then its text is at most a description, and nothing that reads texts can learn from it. */
export function answersInMedia({ attachments = [] }: Pick<Comparison, 'attachments'>): boolean {
  return attachments.some(({ of }) => of !== 'prompt');
}
