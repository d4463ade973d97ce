import { describe, expect, it } from 'vitest';
import { FileError } from '../../../../src/text/fileError';
import { detectFormat, UnknownFormatError } from '../../../../src/text/formats/detection';
import { preview, readItems } from '../../../../src/text/formats/reading';
import { fileOf, itemsOf, lines } from './reading';
import { SAMPLES } from './samples';

const message = (role: string, content: string) => ({ role, content });

const verdictsOf = async (content: string, onError: 'throw' | 'skip' = 'throw') => (await itemsOf(content, undefined, onError)).map((item) => (item as { judged: { verdict: unknown }[] }).judged[0]?.verdict);

describe('what a file is', () => {
  it.each(Object.entries(SAMPLES))('is told by its content: %s', async (_name, [content, id]) => {
    expect(await detectFormat(fileOf(content))).toMatchObject({ kind: 'format', format: { id } });
    expect((await itemsOf(content)).length).toBe(1);
  });

  it('includes the lab’s own files', async () => {
    expect(await detectFormat(fileOf(lines({ nudge: 1, dataset: {} })))).toEqual({ kind: 'dataset' });
    expect(await detectFormat(fileOf('PK\u0003\u0004'))).toEqual({ kind: 'zip' });
  });

  it('is left to its name where its content says nothing', async () => {
    expect(await detectFormat(fileOf('a,b\n1,2\n'))).toBeNull();
    expect(await detectFormat(fileOf('a,b\n1,2\n', 'x.csv'))).toMatchObject({ format: { id: 'csv' } });
    expect(await detectFormat(fileOf('{"prompt": "cut o', 'x.JSONL'))).toMatchObject({ format: { id: 'trl-preference' } });
    await expect(detectFormat(fileOf('PK\u0003\u0004', 'x.xlsx'))).rejects.toThrow(/Save the sheet there as CSV/);
    await expect(preview(fileOf('just words'))).rejects.toBeInstanceOf(UnknownFormatError);
  });
});

