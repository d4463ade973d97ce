import { responsesTaken, type Form, type QuestionKind } from '../../feedback/form';
import type { TEMPLATES } from '../../feedback/formTemplates';

/** What the kinds of questions are called, in the order in which they are offered. */
export const KIND_NAMES: Record<QuestionKind, string> = {
  pair: 'Which of two is better',
  ranking: 'Put in order',
  rating: 'Rate on criteria',
  thumb: 'Good or not',
  rewrite: 'Write it better',
  spans: 'Mark stretches',
  choice: 'One choice',
  choices: 'Several choices',
  number: 'A number',
  slider: 'A slider',
  text: 'Free text',
};

export const KINDS = Object.keys(KIND_NAMES) as QuestionKind[];

/** What a template is for, by its name. */
export const TEMPLATE_PURPOSES: Record<(typeof TEMPLATES)[number]['name'], string> = {
  'Which is better?': 'The quickest way to judge: one key says which of two texts you prefer.',
  'How much better?': 'Says how sure a preference is, so that clear cases count for more than close ones.',
  'Put in order': 'Several texts at once, the best first: one order holds many preferences.',
  'Rate each': 'Marks from one to five for each of several qualities, each text judged by itself.',
  'Good or not': 'For single answers, as in a chat: one key says whether it will do.',
  'Write it better': 'You correct the text yourself; what you wrote is preferred to what was there.',
  'Mark what is wrong': 'Shows where a text goes wrong, and says whether it is good enough all the same.',
  Questionnaire: 'A preference with its grounds: a second question depends on what you answered to the first.',
};

const NUMBERS = ['no', 'one', 'two', 'three', 'four', 'five', 'six'] as const;

/** "two texts", "one to six texts". */
export function textsWords(form: Form): string {
  const [fewest, most] = responsesTaken(form);
  return `${fewest === most ? '' : `${NUMBERS[fewest]} to `}${NUMBERS[most]} ${most === 1 ? 'text' : 'texts'}`;
}

const MOST_NAMED = 4;

/** What a form asks, in one sentence. */
export function formSentence(form: Form): string {
  const asks = form.questions.map(({ ask, when }) => `“${ask}”${when ? ` (only after “${when.is}”)` : ''}`);
  const rest = asks.length - MOST_NAMED;
  const named = rest > 1 ? [...asks.slice(0, MOST_NAMED), `${rest} more questions`] : asks;
  const list = named.length === 1 ? named[0] : `${named.slice(0, -1).join(', ')} and ${named.at(-1)}`;
  return `You are asked ${list}, about items of ${textsWords(form)} each.`;
}

/** What is wrong with a field, as a sentence beside it. */
export function faultSentence(fault: string | null): string | null {
  return fault === null ? null : `${fault[0].toUpperCase()}${fault.slice(1)}.`;
}

/** What the items of a dataset that a form cannot be asked about come to; null where there are none. */
export function unsuitedSentence(form: Form, responses: readonly number[]): string | null {
  const [fewest, most] = responsesTaken(form);
  const few = responses.filter((n) => n < fewest).length;
  const many = responses.filter((n) => n > most).length;
  if (few + many === 0) return null;
  const have = (n: number) => (n === 1 ? 'has' : 'have');
  const of = `of ${responses.length} ${responses.length === 1 ? 'item' : 'items'}`;
  const parts = [few > 0 && `${few} ${of} ${have(few)} too few texts for this form`, many > 0 && `${many}${few > 0 ? '' : ` ${of}`} ${have(many)} too many${few > 0 ? '' : ' texts for this form'}`];
  return `${parts.filter(Boolean).join(', and ')}: ${few + many === 1 ? 'it' : 'they'} will not come. Nothing is deleted.`;
}
