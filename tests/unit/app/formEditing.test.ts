import fc from 'fast-check';
import * as v from 'valibot';
import { beforeEach, describe, expect, it } from 'vitest';
import { FormEditing } from '../../../src/app/collect/formEditing.svelte';
import { choicesBefore, duplicated, placed, withOptions, withSettledIds } from '../../../src/app/collect/formEdits';
import { formSentence, KIND_NAMES, KINDS, textsWords, unsuitedSentence } from '../../../src/app/collect/formWords';
import { exampleFor } from '../../../src/app/collect/formExample';
import { newQuestion } from '../../../src/app/collect/newQuestion';
import { fits, type Form, type Question } from '../../../src/feedback/form';
import { DEFAULT_FORM, TEMPLATES } from '../../../src/feedback/formTemplates';
import { formSchema } from '../../../src/text/formSchema';

const asked = { ask: '?', required: true };
const WHY: Question = { ...asked, kind: 'choice', id: 'why', ask: 'Why?', options: ['style', 'other'] };
const HOW: Question = { ...asked, kind: 'text', id: 'how', ask: 'How?', when: { question: 'why', is: 'other' } };
const N: Question = { ...asked, kind: 'number', id: 'n', ask: 'How many?', low: 0, high: 9, step: 1 };
const form = (...questions: Question[]): Form => ({ name: 'Mine', guidelines: '', questions, reasons: [] });
const ids = (questions: readonly Question[] = []) => questions.map(({ id }) => id);

let editing: FormEditing;
beforeEach(() => {
  editing = new FormEditing();
  editing.begin(form(WHY, HOW, N));
});

describe('the name of a template', () => {
  beforeEach(() => {
    editing = new FormEditing();
    editing.begin(DEFAULT_FORM);
  });

  it('goes to nothing else: what was changed says so, and no longer where that is taken back', () => {
    editing.describe({ guidelines: 'Read both.' });
    expect(editing.finished()!.name).toBe('Which is better? (changed)');
    editing.describe({ guidelines: DEFAULT_FORM.guidelines });
    expect([editing.finished(), editing.changed]).toEqual([DEFAULT_FORM, false]);
  });

  it('leaves the name that somebody gives', () => {
    editing.describe({ name: 'Mine' });
    editing.add('text');
    expect(editing.form!.name).toBe('Mine');
  });
});

describe('a new question', () => {
  it.each(KINDS)('%s: has a name, and can be asked as it comes', (kind) => {
    expect(KIND_NAMES[kind]).toBeTruthy();
    expect(v.is(formSchema, form(newQuestion(kind, 'q')))).toBe(true);
  });
});

describe('questions in another order', () => {
  it('up, down, to an end, and not at all', () => {
    expect(ids(placed([WHY, HOW, N], 'n', 1))).toEqual(['why', 'n', 'how']);
    expect(ids(placed([WHY, HOW, N], 'why', 2))).toEqual(['how', 'n', 'why']);
    expect(ids(placed([WHY, HOW, N], 'how', 1))).toEqual(['why', 'how', 'n']);
    expect(ids(placed([WHY, HOW], 'gone', 0))).toEqual(['why', 'how']);
  });

  it('a copy comes right after what it is a copy of', () => {
    expect(duplicated([WHY, HOW, N], 'how', 'copy')).toEqual([WHY, HOW, { ...HOW, id: 'copy' }, N]);
  });

  it('a condition can be on choices before it, and on nothing else', () => {
    expect(ids(choicesBefore([N, WHY, HOW, { ...WHY, id: 'later' }], 'how'))).toEqual(['why']);
  });
});