describe('TRL', () => {
  const [user, good, bad] = [message('user', 'u'), message('assistant', 'good'), message('assistant', 'bad')];

  it('takes conversations of any length, with the prompt or with it in both answers', async () => {
    const turns = [
      { role: 'system', text: 's' },
      { role: 'user', text: 'a' },
      { role: 'assistant', text: 'b' },
      { role: 'user', text: 'u' },
    ];
    const messages = [message('system', 's'), message('user', 'a'), message('assistant', 'b'), user];
    const expected = { turns, prompt: '\n\nSystem: s\n\nHuman: a\n\nAssistant: b\n\nHuman: u\n\nAssistant:', responses: ['good', 'bad'], judged: [{ verdict: 'first' }] };
    expect(await itemsOf(lines({ prompt: messages, chosen: [good], rejected: [bad] }, { chosen: [...messages, good], rejected: [...messages, bad] }))).toEqual([
      { line: 1, ...expected },
      { line: 2, ...expected },
    ]);
  });

  // Computed by hand after TRL's `extract_prompt`, with its own example first.
  it.each([
    ['The sky is blue.', 'The sky is green.', 'The sky is', ' blue.', ' green.'],
    ['ab', 'ac', 'a', 'b', 'c'],
    ['x', 'y', '', 'x', 'y'],
    ['same', 'same and more', 'same', '', ' and more'],
    ['🦊a', '🦁a', '', '🦊a', '🦁a'],
  ])('finds the prompt that “%s” and “%s” imply', async (chosen, rejected, prompt, first, second) => {
    expect(await itemsOf(lines({ chosen, rejected }))).toMatchObject([{ prompt, responses: [first, second] }]);
  });

  it.each([
    [0, undefined, undefined],
    [1, 1, undefined],
    [2, 2, undefined],
    [3, 3, undefined],
    [0.2, 1, 1],
    [2.6, 3, 1],
    [40, 3, 1],
    [-1, undefined, 1],
  ])('reads a margin of %d', async (margin, strength, lost) => {
    const [item] = await itemsOf(lines({ prompt: 'p', chosen: 'c', rejected: 'r', margin }));
    expect(item).toMatchObject({ judged: [{ verdict: 'first', ...(strength && { strength }) }] });
    expect((item as { lost?: string[] }).lost?.length).toBe(lost);
  });

  it('leaves out what prefers nothing, and says why', async () => {
    const parted = { chosen: [user, good, user, good], rejected: [message('user', 'other'), bad] };
    expect(await itemsOf(lines({ prompt: 'p', chosen: 'c', rejected: 'c' }, parted))).toEqual([
      { line: 1, leftOut: expect.stringMatching(/same text/) },
      { line: 2, leftOut: expect.stringMatching(/last answer/) },
    ]);
  });

  it('takes single answers as thumbs, or as waiting for one', async () => {
    const thumb = (up: boolean) => [{ verdict: { kind: 'thumb', response: 0, up } }];
    expect(await itemsOf(lines({ prompt: 'p', completion: 'c', label: true }, { prompt: [user], completion: [good], label: false }, { prompt: 'p', completion: 'c' }))).toMatchObject([
      { prompt: 'p', responses: ['c'], judged: thumb(true) },
      { turns: [{ role: 'user', text: 'u' }], responses: ['good'], judged: thumb(false) },
      { responses: ['c'], judged: [] },
    ]);
  });

  it('takes prompts without an answer', async () => {
    expect(await itemsOf(lines({ prompt: 'p' }, { prompt: [user] }))).toMatchObject([
      { prompt: 'p', responses: [] },
      { turns: [{ role: 'user', text: 'u' }], responses: [] },
    ]);
  });

  it.each<[string, object, string]>([
    ['a missing answer', { prompt: 'p', chosen: 'c' }, 'rejected'],
    ['a number for a text', { prompt: 'p', chosen: 'c', rejected: 1 }, 'rejected'],
    ['no message', { prompt: 'p', chosen: [], rejected: 'r' }, 'chosen'],
    ['a stranger', { prompt: [message('tool', 'x')], chosen: [good], rejected: [bad] }, 'prompt.0.role'],
    ['parts for a text', { prompt: [user], chosen: [{ role: 'assistant', content: [{ type: 'text', text: 'x' }] }], rejected: [bad] }, 'chosen.0.content'],
    ['text beside messages', { prompt: 'p', chosen: [good], rejected: [bad] }, ''],
    ['a margin in words', { prompt: 'p', chosen: 'c', rejected: 'r', margin: 'large' }, 'margin'],
  ])('refuses %s with its place', async (_name, broken, field) => {
    await expect(itemsOf(lines({ prompt: 'p', chosen: 'c', rejected: 'r' }, broken))).rejects.toMatchObject({ name: 'FileError', line: 2, field });
  });
});

describe('Anthropic HH', () => {
  it('takes the shared turns for the conversation and the last answers for the responses', async () => {
    const start = '\n\nHuman: a\n\nAssistant: b\n\nHuman: c';
    expect(await itemsOf(lines({ chosen: `${start}\n\nAssistant: good`, rejected: `${start}\n\nAssistant: bad` }))).toEqual([
      {
        line: 1,
        prompt: `${start}\n\nAssistant:`,
        turns: [
          { role: 'user', text: 'a' },
          { role: 'assistant', text: 'b' },
          { role: 'user', text: 'c' },
        ],
        responses: ['good', 'bad'],
        judged: [{ verdict: 'first' }],
      },
    ]);
  });

  it('leaves out conversations that part earlier, or end with a question', async () => {
    const two = (chosen: string, rejected: string) => ({ chosen: `\n\nHuman: ${chosen}`, rejected: `\n\nHuman: ${rejected}` });
    const left = await itemsOf(lines(two('a\n\nAssistant: b', 'x\n\nAssistant: b'), two('a\n\nAssistant: b\n\nHuman: c', 'a\n\nAssistant: b\n\nHuman: d')));
    expect(left.map((item) => 'leftOut' in item)).toEqual([true, true]);
  });
});

