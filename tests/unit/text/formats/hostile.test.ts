import fc from 'fast-check';
import { gzipSync } from 'fflate';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { suits } from '../../../../src/feedback/suits';
import { fileBytes } from '../../../../src/text/fileBytes';
import { FileError, type Entry } from '../../../../src/text/fileError';
import { UnknownFormatError } from '../../../../src/text/formats/detection';
import { preview, type Preview } from '../../../../src/text/formats/reading';
import { csvRows } from '../../../../src/text/csv';
import { formSchema } from '../../../../src/text/formSchema';
import { jsonElements } from '../../../../src/text/jsonArray';
import { jsonLines } from '../../../../src/text/jsonl';
import { fileOf, itemsOf, lines } from './reading';
import { SAMPLES } from './samples';

// What a property failed with is a part of its report: whether it was an expectation is then to be seen.
fc.configureGlobal({ includeErrorInReport: true });

const formats = Object.entries(SAMPLES);

/** What a file gives: a preview, or one of the errors that a person can read. Anything else fails the test. */
async function outcomeOf(content: BlobPart[] | string, name = ''): Promise<Preview | FileError | UnknownFormatError> {
  try {
    return await preview(fileOf(content, name));
  } catch (error) {
    if (error instanceof FileError || error instanceof UnknownFormatError) return error;
    throw error;
  }
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

describe('a file that is not what it seems', () => {
  it.each(formats)('was cut off at any byte: %s', async (_name, [content]) => {
    const bytes = bytesOf(content);
    for (let length = 0; length < bytes.length; length++) {
      const found = await outcomeOf([bytes.slice(0, length)]);
      if (!('errors' in found)) continue;
      // What is there of it is read, or said to be broken; nothing is made up.
      expect(found.items + found.errorCount).toBeLessThanOrEqual(2);
      for (const error of found.errors) expect(error.line).toBeGreaterThan(0);
    }
  });

  it.each(formats)('has any of its bytes altered: %s', async (_name, [content]) => {
    const bytes = bytesOf(content);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 3 }), async (flips) => {
        const damaged = bytes.slice();
        for (const [at, flip] of flips) damaged[at] ^= flip;
        await outcomeOf([damaged]);
      }),
      { numRuns: 60 },
    );
  });

  it('is anything at all', async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.constantFrom('', 'x.csv', 'x.json', 'x.jsonl', 'x.zip'), async (bytes, name) => void (await outcomeOf([Uint8Array.from(bytes)], name))));
  });

  it('is any JSON at all', async () => {
    const value = fc.jsonValue({ maxDepth: 4 });
    await fc.assert(fc.asyncProperty(fc.array(value, { maxLength: 4 }), fc.boolean(), async (values, list) => void (await outcomeOf(list ? JSON.stringify(values) : lines(...values)))));
  });
});

/** A record with one value of it, however deep, replaced by another, in all ways. */
function* replaced(value: unknown, by: unknown): Generator<unknown> {
  yield by;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) for (const other of replaced(inner, by)) yield Array.isArray(value) ? value.map((entry: unknown, i) => (String(i) === key ? other : entry)) : { ...value, [key]: other };
}

