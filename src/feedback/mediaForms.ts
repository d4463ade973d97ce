import type { Form } from './form';

/** How many files an item shows. */
export const WAYS = ['alone', 'pairs', 'groups'] as const;
export type Way = (typeof WAYS)[number];

/** What is asked about files that come without a form, by how many an item shows. */
export const MEDIA_FORMS: Record<Way, Form> = {
  alone: { name: 'Good or not', guidelines: '', questions: [{ kind: 'thumb', id: 'good', ask: 'Is it good?', required: true }], reasons: [] },
  pairs: { name: 'Which is better?', guidelines: '', questions: [{ kind: 'pair', id: 'better', ask: 'Which is better?', required: true, tie: true, bothBad: true, strength: false }], reasons: [] },
  groups: { name: 'Put in order', guidelines: 'The best comes first. Those that you cannot tell apart may share a place.', questions: [{ kind: 'ranking', id: 'order', ask: 'Put them in order, the best first.', required: true, ties: true }], reasons: [] },
};