describe('OpenAI comparisons', () => {
  const record = { info: { id: 't3', post: 'P', title: 'T', subreddit: 'S', site: null, article: null }, summaries: [{ text: 'a', policy: 'sup1', note: null }, { text: 'b', policy: 'ref', note: null }], choice: 1, worker: 'w', batch: 'batch3', split: 'train', extra: { confidence: null } };

  it('read as the paper lays the post out, with the labeler', async () => {
    expect(await itemsOf(lines(record))).toEqual([
      { line: 1, prompt: 'SUBREDDIT: r/S\n\nTITLE: T\n\nPOST: P\n\nTL;DR:', responses: ['a', 'b'], judged: [{ verdict: 'second', rater: { kind: 'person', name: 'w', id: 'w' } }] },
    ]);
  });

  it.each([
    [0, 1, 3],
    [0, 2, 2],
    [0, 4, 1],
    [1, 6, 1],
    [1, 8, 2],
    [1, 9, 3],
    [1, 5, undefined],
  ])('choice %d with confidence %d is of strength %s', async (choice, confidence, strength) => {
    const [item] = await itemsOf(lines({ ...record, choice, extra: { confidence } }));
    expect((item as { judged: { strength?: number }[] }).judged[0].strength).toBe(strength);
  });

  it('drop a confidence against the choice, and say so', async () => {
    expect(await itemsOf(lines({ ...record, choice: 0, extra: { confidence: 9 } }))).toMatchObject([{ lost: [expect.stringMatching(/against the choice/)] }]);
  });
});

describe('Argilla', () => {
  const fields = { instruction: 'i', 'response-1': 'one', 'response-2': 'two', 'response-3': 'three' };
  const by = (user_id: string, value: unknown, status = 'submitted') => ({ value, user_id, status });

  it('reads a ranking with ties, ratings of each response and a label as one form', async () => {
    const responses = {
      preference: [by('u', [{ value: 'response-2', rank: 1 }, { value: 'response-1', rank: 2 }, { value: 'response-3', rank: 2 }])],
      'quality-1': [by('u', 7)],
      'quality-2': [by('u', 9)],
      topics: [by('u', ['a', 'b'])],
    };
    const opened = await readItems(fileOf(JSON.stringify([{ fields, responses }])), { onError: 'throw' });
    expect(opened.form?.questions).toMatchObject([
      { id: 'preference', kind: 'ranking', ties: true },
      { id: 'quality', kind: 'rating', scale: '1 to 10', criteria: ['quality'] },
      { id: 'topics', kind: 'choices', options: ['a', 'b'] },
    ]);
    for await (const item of opened.items)
      expect(item).toEqual({
        line: 1,
        element: 1,
        prompt: 'i',
        responses: ['one', 'two', 'three'],
        judged: [
          {
            rater: { kind: 'person', name: 'u', id: 'u' },
            verdict: {
              kind: 'form',
              answers: [
                { question: 'preference', verdict: { kind: 'ranking', groups: [[1], [0, 2]] } },
                { question: 'quality', verdict: { kind: 'rating', response: 0, criterion: 'quality', scale: '1 to 10', value: 7 } },
                { question: 'quality', verdict: { kind: 'rating', response: 1, criterion: 'quality', scale: '1 to 10', value: 9 } },
                { question: 'topics', value: ['a', 'b'] },
              ],
            },
          },
        ],
      });
  });

  it('keeps labelers apart, counts drafts as lost and discards as such', async () => {
    const two = { prompt: 'p', chosen: 'a', rejected: 'b' };
    const responses = { best: [by('u', 'chosen'), by('v', 'rejected'), by('w', 'chosen', 'draft'), by('x', null, 'discarded')] };
    expect(await itemsOf(JSON.stringify([{ fields: two, responses }]))).toMatchObject([
      { judged: [{ verdict: 'first', rater: { id: 'u' } }, { verdict: 'second', rater: { id: 'v' } }], discarded: [{ rater: { id: 'x' } }], lost: ['a draft'] },
    ]);
  });

  it('reads version 1 and its form for the Hub alike', async () => {
    const expected = { prompt: 'p', responses: ['r'], judged: [{ verdict: { kind: 'form', answers: [{ question: 'quality', verdict: { kind: 'rating', response: 0, criterion: 'quality', scale: '1 to 5', value: 4 } }, { question: 'spans', spans: [{ response: 0, from: 0, to: 1, label: 'odd' }] }] } }] };
    const marked = [{ start: 0, end: 1, label: 'odd', text: 'r' }];
    const one = { fields: { prompt: 'p', response: 'r' }, responses: [{ user_id: 'u', status: 'submitted', values: { quality: { value: 4 }, spans: { value: marked } } }] };
    const hub = { prompt: 'p', response: 'r', quality: [by('u', 4)], spans: [by('u', marked)], external_id: 'e', metadata: '{}', 'quality-suggestion': null };
    expect(await itemsOf(lines(one))).toMatchObject([expected]);
    expect(await itemsOf(lines(hub))).toMatchObject([expected]);
  });

  it('tells options from texts by their coming again', async () => {
    const record = (i: number, label: string) => ({ fields: { text: `${i}` }, responses: { label: [by('u', label)], remark: [by('u', `remark ${i}`)] } });
    const { form } = await readItems(fileOf(JSON.stringify(['yes', 'no', 'yes', 'no'].map((label, i) => record(i, label)))), { onError: 'throw' });
    expect(form?.questions).toMatchObject([{ id: 'label', kind: 'choice', options: ['yes', 'no'] }, { id: 'remark', kind: 'text' }]);
  });
});