describe('a record with a value of another type', () => {
  const records = formats.filter(([name]) => !name.startsWith('CSV')).map(([name, [content, id]]) => [name, id, (content.startsWith('[') ? JSON.parse(content) : [JSON.parse(content)]) as unknown[]] as const);
  // JSON has no infinity, but a number that is read as one.
  const INFINITE = '"infinite"';
  const hostile: unknown[] = [null, true, 'infinite', -1, 1e308, 0.5, 'text', '', [], {}, [null], [[]], { __proto__: null, id: 'x' }, ['a', 'b'], [{ value: 'a', rank: 1 }]];

  it.each(records)('is an error with its place, or an item all the same: %s', async (_name, id, [record, ...others]) => {
    expect(others).toEqual([]);
    for (const value of hostile)
      for (const broken of replaced(record, value)) {
        const content = `${lines(record)}${lines(broken).replaceAll(INFINITE, '1e999')}`;
        const found = await outcomeOf(content);
        if (!('errors' in found)) throw found;
        expect(found.format.id).toBe(id);
        expect(found.items + found.errorCount + Object.values(found.leftOut).reduce((sum, n) => sum + n, 0)).toBe(2);
        // A number that is none of a response’s leaves open what all the others mean.
        const unclear = /begin at 0 or at 1/;
        for (const error of found.errors) expect(error).toMatchObject({ line: unclear.test(error.reason) ? expect.any(Number) : 2, reason: expect.stringMatching(/\w/) });
        for (const item of found.sample) for (const { verdict } of item.judged) expect([verdict, JSON.stringify(verdict).includes('null') || !suits(verdict, item)]).toEqual([verdict, false]);
        if (found.form) expect(v.parse(formSchema, found.form)).toEqual(found.form);
      }
  });

  it.each(records)('never finds a name on a prototype, nor pollutes one: %s', async (_name, _id, [record]) => {
    const keys = '"__proto__":{"polluted":1,"prompt":"evil","rating":5},"constructor":{"prototype":{"polluted":1}},"toString":"x",';
    const hidden = lines(record).replaceAll('{', `{${keys}`);
    await outcomeOf(hidden);
    await outcomeOf('{"__proto__":{"prompt":"p","chosen":"c","rejected":"r"}}\n', 'x.jsonl');
    expect({}).not.toHaveProperty('polluted');
  });

  it('takes no name of a prototype for a field', async () => {
    expect(await outcomeOf('{"__proto__":{"prompt":"p","chosen":"c","rejected":"r"}}\n')).toBeInstanceOf(UnknownFormatError);
    Object.defineProperty(Object.prototype, 'rejected', { value: 'evil', configurable: true });
    try {
      expect(await outcomeOf('{"prompt":"p","chosen":"c"}\n')).toMatchObject({ format: { id: 'prompt-only' } });
    } finally {
      delete (Object.prototype as { rejected?: string }).rejected;
    }
    const found = (await outcomeOf('{"fields":{"__proto__":"p","response":"r"},"responses":{"constructor":[{"value":3,"user_id":"u"}],"__proto__":[{"value":"x","user_id":"__proto__"}]}}')) as Preview;
    expect(found).toMatchObject({ items: 1, errorCount: 0, sample: [{ prompt: 'p', responses: ['r'] }] });
    expect(await itemsOf('prompt,__proto__,response\np,x,r\n')).toMatchObject([{ prompt: 'p', responses: ['r'] }]);
  });
});

describe('a file of absurd size or depth', () => {
  it('is refused line by line, and the rest is read', async () => {
    const good = { prompt: 'p', chosen: 'c', rejected: 'r' };
    const deep = 1_000_000;
    const long = `{"prompt":"${'x'.repeat(2 << 20)}"}\n`;
    const found = (await outcomeOf(`${lines(good)}${'['.repeat(deep)}\n${long}${lines(good)}`)) as Preview;
    expect(found).toMatchObject({ items: 2, errorCount: 2, errors: [{ line: 2 }, { line: 3, reason: expect.stringMatching(/longer/) }] });
  });

  it('is refused element by element, and the rest is read', async () => {
    const good = JSON.stringify({ prompt: 'p', chosen: 'c', rejected: 'r' });
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    const found = (await outcomeOf(`[${good},\n${nested(1_000_000)},\n${nested(200)},\n"${'x'.repeat(2 << 20)}", ${good}]`)) as Preview;
    expect(found).toMatchObject({
      items: 2,
      errors: [
        { line: 2, element: 2 },
        { line: 3, element: 3, reason: expect.stringMatching(/deep/) },
        { line: 4, element: 4, reason: expect.stringMatching(/longer/) },
      ],
    });
  });

  it('is refused where it holds more than anybody judges', async () => {
    const count = async (entries: AsyncIterable<Entry>) => {
      const list: Entry[] = [];
      for await (const entry of entries) list.push(entry);
      return [list.length, list.filter((entry) => 'error' in entry).map(({ line }) => line)];
    };
    expect(await count(jsonElements(new Blob(['[1,\n2,\n3,\n4]']), { elementLength: 9, elements: 2, depth: 9 }))).toEqual([3, [2]]);
    expect(await count(jsonLines(new Blob(['1\n2\n3\n4\n']), { lineBytes: 9, lines: 2 }))).toEqual([3, [3]]);
    expect(await count(csvRows(new Blob(['a\n1\n2\n3\n']), { rowLength: 9, rows: 2 }))).toEqual([2, [3]]);
  });

  it('is refused where a cell never ends', async () => {
    const found = (await outcomeOf(`prompt,chosen,rejected\np,c,r\n"${'""'.repeat(1 << 20)}\n`, 'x.csv')) as Preview;
    expect(found).toMatchObject({ items: 1, errorCount: 1, errors: [{ line: 3 }] });
  });

  it('is read in a time that grows with its length, whatever its quotation marks', async () => {
    const row = `"${'" '.repeat(1 << 18)}${' '.repeat(1 << 18)}",c,r`;
    const before = performance.now();
    await outcomeOf(`prompt,chosen,rejected\n${row}\n`, 'x.csv');
    expect(performance.now() - before).toBeLessThan(5000);
  });
});

