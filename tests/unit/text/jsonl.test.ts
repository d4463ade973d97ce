import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countLines, JsonlError, readJsonl, writeJsonl, type JsonlLimits, type JsonLine } from '../../../src/text/jsonl';
import { anyText } from './anyText';

async function read(parts: BlobPart[], limits?: JsonlLimits): Promise<JsonLine[]> {
  const lines: JsonLine[] = [];
  for await (const line of readJsonl(new Blob(parts), limits)) lines.push(line);
  return lines;
}

async function failure(parts: BlobPart[], limits?: JsonlLimits): Promise<JsonlError> {
  try {
    await read(parts, limits);
  } catch (error) {
    if (error instanceof JsonlError) return error;
    throw error;
  }
  return expect.unreachable('it was read');
}

const limits = { lineBytes: 20, lines: 3 };

describe('JSON Lines', () => {
  it('are read with their numbers; blank lines, carriage returns, a byte-order mark and a missing last newline do no harm', async () => {
    expect(await read(['\ufeff{"a":1}\r\n\n  \n[2]\r\n"three"'])).toEqual([
      { line: 1, value: { a: 1 } },
      { line: 4, value: [2] },
      { line: 5, value: 'three' },
    ]);
    expect(await read([''])).toEqual([]);
  });

  it('come back as they were written, whatever they hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(fc.jsonValue({ maxDepth: 2 }), anyText), { maxLength: 5 }), async (values) => {
        const lines = await read([writeJsonl(values)]);
        expect(lines.map(({ value }) => value)).toEqual(JSON.parse(JSON.stringify(values)));
      }),
    );
  });

  it('are read across the pieces in which a large file arrives', async () => {
    const values = Array.from({ length: 3000 }, (_, i) => ({ i, text: 'é🦊'.repeat(20) }));
    expect((await read([writeJsonl(values)])).map(({ value }) => value)).toEqual(values);
  });

  it('name the line that is not JSON', async () => {
    const error = await failure(['{"a":1}\n{"a":\n']);
    expect(error).toMatchObject({ line: 2, field: '' });
    expect(error.message).toMatch(/Line 2.*not JSON.*Nothing was imported/);
  });

  it('name the line that is not UTF-8', async () => {
    expect(await failure(['{}\n', Uint8Array.of(0x22, 0xff, 0x22)])).toMatchObject({ line: 2, message: expect.stringContaining('UTF-8') });
  });

  it('refuse a line that is too long, also one without an end', async () => {
    expect(await read([`"${'x'.repeat(18)}"`], limits)).toHaveLength(1);
    expect(await failure([`1\n"${'x'.repeat(19)}"\n`], limits)).toMatchObject({ line: 2 });
    expect(await failure(['x'.repeat(1_000_000)], limits)).toMatchObject({ line: 1 });
  });

  it('refuse too many lines', async () => {
    expect(await read(['1\n2\n3\n'], limits)).toHaveLength(3);
    expect(await failure(['1\n2\n3\n4\n'], limits)).toMatchObject({ line: 4 });
  });

  it('refuse or read absurd nesting, but never fall over', async () => {
    const depth = 400_000;
    const deep = await read(['['.repeat(depth) + ']'.repeat(depth)]).catch((error: unknown) => error);
    expect(deep instanceof JsonlError || Array.isArray(deep)).toBe(true);
  });
});

it.each([['', 1], ['a', 1], ['a\nb', 2], ['\n\n\n', 4]])('counts the lines of %j', async (text, lines) => {
  expect(await countLines(new Blob([text]))).toBe(lines);
});

it('counts as many lines as there are, over many pieces of a large file', async () => {
  const file = new Blob(Array.from({ length: 5000 }, (_, i) => `${'x'.repeat(i % 90)}\n`));
  expect(await countLines(file)).toBe(5001);
});