describe('options and the conditions on them', () => {
  const conditionOf = (questions: Question[]) => questions[1].when?.is;

  it('go together where an option is reworded, letter by letter', () => {
    const letters = ['othe', 'oth', 'something'];
    const end = letters.reduce<Question[]>((questions, option) => withOptions(questions, 'why', ['style', option]), [WHY, HOW]);
    expect(conditionOf(end)).toBe('something');
    expect(conditionOf(withOptions([WHY, HOW], 'why', ['manner', 'other']))).toBe('other');
  });

  it('part where the option is taken away, and that is a fault of the condition', () => {
    expect(conditionOf(withOptions([WHY, HOW], 'why', ['style']))).toBe('other');
    editing.setOptions('why', ['style']);
    expect(editing.fault('questions.1.when')).toMatch(/no choice before/);
    editing.setCondition('how', { question: 'why', is: 'style' });
    expect(editing.faultless).toBe(true);
    editing.remove('why');
    expect(editing.fault('questions.0.when')).toMatch(/no choice before/);
    editing.setCondition('how', null);
    expect([editing.faultless, editing.form?.questions[0]]).toEqual([true, { ...asked, kind: 'text', id: 'how', ask: 'How?' }]);
  });
});

describe('ids', () => {
  const settled = (questions: Question[], taken: string[] = []) => withSettledIds(form(...questions), taken).questions;
  const saying = (ask: string, id: string): Question => ({ ...N, ask, id });

  it('come from the words of a question', () => {
    const words = { 'What decided it?': 'what-decided-it', 'Wie schön ist es?': 'wie-schön-ist-es', 'どれ？': 'どれ', 'क्या हुआ?': 'क्या-हुआ', ['𠮷'.repeat(50)]: '𠮷'.repeat(40), '?!': 'question' };
    const questions = settled(Object.keys(words).map((ask, i) => saying(ask, `new-${i}`)));
    expect(ids(questions)).toEqual(Object.values(words));
    expect(v.is(formSchema, form(...questions))).toBe(true);
  });

  it('are told apart, also from those of questions that are gone, which have answers', () => {
    expect(ids(settled([saying('Why', 'new-1'), saying('why?', 'new-2')], ['why']))).toEqual(['why-2', 'why-3']);
  });

  it('stay what they are once they were saved, whatever the words are now', () => {
    expect(ids(settled([saying('Otherwise', 'n')], ['n']))).toEqual(['n']);
  });

  it('change in conditions as well', () => {
    const [choice, text] = settled([{ ...WHY, id: 'new-1' }, { ...HOW, id: 'new-2', when: { question: 'new-1', is: 'other' } }]);
    expect([choice.id, text.when]).toEqual(['why', { question: 'why', is: 'other' }]);
  });
});

describe('a form that is edited', () => {
  it('is not begun anew while it is edited', () => {
    editing.describe({ name: 'Changed' });
    editing.begin(DEFAULT_FORM);
    expect(editing.form?.name).toBe('Changed');
  });

  it('says a fault at its field, and keeps for the preview what it was before', () => {
    editing.change('n', { low: 9 });
    expect([editing.fault('questions.2.high'), editing.fault('questions.2'), editing.fault('questions.2.low'), editing.fault('name')]).toEqual(['it is not above the lowest', 'it is not above the lowest', null, null]);
    expect([editing.faultless, editing.finished(), editing.sound?.questions[2]]).toEqual([false, null, N]);
    editing.change('n', { low: Number.NaN });
    expect(editing.fault('questions.2.low')).toBe('it is not a number');
    editing.change('n', { low: 8 });
    expect([editing.faultless, editing.sound?.questions[2]]).toEqual([true, { ...N, low: 8 }]);
  });

  it('names the first of many entries that is wrong as the list’s fault', () => {
    editing.describe({ reasons: ['dull', 'x'.repeat(501)] });
    expect(editing.fault('reasons')).toMatch(/longer than 500/);
  });

  it('asks before changes are lost, and only then; asking again is going on', () => {
    expect(editing.leave()).toBe(true);
    editing.describe({ name: 'Changed' });
    expect([editing.leave(), editing.leaving]).toEqual([false, true]);
    expect([editing.leave(), editing.leaving]).toEqual([false, false]);
    editing.leave();
    editing.describe({ name: 'Mine' });
    expect([editing.changed, editing.leaving, editing.leave()]).toEqual([false, false, true]);
    editing.end();
    expect([editing.form, editing.changed]).toEqual([null, false]);
  });

  it('is finished with lasting ids for what is new, and the old ones for the rest', () => {
    editing.add('choice');
    editing.duplicate('n');
    const [added] = editing.form!.questions.slice(-1);
    editing.change(added.id, { ask: 'Who says so?' });
    editing.place(added.id, 0);
    editing.setCondition('n', { question: added.id, is: 'content' });
    const { questions } = editing.finished()!;
    expect(ids(questions)).toEqual(['who-says-so', 'why', 'how', 'n', 'how-many']);
    expect(questions[3].when).toEqual({ question: 'who-says-so', is: 'content' });
  });

  it('has distinct ids and no fault but in conditions, whatever is added, copied, moved and taken away', () => {
    const act = fc.record({ how: fc.constantFrom('add', 'duplicate', 'remove', 'place'), at: fc.nat(9), kind: fc.constantFrom(...KINDS.filter((kind) => kind !== 'spans')) });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 15 }), (acts) => {
        const own = new FormEditing();
        own.begin(form(WHY, HOW, N));
        for (const { how, at, kind } of acts) {
          const questions = own.form!.questions;
          const id = questions[at % questions.length]?.id ?? '';
          if (how === 'add') own.add(kind);
          else if (how === 'place') own.place(id, at);
          else if (how === 'duplicate' || questions.length > 1) own[how](id);
        }
        const { questions } = own.form!;
        expect(new Set(ids(questions)).size).toBe(questions.length);
        const broken = questions.some(({ when }, place) => when && !ids(questions.slice(0, place)).includes(when.question));
        expect(own.faultless).toBe(!broken);
        const finished = own.finished();
        expect(finished === null).toBe(broken);
        if (finished) expect(v.is(formSchema, finished)).toBe(true);
      }),
    );
  });
});

