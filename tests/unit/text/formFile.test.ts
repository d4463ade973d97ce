import { describe, expect, it } from 'vitest';
import type { Form } from '../../../src/feedback/form';
import { TEMPLATES } from '../../../src/feedback/formTemplates';
import { readFormFile, writeFormFile } from '../../../src/text/formFile';
import { FORM_LIMITS } from '../../../src/text/formSchema';

const file = (content: unknown) => new Blob([typeof content === 'string' ? content : JSON.stringify(content)]);

const asked = { ask: 'Why?', required: true };
const CHOICE = { ...asked, kind: 'choice', id: 'why', options: ['style', 'other'] };
const TEXT = { ...asked, kind: 'text', id: 'how', when: { question: 'why', is: 'other' } };
const NUMBER = { ...asked, kind: 'number', id: 'n', low: 0, high: 10, step: 1 };
const MARKS = { ...asked, kind: 'spans', id: 'marks', labels: ['odd'] };
const form = (change: object) => ({ name: 'A form', guidelines: '', reasons: [], questions: [CHOICE, TEXT], ...change });
const asking = (...questions: object[]) => form({ questions });

describe('a form in a file', () => {
  it.each(TEMPLATES.map((template) => [template.name, template as unknown as Form]))('%s is read as it was written', async (_, template) => {
    expect(await readFormFile(file(writeFormFile(template)))).toEqual(template);
  });

  it('is trimmed, and loses what this version does not know', async () => {
    const given = form({ name: '  Mine ', colour: 'red', questions: [{ ...CHOICE, ask: ' Why? ', colour: 'red' }] });
    expect(await readFormFile(file(given))).toEqual({ name: 'Mine', guidelines: '', reasons: [], questions: [CHOICE] });
  });

  it('cannot reach what it is not', async () => {
    const given = '{"__proto__": {"polluted": true}, "name": "A", "guidelines": "", "reasons": [], "questions": [{"kind": "thumb", "id": "t", "ask": "?", "required": true, "__proto__": {"polluted": true}}]}';
    const read = await readFormFile(file(given));
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(read.questions).toEqual([{ kind: 'thumb', id: 't', ask: '?', required: true }]);
  });
});

describe('a file that is refused', () => {
  it.each<[string, unknown, string, RegExp]>([
    ['no JSON', 'name: A form', '', /not JSON/],
    ['nothing', '', '', /not JSON/],
    ['depths', '['.repeat(100_000), '', /not JSON/],
    ['another thing', '"A form"', '', /holds no form/],
    ['nothing in JSON', 'null', '', /holds no form/],
    ['no name', form({ name: undefined }), 'name', /missing/],
    ['an empty name', form({ name: ' \n' }), 'name', /empty/],
    ['guidelines as a list', form({ guidelines: [] }), 'guidelines', /wrong kind/],
    ['endless guidelines', form({ guidelines: 'x'.repeat(FORM_LIMITS.guidelines + 1) }), 'guidelines', /longer/],
    ['reasons that are the same', form({ reasons: ['dull', 'dull '] }), 'reasons', /same/],
    ['no questions', asking(), 'questions', /asks nothing/],
    ['questions without end', asking(...Array.from({ length: 31 }, (_, i) => ({ ...NUMBER, id: `n${i}` }))), 'questions', /more than 30/],
    ['a question that is a word', asking('Why?' as unknown as object), 'questions.0', /no kind of question/],
    ['a kind that nobody knows', asking({ ...CHOICE, kind: 'oracle' }), 'questions.0.kind', /no kind of question/],
    ['no words', asking({ ...CHOICE, ask: '' }), 'questions.0.ask', /empty/],
    ['yes as a word', asking({ ...CHOICE, required: 'yes' }), 'questions.0.required', /wrong kind/],
    ['an id with a slash, which tells stops apart', asking({ ...CHOICE, id: 'why/0' }), 'questions.0.id', /letters/],
    ['an id twice', asking(CHOICE, { ...NUMBER, id: 'why' }), 'questions.1.id', /same/],
    ['no options', asking({ ...CHOICE, options: [] }), 'questions.0.options', /no entry/],
    ['an option twice', asking({ ...CHOICE, options: ['a', ' a'] }), 'questions.0.options', /same/],
    ['an empty option', asking({ ...CHOICE, options: ['a', ''] }), 'questions.0.options.1', /empty/],
    ['options without end', asking({ ...CHOICE, options: Array.from({ length: 51 }, (_, i) => `o${i}`) }), 'questions.0.options', /more than 50/],
    ['a scale that is none', asking({ ...asked, kind: 'rating', id: 'r', criteria: ['kind'], scale: '1 to 7' }), 'questions.0.scale', /none of 1 to 5/],
    ['a range turned round', asking({ ...NUMBER, low: 10 }), 'questions.0.high', /not above the lowest/],
    ['a step of nothing', asking({ ...NUMBER, step: 0 }), 'questions.0.step', /not above 0/],
    ['a step over everything', asking({ ...NUMBER, step: 11 }), 'questions.0.step', /wider/],
    ['a number too large for any', '{"name": "A", "guidelines": "", "reasons": [], "questions": [{"kind": "slider", "id": "s", "ask": "?", "required": true, "low": 0, "high": 1e999, "step": 1}]}', 'questions.0.high', /not a number/],
    ['a condition on nobody', asking(TEXT), 'questions.0.when', /no choice before/],
    ['a condition on what comes later', asking(TEXT, CHOICE), 'questions.0.when', /no choice before/],
    ['a condition on itself', asking({ ...CHOICE, when: { question: 'why', is: 'style' } }), 'questions.0.when', /no choice before/],
    ['a condition on an option that is not there', asking(CHOICE, { ...TEXT, when: { question: 'why', is: 'chance' } }), 'questions.1.when', /no choice before/],
    ['a condition on a number', asking(NUMBER, { ...TEXT, when: { question: 'n', is: '1' } }), 'questions.1.when', /no choice before/],
    ['stretches marked twice', asking(MARKS, { ...MARKS, id: 'again' }), 'questions.1.kind', /already/],
  ])('%s', async (_, content, field, reason) => {
    await expect(readFormFile(file(content))).rejects.toMatchObject({ name: 'FormFileError', field, message: expect.stringMatching(reason) });
  });

  it('too large to be one is not even read', async () => {
    const large = new Blob([new Uint8Array((4 << 20) + 1)]);
    large.text = () => Promise.reject(new Error('read'));
    await expect(readFormFile(large)).rejects.toMatchObject({ field: '', message: expect.stringContaining('larger than 4 MB') });
  });

  it('is told in a sentence that says where, what and what became of it, and quotes nothing of the file', async () => {
    const message = await readFormFile(file(asking({ ...CHOICE, ask: 7, id: 'x'.repeat(99) }))).catch((error: Error) => error.message);
    expect(message).toBe('Field "questions.0.ask": it is missing, or of the wrong kind. Nothing was changed.');
  });
});