describe('Label Studio', () => {
  const task = (data: object, ...annotations: object[]) => JSON.stringify([{ id: 1, data, annotations }], null, 1);
  const annotation = (result: object[], more: object = {}) => ({ id: 1, completed_by: 7, created_at: '2021-03-09T22:16:08.728Z', was_cancelled: false, result, ...more });

  it('reads a pair, its annotator and time; a cancelled annotation is a skip', async () => {
    const pair = { from_name: 'pw', to_name: 'text1,text2', type: 'pairwise', value: { selected: 'right' } };
    expect(await itemsOf(task({ prompt: 'p', text1: 'a', text2: 'b' }, annotation([pair]), annotation([], { was_cancelled: true, completed_by: { id: 8, email: 'e@example.org' } })))).toMatchObject([
      {
        prompt: 'p',
        responses: ['a', 'b'],
        judged: [{ verdict: 'second', rater: { kind: 'person', name: '7', id: 'label-studio:7' }, at: Date.UTC(2021, 2, 9, 22, 16, 8, 728) }],
        skipped: [{ rater: { name: 'e@example.org', id: 'label-studio:8' } }],
      },
    ]);
  });

  it('reads the order of a Ranker', async () => {
    const items = ['blog', 'mdn', 'wiki'].map((id) => ({ id, title: `the ${id}`, body: `of ${id}` }));
    const ranked = { from_name: 'rank', to_name: 'items', type: 'ranker', value: { ranker: ['mdn', 'wiki', 'blog'] } };
    expect(await itemsOf(task({ prompt: 'p', items }, annotation([ranked])))).toMatchObject([{ prompt: 'p', responses: ['of blog', 'of mdn', 'of wiki'], judged: [{ verdict: { kind: 'ranking', groups: [[1], [2], [0]] } }] }]);
  });

  it('reads ratings, choices, texts and marked stretches; counts what it has no word for', async () => {
    const about = (type: string, value: object, from_name = type) => ({ from_name, to_name: 'text', type, value });
    const results = [
      about('rating', { rating: 4 }),
      about('choices', { choices: ['funny', 'short'] }),
      about('textarea', { text: ['fine'] }),
      about('labels', { start: 0, end: 2, text: 'he', labels: ['greeting'] }),
      about('labels', { start: 3, end: 5, text: 'lo', labels: ['end'] }),
      about('rectanglelabels', { x: 1 }),
    ];
    const [item] = await itemsOf(task({ text: 'hello' }, annotation(results)));
    expect(item).toMatchObject({
      responses: ['hello'],
      lost: [expect.stringMatching(/rectanglelabels/)],
      judged: [
        {
          verdict: {
            answers: [
              { question: 'rating', verdict: { kind: 'rating', response: 0, value: 4, scale: '1 to 5' } },
              { question: 'choices', value: ['funny', 'short'] },
              { question: 'textarea', value: 'fine' },
              { question: 'labels', spans: [{ from: 0, to: 2, label: 'greeting' }, { from: 3, to: 5, label: 'end' }] },
            ],
          },
        },
      ],
    });
  });
});

