import type { Question, QuestionKind } from '../../feedback/form';

/** A question of a kind, as it can be asked at once and changed afterwards. */
export function newQuestion(kind: QuestionKind, id: string): Question {
  const asked = { id, required: true };
  switch (kind) {
    case 'pair':
      return { ...asked, kind, ask: 'Which is better?', tie: true, bothBad: true, strength: false };
    case 'ranking':
      return { ...asked, kind, ask: 'Put them in order, the best first.', ties: true };
    case 'rating':
      return { ...asked, kind, ask: 'How good is each?', criteria: ['helpful', 'fluent'], scale: '1 to 5' };
    case 'thumb':
      return { ...asked, kind, ask: 'Is this good?' };
    case 'rewrite':
      return { ...asked, kind, ask: 'Write it better.' };
    // What may have no fault, and what may want no words, need not be answered.
    case 'spans':
      return { ...asked, kind, ask: 'Mark what is wrong.', labels: ['wrong', 'clumsy'], required: false };
    case 'choice':
      return { ...asked, kind, ask: 'What decided it?', options: ['style', 'content', 'something else'] };
    case 'choices':
      return { ...asked, kind, ask: 'What is it about?', options: ['people', 'animals', 'things'] };
    case 'number':
      return { ...asked, kind, ask: 'How many mistakes are there?', low: 0, high: 100, step: 1 };
    case 'slider':
      return { ...asked, kind, ask: 'How sure are you, in per cent?', low: 0, high: 100, step: 5, required: false };
    case 'text':
      return { ...asked, kind, ask: 'What else should be said?', required: false };
  }
}