describe('a packed file', () => {
  const content = lines(...Array.from({ length: 50 }, (_, i) => ({ prompt: `${i}`, chosen: 'c', rejected: 'r' })));
  const packed = gzipSync(bytesOf(content));

  it('is read as what it holds', async () => {
    expect((await itemsOf([Uint8Array.from(packed)])).length).toBe(50);
  });

  it('is refused where it was cut off, at any byte', async () => {
    for (let length = 2; length < packed.length; length++) await expect(itemsOf([packed.slice(0, length)])).rejects.toSatisfy((error) => error instanceof FileError || error instanceof UnknownFormatError);
  });

  it('is refused with a wrong checksum', async () => {
    const wrong = Uint8Array.from(packed);
    wrong[wrong.length - 6] ^= 1;
    await expect(itemsOf([wrong])).rejects.toMatchObject({ name: 'FileError', reason: expect.stringMatching(/damaged/) });
  });

  it('is given up where it unpacks without end', async () => {
    const bomb = gzipSync(bytesOf(`{"prompt":"${'x'.repeat(4 << 20)}`));
    let unpacked = 0;
    const reading = (async () => {
      for await (const { length } of fileBytes(fileOf([Uint8Array.from(bomb)]), {}, 1 << 20)) unpacked += length;
    })();
    await expect(reading).rejects.toMatchObject({ name: 'FileError', reason: expect.stringMatching(/more than/) });
    expect(unpacked).toBeLessThanOrEqual(1 << 20);
    expect(await outcomeOf([Uint8Array.from(bomb)], 'x.jsonl.gz')).toMatchObject({ items: 0, errorCount: 1 });
  });
});

it('a file that is gone is an error that says so', async () => {
  const gone = new DOMException('The requested file could not be read', 'NotReadableError');
  const file = Object.assign(new Blob(['x']), { stream: () => new ReadableStream({ start: (controller) => controller.error(gone) }) });
  await expect(preview(file)).rejects.toMatchObject({ name: 'FileError', reason: expect.stringMatching(/moved or changed/) });
});

describe('text in another encoding', () => {
  it('is refused with the line: a half character that is no UTF-8', async () => {
    const half = Uint8Array.of(0xed, 0xa0, 0x80);
    const good = lines({ prompt: 'p', chosen: 'c', rejected: 'r' });
    const bytes = new Uint8Array(await new Blob([good, '{"prompt":"', half, '"}\n', good]).arrayBuffer());
    expect(await outcomeOf([bytes])).toMatchObject({ items: 2, errors: [{ line: 2, reason: expect.stringMatching(/UTF-8/) }] });
    expect(await outcomeOf(['[1,\n"', half, '"]'], 'x.json')).toBeInstanceOf(UnknownFormatError);
  });

  it('is read where a spreadsheet wrote it: before there was UTF-8, or as UTF-16 with its mark', async () => {
    const sheet = 'Frage;Antwort 1;Antwort 2\r\nWie heiß?;Sehr;Kaum – höchstens lau\r\n';
    const expected = [{ line: 2, prompt: 'Wie heiß?', responses: ['Sehr', 'Kaum – höchstens lau'] }];
    // The dash and the letters as Windows-1252 has them.
    const old = Uint8Array.from([...sheet], (letter) => (letter === '–' ? 0x96 : letter.charCodeAt(0)));
    const wide = (big: boolean) => {
      const view = new DataView(new ArrayBuffer(2 * sheet.length + 2));
      [...`\ufeff${sheet}`].forEach((letter, i) => view.setUint16(2 * i, letter.charCodeAt(0), !big));
      return new Uint8Array(view.buffer);
    };
    for (const bytes of [old, wide(true), wide(false)]) expect(await itemsOf([bytes])).toMatchObject(expected);
  });

  it('is refused in a table that is UTF-8 but for a damaged byte', async () => {
    const bytes = bytesOf('prompt,chosen,rejected\np,é,ü\np,ö,a\n');
    bytes[bytes.indexOf(0xc3) + 1] = 0x41;
    expect(await outcomeOf([bytes], 'x.csv')).toMatchObject({ items: 0, errors: [{ reason: expect.stringMatching(/UTF-8/) }] });
  });

  it('loses no half character that JSON writes out', async () => {
    expect(await itemsOf('{"prompt":"\\ud83e","chosen":"\\udd8a","rejected":"\\ud83e"}')).toMatchObject([{ prompt: '\ud83e', responses: ['\udd8a', '\ud83e'] }]);
  });
});