describe('a table', () => {
  it('reads pairs, orders and ratings', async () => {
    expect(await itemsOf('Prompt,Chosen,Rejected,Strength\np,c,r,2\n')).toMatchObject([{ prompt: 'p', responses: ['c', 'r'], judged: [{ verdict: 'first', strength: 2 }] }]);
    const rows = ['a', 'B', 'tie', 'both bad', 'b > a', 'a = b', ''].map((preference) => `p,x,y,,${preference}`).join('\n');
    expect((await itemsOf(`prompt,response a,response b,response c,preference\n${rows}`)).map((item) => (item as { judged: { verdict: unknown }[] }).judged[0]?.verdict)).toEqual([
      'first',
      'second',
      'tie',
      'both-bad',
      { kind: 'ranking', groups: [[1], [0]] },
      { kind: 'ranking', groups: [[0, 1]] },
      undefined,
    ]);
    expect(await itemsOf('prompt,response,rating\np,r,3\nq,s,\n')).toMatchObject([{ responses: ['r'], judged: [{ verdict: { kind: 'rating', value: 3, scale: '1 to 5' } }] }, { judged: [] }]);
  });

  it('reads columns as people name them, and says which it has no use for', async () => {
    expect(await itemsOf('id,question,answer_a,answer_b,level\n7,q,x,y,hard\n')).toEqual([{ line: 2, prompt: 'q', responses: ['x', 'y'], judged: [], lost: [expect.stringMatching(/“level”/)] }]);
    expect(await itemsOf('Frage;Antwort 1;Antwort 2\nq;x;y\n')).toMatchObject([{ prompt: 'q', responses: ['x', 'y'] }]);
    expect(await itemsOf('instruction,input,output\ni,n,o\n')).toMatchObject([{ prompt: 'i\n\nn', responses: ['o'] }]);
    expect(await itemsOf('model_a,model_b,question,answer_a,answer_b\nm,n,q,x,y\n')).toMatchObject([{ prompt: 'q', responses: ['x', 'y'], lost: [expect.stringMatching(/“model_a”/), expect.stringMatching(/“model_b”/)] }]);
    expect(await itemsOf('prompt,first,second\np,x,y\n')).toMatchObject([{ responses: [], lost: [expect.stringMatching(/“first”/), expect.stringMatching(/“second”/)] }]);
  });

  it.each([
    ['preferred', '2', 'second'],
    ['preferred', 'output_1', 'first'],
    ['winner', 'b', 'second'],
    ['better response', 'Draw', 'tie'],
    ['choice', 'neither', 'both-bad'],
    ['preferred', '', undefined],
  ])('reads the column “%s” that says “%s”', async (column, word, verdict) => {
    expect((await itemsOf(`instruction,output_1,output_2,${column}\ni,x,y,${word}\n`)).map((item) => (item as { judged: { verdict: unknown }[] }).judged[0]?.verdict)).toEqual([verdict]);
  });

  const asTable = (columns: string, words: readonly string[]) => `question,${columns},preferred\n${words.map((word, i) => `q${i},x,y,${word}\n`).join('')}`;
  const asRecords = (columns: string, words: readonly string[]) => lines(...words.map((word, i) => ({ question: `q${i}`, ...Object.fromEntries(columns.split(',').map((name, at) => [name, 'xy'[at]])), preferred: word === '' ? null : Number(word) })));

  it.each([
    ['0 and 1', 'answer_a,answer_b', ['1', '0', '1'], ['second', 'first', 'second']],
    ['1 and 2', 'answer_a,answer_b', ['1', '2', ''], ['first', 'second', undefined]],
    ['0 and 1, after an empty cell made decimals of them', 'output_a,output_b', ['0.0', '', '1.0'], ['first', undefined, 'second']],
    ['the numbers of their columns', 'answer_0,answer_1', ['1', '1'], ['second', 'second']],
    ['the numbers of their columns, wherever these begin', 'answer_2,answer_3', ['2', '3'], ['first', 'second']],
  ])('reads preferences that count the responses by %s', async (_name, columns, words, verdicts) => {
    expect(await verdictsOf(asTable(columns, words))).toEqual(verdicts);
    expect(await verdictsOf(asRecords(columns, words))).toEqual(verdicts);
  });

  it.each([
    ['0 is a tie, or 1 is the second', 'answer_a,answer_b', ['1', '0', '2']],
    ['below 0 is the one, above it the other', 'answer_a,answer_b', ['-1', '0', '1']],
    ['the columns count from 1, and there is a 0', 'answer_1,answer_2', ['1', '0']],
    ['there are halves', 'answer_a,answer_b', ['1', '0.5']],
  ])('takes no number for a response where it is not clear which: %s', async (_name, columns, words) => {
    expect(await verdictsOf(asTable(columns, words), 'skip')).toEqual([]);
    expect(await verdictsOf(asRecords(columns, words), 'skip')).toEqual([]);
  });

  it.each(['B is better than A', 'not a', 'A/B', 'A and B', 'N/A', 'no idea', 'alpaca', 'gpt-2', 'c', '3', '-1', '_b', 'a > ', '> a', 'x'.repeat(300)])('refuses “%s” rather than guess what it prefers', async (word) => {
    const { errors, judgements } = await preview(fileOf(asTable('answer_a,answer_b', [`"${word}"`]), 'x.csv'));
    expect(errors).toMatchObject([{ line: 2, field: 'preferred' }]);
    expect(judgements).toBe(0);
  });

  it.each([
    ['A>>B', { kind: 'ranking', groups: [[0], [1]] }],
    ['B≻A', { kind: 'ranking', groups: [[1], [0]] }],
    ['Option B', 'second'],
    ['answer_a', 'first'],
    ['Answer A', 'first'],
    ['both good', 'tie'],
  ])('reads “%s”', async (word, verdict) => {
    expect(await verdictsOf(asTable('answer_a,answer_b', [word]))).toEqual([verdict]);
  });

  it('takes the columns for responses that are called so, whatever others end in a letter', async () => {
    expect(await itemsOf('instruction,input,output,text\ni,n,o,i n o\n')).toMatchObject([{ prompt: 'i\n\nn', responses: ['o'], lost: [expect.stringMatching(/“text”/)] }]);
    expect(await itemsOf('prompt,response,date,data\np,r,2024,d\n')).toMatchObject([{ prompt: 'p', responses: ['r'] }]);
    expect(await itemsOf(lines({ source: 'reddit', responses: ['a', 'b'] }))).toMatchObject([{ prompt: '', responses: ['a', 'b'], lost: [expect.stringMatching(/“source”/)] }]);
    expect(await itemsOf('prompt,response,preferred\np,r,b\n')).toMatchObject([{ responses: ['r'], judged: [], lost: [expect.stringMatching(/“preferred”/)] }]);
  });

  it('reads line ends, quotation marks and a byte-order mark as spreadsheets write them', async () => {
    expect(await itemsOf('\ufeffprompt,chosen,rejected\r\n"two\r\nlines","say ""hi""",r\r\n')).toMatchObject([{ line: 2, prompt: 'two\r\nlines', responses: ['say "hi"', 'r'] }]);
  });

  it.each([
    ['columns of no known name', 'a,b\n1,2\n', 2, 'prompt'],
    ['a cell too many', 'prompt,chosen,rejected\np,c,r\np,c,r,x\n', 3, ''],
    ['an unclosed mark', 'prompt,chosen,rejected\np,"c,r\n', 2, ''],
    ['text behind a mark', 'prompt,chosen,rejected\n"a"b,c,r\n', 2, ''],
    ['a line below a text of three', 'prompt,chosen,rejected\n"1\n2\n3",c,r\np,c\n', 5, ''],
    ['a preference for nobody', 'prompt,response_a,response_b,preference\np,a,b,c\n', 2, 'preference'],
    ['a column twice', 'prompt,chosen,chosen\np,c,r\n', 1, ''],
  ])('refuses %s with its line', async (_name, content, line, field) => {
    const error = await preview(fileOf(content, 'x.csv')).then(({ errors }) => errors[0]);
    expect(error).toBeInstanceOf(FileError);
    expect(error).toMatchObject({ line, field });
  });
});