describe('a form in words', () => {
  const named = (name: string) => TEMPLATES.find((template) => template.name === name) as unknown as Form;

  it('says what is asked, when, and about how many texts', () => {
    expect(formSentence(named('Questionnaire'))).toBe(
      'You are asked “Which is better?”, “What decided it?”, “What was it?” (only after “something else”) and “How sure are you, in per cent?”, about items of two texts each.',
    );
    expect(formSentence(form(N))).toBe('You are asked “How many?”, about items of one to six texts each.');
    expect(formSentence(form(...Array.from({ length: 7 }, (_, i) => ({ ...N, id: `n${i}`, ask: `${i}?` }))))).toBe('You are asked “0?”, “1?”, “2?”, “3?” and 3 more questions, about items of one to six texts each.');
    expect(textsWords(named('Put in order'))).toBe('two to six texts');
  });

  it('says which items it leaves out', () => {
    expect(unsuitedSentence(named('Which is better?'), [2, 2])).toBeNull();
    expect(unsuitedSentence(named('Put in order'), [1, 1, 2, 4])).toBe('2 of 4 items have too few texts for this form: they will not come. Nothing is deleted.');
    expect(unsuitedSentence(named('Which is better?'), [4, 2])).toBe('1 of 2 items has too many texts for this form: it will not come. Nothing is deleted.');
    expect(unsuitedSentence(named('Which is better?'), [1, 2, 3, 4])).toBe('1 of 4 items has too few texts for this form, and 2 have too many: they will not come. Nothing is deleted.');
  });
});

describe('an example to try a form on', () => {
  it.each(TEMPLATES.map((template) => [template.name, template as unknown as Form]))('%s can be asked about it', (_, template) => {
    const example = exampleFor(template, []);
    expect(fits(template, example)).toBe(true);
    for (const text of example.responses) expect(text.trim()).not.toBe('');
  });

  it('is the dataset’s own where it has one', () => {
    const own = [1, 2].map((texts) => ({ ...exampleFor(DEFAULT_FORM, []), id: `own-${texts}`, responses: Array<string>(texts).fill('text') }));
    expect(exampleFor(DEFAULT_FORM, own).id).toBe('own-2');
    expect(exampleFor(TEMPLATES[2] as unknown as Form, own).id).not.toMatch(/own/);
  });
});
