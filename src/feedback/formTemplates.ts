import { takes, type Form } from './form';

/** Forms to begin with. The first is that of a dataset that has none of its own. */
export const TEMPLATES = [
  {
    name: 'Which is better?',
    guidelines: '',
    questions: [{ kind: 'pair', id: 'better', ask: 'Which is better?', required: true, tie: true, bothBad: true, strength: false }],
    reasons: [],
  },
  {
    name: 'How much better?',
    guidelines: 'Choose the middle only where neither is better. *Slightly* is for what you would not argue about; *by far* for what nobody would.',
    questions: [{ kind: 'pair', id: 'better', ask: 'Which is better, and how much?', required: true, tie: true, bothBad: true, strength: true }],
    reasons: ['more fluent', 'more fun', 'fits the beginning', 'less repetition'],
  },
  {
    name: 'Put in order',
    guidelines: 'The best comes first. Texts that you cannot tell apart may share a place.',
    questions: [{ kind: 'ranking', id: 'order', ask: 'Put them in order, the best first.', required: true, ties: true }],
    reasons: [],
  },
  {
    name: 'Rate each',
    guidelines: 'Judge each text by itself, not against the others.\n\n- **Helpful**: does it do what was asked?\n- **Honest**: is what it says true, and does it say what it does not know?\n- **Harmless**: would you mind if a child read it?\n- **Fluent**: does it read well?',
    questions: [{ kind: 'rating', id: 'quality', ask: 'How good is each?', required: true, criteria: ['helpful', 'honest', 'harmless', 'fluent'], scale: '1 to 5' }],
    reasons: [],
  },
  {
    name: 'Good or not',
    guidelines: '',
    questions: [{ kind: 'thumb', id: 'good', ask: 'Is this a good answer?', required: true }],
    reasons: ['wrong', 'unsafe', 'dull', 'repeats itself', 'off the subject'],
  },
  {
    name: 'Write it better',
    guidelines: 'Change as little as makes it good. What you write is preferred to what was there.',
    questions: [{ kind: 'rewrite', id: 'better', ask: 'Write it better.', required: true }],
    reasons: [],
  },
  {
    name: 'Mark what is wrong',
    guidelines: 'Mark the shortest stretch that shows the fault.',
    questions: [
      { kind: 'spans', id: 'faults', ask: 'Mark what is wrong.', required: false, labels: ['wrong', 'clumsy', 'repeated', 'unsafe'] },
      { kind: 'thumb', id: 'good', ask: 'Good enough as it is?', required: true },
    ],
    reasons: [],
  },
  {
    name: 'Questionnaire',
    guidelines: '',
    questions: [
      { kind: 'pair', id: 'better', ask: 'Which is better?', required: true, tie: true, bothBad: true, strength: false },
      { kind: 'choice', id: 'why', ask: 'What decided it?', required: true, options: ['style', 'content', 'safety', 'something else'] },
      { kind: 'text', id: 'what', ask: 'What was it?', required: true, when: { question: 'why', is: 'something else' } },
      { kind: 'slider', id: 'sure', ask: 'How sure are you, in per cent?', required: false, low: 0, high: 100, step: 5 },
    ],
    reasons: [],
  },
] as const satisfies Form[];

export const DEFAULT_FORM: Form = TEMPLATES[0] as unknown as Form;

const BY_SIZE: readonly Form[] = [DEFAULT_FORM, ...(TEMPLATES as readonly Form[]).filter(({ name }) => name === 'Put in order' || name === 'Good or not')];

/** What can be asked about all items that have so many responses each: the quickest to answer of a choice, an order and a thumb for each. */
export function formForSizes(sizes: ReadonlySet<number>): Form {
  return BY_SIZE.find((form) => [...sizes].every((size) => takes(form, size)))!;
}