describe('plain records', () => {
  it('have their responses in a list or in fields, and a preference beside them', async () => {
    expect(await itemsOf(lines({ prompt: 'p', responses: ['a', 'b', 'c'] }))).toEqual([{ line: 1, prompt: 'p', responses: ['a', 'b', 'c'], judged: [] }]);
    expect(await itemsOf(lines({ question: 'q', answers: [{ text: 'a' }, { text: 'b' }], preferred: 2 }))).toMatchObject([{ prompt: 'q', responses: ['a', 'b'], judged: [{ verdict: 'second' }] }]);
    expect(await itemsOf(lines({ prompt: [message('user', 'u')], completions: ['a', 'b'] }))).toMatchObject([{ turns: [{ role: 'user', text: 'u' }], responses: ['a', 'b'] }]);
    expect(await itemsOf(lines({ id: 1, score_1: 3, score_2: 4, question: 'q', answer_a: 'a', answer_b: 'b', better: 'answer_a' }))).toEqual([{ line: 1, prompt: 'q', responses: ['a', 'b'], judged: [{ verdict: 'first' }] }]);
  });

  it('say by letters and numbers which of their fields is meant, also where one is empty', async () => {
    const fields = { question: 'q', answer_a: null, answer_b: 'BB', answer_c: 'CC' };
    expect(await verdictsOf(lines({ ...fields, best: 'b' }))).toEqual(['first']);
    expect((await preview(fileOf(lines({ ...fields, best: 'a' }), 'x.jsonl'))).errors).toMatchObject([{ field: 'best' }]);
    expect(await verdictsOf(lines({ prompt: 'p', responses: ['a', 'b'], best: 0 }, { prompt: 'q', responses: ['a', 'b'], best: 1 }))).toEqual(['first', 'second']);
  });

  it('may have a conversation for a prompt, with responses beside it', async () => {
    const messages = [message('user', 'u'), message('assistant', 'a'), message('user', 'v')];
    const turns = [{ role: 'user', text: 'u' }, { role: 'assistant', text: 'a' }, { role: 'user', text: 'v' }];
    expect(await itemsOf(lines({ messages, responses: ['x', 'y'], preferred: 1 }))).toMatchObject([{ turns, responses: ['x', 'y'], judged: [{ verdict: 'first' }] }]);
    expect(await itemsOf(lines({ messages, answer_a: 'x', answer_b: 'y', preferred: 'b' }))).toMatchObject([{ turns, responses: ['x', 'y'], judged: [{ verdict: 'second' }] }]);
    expect(await itemsOf(lines({ messages, completion: 'x' }))).toMatchObject([{ turns, responses: ['x'] }]);
  });

  it('are refused where a conversation has so many answers that all of them, each with what was said before, would fill the memory', async () => {
    const messages = Array.from({ length: 2000 }, (_, i) => message(i % 2 ? 'assistant' : 'user', 'x'.repeat(50)));
    expect((await preview(fileOf(lines({ messages }), 'x.jsonl'))).errors).toMatchObject([{ field: 'messages', reason: expect.stringMatching(/too much text/) }]);
  });

  it('give each answer of a conversation by itself, and keep them together', async () => {
    const turns = [message('system', 's'), message('user', 'u'), message('assistant', 'a'), message('user', 'v'), message('assistant', 'b')];
    const moments = await itemsOf(lines({ messages: turns }));
    expect(moments).toMatchObject([
      { responses: ['a'], turns: [{ role: 'system', text: 's' }, { role: 'user', text: 'u' }] },
      { responses: ['b'], turns: [{}, {}, { role: 'assistant', text: 'a' }, { role: 'user', text: 'v' }] },
    ]);
    const [first, second] = moments as { conversationId?: string }[];
    expect(first.conversationId).toMatch(/\w/);
    expect(second.conversationId).toBe(first.conversationId);
    expect(await itemsOf(lines({ conversations: [{ from: 'human', value: 'u' }, { from: 'gpt', value: 'a' }] }, { messages: [message('user', 'u')] }))).toMatchObject([
      { responses: ['a'], turns: [{ role: 'user', text: 'u' }] },
      { responses: [], turns: [{ role: 'user', text: 'u' }] },
    ]);
    await expect(itemsOf(lines({ messages: turns }, { messages: [message('tool', 't')] }))).rejects.toMatchObject({ line: 2, field: 'messages.0.role' });
  });
});

