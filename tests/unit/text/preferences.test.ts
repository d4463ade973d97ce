import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Comparison, ComparisonState, Verdict } from '../../../src/feedback/judgement';
import { JsonlError, writeJsonl } from '../../../src/text/jsonl';
import { readPreferences, writePreferences } from '../../../src/text/preferences';
import { anyText } from './anyText';

/** What a file prefers, and what it leaves out. */
async function read(text: string) {
  const identical: number[] = [];
  const preferences = [];
  for await (const { prompt, responses, judged } of readPreferences(new Blob([text]), identical)) {
    expect(judged).toEqual([{ verdict: 'first' }]);
    preferences.push({ prompt, chosen: responses[0], rejected: responses[1] });
  }
  return { preferences, identical };
}

const refusal = (...values: unknown[]) =>
  read(writeJsonl(values)).then(
    () => expect.unreachable('it was read'),
    (error: unknown) => (error instanceof JsonlError ? error : Promise.reject(error)),
  );

const good = { prompt: 'p', chosen: 'c', rejected: 'r' };

function comparison(order: number, prompt: string, responses: [string, string]): Comparison {
  return { id: `c${order}`, datasetId: 'd', order, prompt, responses, swapped: true, source: { kind: 'imported', file: 'f' }, created: 0 };
}

const judged = (verdict: Verdict): ComparisonState => ({ status: 'judged', verdict, rater: { kind: 'person', name: 'me' }, at: 0 });

describe('reading preferences', () => {
  it('takes TRL’s standard format and ignores other fields', async () => {
    expect(await read(writeJsonl([{ ...good, score: 3 }]))).toEqual({ preferences: [good], identical: [] });
  });

  it('takes a conversation of one message each', async () => {
    const conversation = {
      prompt: [{ role: 'user', content: 'p' }],
      chosen: [{ role: 'assistant', content: 'c' }],
      rejected: [{ role: 'assistant', content: 'r' }],
    };
    expect((await read(writeJsonl([conversation]))).preferences).toEqual([good]);
  });

  it('leaves out two responses of the same text, and says where', async () => {
    expect(await read(writeJsonl([good, { ...good, rejected: 'c' }, good]))).toEqual({ preferences: [good, good], identical: [2] });
  });

  it.each<[string, unknown, string]>([
    ['a list', ['p', 'c', 'r'], ''],
    ['null', null, ''],
    ['text', 'p', ''],
    ['no rejected', { prompt: 'p', chosen: 'c' }, 'rejected'],
    ['an implicit prompt', { chosen: 'pc', rejected: 'pr' }, 'prompt'],
    ['a number', { ...good, chosen: 1e308 }, 'chosen'],
    ['a longer conversation', { ...good, prompt: [{ role: 'user', content: 'a' }, { role: 'assistant', content: 'b' }] }, 'prompt'],
    ['an empty conversation', { ...good, rejected: [] }, 'rejected'],
    ['a message of somebody else', { ...good, chosen: [{ role: 'user', content: 'c' }] }, 'chosen.0.role'],
    ['a message of parts', { ...good, chosen: [{ role: 'assistant', content: [{ type: 'text', text: 'c' }] }] }, 'chosen.0.content'],
    ['a message that is none', { ...good, chosen: [null] }, 'chosen.0'],
  ])('refuses %s with line and field', async (_name, value, field) => {
    expect(await refusal(good, value)).toMatchObject({ line: 2, field });
  });

  it('never finds a field on a prototype, nor pollutes one', async () => {
    const hostile = '{"__proto__": {"prompt": "p", "chosen": "c", "rejected": "r", "polluted": true}}';
    await expect(read(hostile)).rejects.toMatchObject({ line: 1, field: 'prompt' });
    expect({}).not.toHaveProperty('polluted');
  });

  it('survives any line', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(fc.json(), anyText)), async (lines) => {
        const outcome = await read(lines.join('\n')).catch((error: unknown) => error);
        expect(outcome instanceof JsonlError || Array.isArray((outcome as { preferences: unknown }).preferences)).toBe(true);
      }),
    );
  });
});

describe('writing preferences', () => {
  const comparisons = [0, 1, 2, 3, 4, 5].map((order) => comparison(order, `p${order}`, ['a', 'b']));
  const states = new Map<string, ComparisonState>([
    ['c0', judged('first')],
    ['c1', judged('second')],
    ['c2', judged('tie')],
    ['c3', judged('both-bad')],
    ['c4', { status: 'skipped' }],
  ]);

  it('keeps what one side won, in stored order whatever the screen showed, and reports the rest', () => {
    const { text, written, leftOut, loss } = writePreferences(comparisons, states);
    expect(text).toBe('{"prompt":"p0","chosen":"a","rejected":"b"}\n{"prompt":"p1","chosen":"b","rejected":"a"}\n');
    expect([written, leftOut]).toEqual([2, { ties: 1, bothBad: 1, single: 0 }]);
    expect(loss).toMatch(/1 tie and 1 pair /);
  });

  it('loses no text: what is written is read again, any characters', async () => {
    const row = fc.tuple(anyText, anyText, anyText, fc.constantFrom<Verdict>('first', 'second'));
    await fc.assert(
      fc.asyncProperty(fc.array(row), async (rows) => {
        const distinct = rows.filter(([, a, b]) => a !== b);
        const written = writePreferences(
          distinct.map(([prompt, a, b], i) => comparison(i, prompt, [a, b])),
          new Map(distinct.map(([, , , verdict], i) => [`c${i}`, judged(verdict)])),
        );
        const expected = distinct.map(([prompt, a, b, verdict]) =>
          verdict === 'first' ? { prompt, chosen: a, rejected: b } : { prompt, chosen: b, rejected: a },
        );
        expect(await read(written.text)).toEqual({ preferences: expected, identical: [] });
      }),
    );
  });
});