describe('the pieces in which a file arrives', () => {
  /** The same file in pieces of so many bytes. */
  const inPieces = (content: string, size: number): Blob => {
    const bytes = bytesOf(content);
    const stream = () => {
      let at = 0;
      return new ReadableStream<Uint8Array>({
        pull(controller) {
          if (at >= bytes.length) return controller.close();
          controller.enqueue(bytes.slice(at, (at += size)));
        },
      });
    };
    return Object.assign(new Blob([bytes]), { stream });
  };
  const all = async <T>(entries: AsyncIterable<T>) => {
    const list: T[] = [];
    for await (const entry of entries) list.push(entry);
    return list;
  };
  const trouble = fc.string({ unit: fc.constantFrom('"', '""', ',', '\r', '\n', '\r\n', 'a', 'é', '🦊', ' ', '[', ']', '{', '}', '\\', '1', ':'), maxLength: 40 });

  it.each([
    ['rows', csvRows],
    ['elements', (file: Blob) => jsonElements(file)],
    ['lines', (file: Blob) => jsonLines(file)],
  ])('make no difference to %s', async (_name, entries) => {
    await fc.assert(
      fc.asyncProperty(trouble, fc.integer({ min: 1, max: 5 }), fc.constantFrom('', '[', 'a,b\n'), async (content, size, start) => {
        const whole = await all(entries(new Blob([start + content])));
        expect(await all(entries(inPieces(start + content, size)))).toEqual(whole);
      }),
      { numRuns: 300 },
    );
  });

  it('make no difference to a table that comes back, whatever its line ends', async () => {
    const cell = fc.string({ unit: fc.constantFrom('"', ',', '\r', '\n', 'a', 'é', '🦊', ' ', ';') });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(cell, cell), { maxLength: 5 }), fc.constantFrom('\n', '\r\n', '\r'), fc.integer({ min: 1, max: 7 }), fc.boolean(), async (rows, end, size, last) => {
        const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
        const content = ['a,b', ...rows.map((cells) => cells.map(quoted).join(','))].join(end) + (last ? end : '');
        const read = await all(csvRows(inPieces(content, size)));
        let line = 2;
        expect(read).toEqual(
          rows.map(([a, b]) => {
            const value = { line, value: { a, b } };
            line += 1 + (`${a}${b}`.match(/\r\n|\r|\n/g)?.length ?? 0) + (a.endsWith('\r') && b.startsWith('\n') ? 1 : 0);
            return value;
          }),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('make no difference to a list that comes back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 5 }), fc.integer({ min: 1, max: 7 }), fc.constantFrom(undefined, 1), async (values, size, indent) => {
        const plain = JSON.parse(JSON.stringify(values)) as unknown[];
        const read = await all(jsonElements(inPieces(JSON.stringify(values, null, indent), size)));
        expect(read.map((entry) => ('value' in entry ? entry.value : entry.error))).toEqual(plain);
        expect(read.map(({ element }) => element)).toEqual(plain.map((_value, i) => i + 1));
      }),
      { numRuns: 200 },
    );
  });
});