describe('what is asked about a file that asks nothing', () => {
  const asked = async (...sizes: number[]) => (await preview(fileOf(lines(...sizes.map((size, i) => ({ prompt: `${i}`, responses: Array.from({ length: size }, (_, k) => `${k}`) })))))).form?.name;

  it('suits all of its items', async () => {
    expect(await asked(2, 2)).toBeUndefined();
    expect(await asked(2, 4)).toBe('Put in order');
    expect(await asked(1, 4)).toBe('Good or not');
    expect((await preview(fileOf(lines({ prompt: 'p', completion: 'c', label: true })))).form?.questions).toMatchObject([{ kind: 'thumb' }]);
  });
});

describe('a file with errors', () => {
  const good = { prompt: 'p', chosen: 'c', rejected: 'r' };
  const content = `${lines(good)}not JSON\n${lines(good, { prompt: 1 }, { ...good, rejected: 'c' })}`;

  it('is told line by line before anything is kept', async () => {
    const seen: number[] = [];
    const found = await preview(fileOf(content), { progress: (bytes) => seen.push(bytes) });
    expect(found).toMatchObject({ format: { id: 'trl-preference' }, items: 2, judgements: 2, errorCount: 2, sample: [{ line: 1 }, { line: 3 }], errors: [{ line: 2 }, { line: 4, field: 'chosen' }] });
    expect(Object.values(found.leftOut)).toEqual([1]);
    expect(seen.at(-1)).toBe(new Blob([content]).size);
  });

  it('is not told the same of every line', async () => {
    const found = await preview(fileOf(`a,b\n${'1,2\n'.repeat(9)}1\n`, 'x.csv'));
    expect(found.errorCount).toBe(10);
    expect(found.errors.map(({ line }) => line)).toEqual([2, 3, 4, 11]);
    expect(found.errors[0].reason).toMatch(/“a”, “b”/);
  });

  it('gives nothing, or all but the broken lines, as the person chooses', async () => {
    await expect(itemsOf(content)).rejects.toMatchObject({ line: 2 });
    expect((await itemsOf(content, undefined, 'skip')).map(({ line }) => line)).toEqual([1, 3, 5]);
  });

  it('is left alone once the person has had enough', async () => {
    const stop = new AbortController();
    stop.abort();
    await expect(preview(fileOf(content), { signal: stop.signal })).rejects.toMatchObject({ name: 'AbortError' });
  });
});
