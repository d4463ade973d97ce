import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSafetensors, SafetensorsError, writeSafetensors } from '../../../src/model/safetensors';
import type { Weights } from '../../../src/model/parameters';

/** A file from its header and its bytes of data, as the format's description lays it out. */
function file(header: unknown, data: number[] | Uint8Array = []): Uint8Array {
  const json = typeof header === 'string' ? header : JSON.stringify(header);
  const text = new TextEncoder().encode(json);
  return Uint8Array.from([text.length & 255, text.length >> 8, 0, 0, 0, 0, 0, 0, ...text, ...data]);
}

const tensor = (dtype: string, shape: unknown, begin: number, end: number) => ({ dtype, shape, data_offsets: [begin, end] });

describe('readSafetensors', () => {
  it('reads single, half and brain precision', () => {
    const data = [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 0, 0x3c, 0x80, 0x3f];
    const weights = readSafetensors(
      file({ __metadata__: { format: 'pt' }, b: tensor('F16', [1, 1], 8, 10), a: tensor('F32', [2], 0, 8), c: tensor('BF16', [], 10, 12) }, data),
    );
    expect(weights).toEqual(
      new Map([
        ['a', { shape: [2], data: Float32Array.of(1, -2) }],
        ['b', { shape: [1, 1], data: Float32Array.of(1) }],
        ['c', { shape: [], data: Float32Array.of(1) }],
      ]),
    );
  });

  it('reads from the middle of a larger buffer, at an odd place', () => {
    const inner = file({ a: tensor('F32', [1], 0, 4) }, [0, 0, 0x80, 0x3f]);
    const outer = new Uint8Array(inner.length + 9);
    outer.set(inner, 3);
    expect(readSafetensors(outer.subarray(3, 3 + inner.length)).get('a')!.data).toEqual(Float32Array.of(1));
  });

  const header = (length: bigint) => new Uint8Array(new BigUint64Array([length]).buffer);
  it.each<[string, Uint8Array, RegExp]>([
    ['an empty file', new Uint8Array(0), /only 0 bytes/],
    ['a header longer than the file', header(1000n), /header of 1000 bytes and is 8 long/],
    ['a header of absurd length', header(2n ** 63n + 5n), /cut off, or no safetensors file/],
    ['a header that is no JSON', file('{"a":'), /header is not JSON/],
    ['a header that is a list', file('[]'), /header is not an object/],
    ['a header that is no UTF-8', Uint8Array.from([2, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe]), /header is not JSON/],
    ['an entry that is no object', file({ w: 3 }), /: w is not an object/],
    ['another type', file({ w: tensor('F64', [1], 0, 8) }, new Uint8Array(8)), /: w has the type "F64"/],
    ['a type named like an inherited property', file({ w: tensor('toString', [1], 0, 8) }, new Uint8Array(8)), /: w has the type/],
    ['a negative size', file({ w: tensor('F32', [-1], 0, 4) }, new Uint8Array(4)), /: w has no usable shape/],
    ['a size that is no number', file({ w: tensor('F32', ['1'], 0, 4) }, new Uint8Array(4)), /: w has no usable shape/],
    ['offsets outside the data', file({ w: tensor('F32', [2], 0, 8) }, new Uint8Array(4)), /: w has offsets outside/],
    ['offsets in the wrong order', file({ w: tensor('F32', [0], 4, 0) }, new Uint8Array(4)), /: w has offsets outside/],
    ['a shape that does not fit its bytes', file({ w: tensor('F32', [3], 0, 8) }, new Uint8Array(8)), /: w needs 12 bytes for its shape \[3\] and has 8/],
    ['a shape whose product overflows', file({ w: tensor('F32', [2 ** 40, 2 ** 40], 0, 8) }, new Uint8Array(8)), /: w needs/],
    ['overlapping tensors', file({ a: tensor('F32', [2], 0, 8), w: tensor('F32', [1], 4, 8) }, new Uint8Array(8)), /: w overlaps/],
    ['a gap between tensors', file({ a: tensor('F32', [1], 0, 4), w: tensor('F32', [1], 8, 12) }, new Uint8Array(12)), /: w leaves a gap of 4/],
    ['bytes left over', file({ a: tensor('F32', [1], 0, 4) }, new Uint8Array(6)), /2 bytes that belong to no tensor/],
    ['NaN', file({ w: tensor('F32', [1], 0, 4) }, [0, 0, 0xc0, 0x7f]), /: w holds NaN at place 0/],
    ['an infinite half', file({ w: tensor('F16', [2], 0, 4) }, [0, 0x3c, 0, 0xfc]), /: w holds -Infinity at place 1/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => readSafetensors(bytes)).toThrow(SafetensorsError);
    expect(() => readSafetensors(bytes)).toThrow(message);
  });

  it('answers any damage to a good file with its own error, or with finite weights', () => {
    const good = writeSafetensors(new Map([['a', { shape: [2, 3], data: new Float32Array(6).fill(0.5) }], ['b', { shape: [2], data: new Float32Array(2) }]]), { dtype: 'F32' });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }), fc.nat(good.length), (edits, cut) => {
        const bytes = good.slice();
        for (const [place, byte] of edits) bytes[place] = byte;
        for (const candidate of [bytes, bytes.subarray(0, cut)]) {
          try {
            for (const { data } of readSafetensors(candidate).values()) expect(data.every(Number.isFinite)).toBe(true);
          } catch (error) {
            expect(error).toBeInstanceOf(SafetensorsError);
          }
        }
      }),
      { seed: 1, numRuns: 1000 },
    );
  });
});

describe('writeSafetensors', () => {
  const weights = fc
    .uniqueArray(fc.string({ minLength: 1 }).filter((name) => name !== '__metadata__' && name !== '__proto__'), { maxLength: 5 })
    .chain((names) =>
      fc.tuple(
        ...names.map((name) =>
          fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }).chain((shape) => {
            const size = shape.reduce((a, b) => a * b, 1);
            return fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: size, maxLength: size }).map(
              (data): [string, { shape: number[]; data: Float32Array }] => [name, { shape, data: Float32Array.from(data) }],
            );
          }),
        ),
      ),
    )
    .map((entries): Weights => new Map(entries));

  it('gives back the same weights in single precision, whatever they are', () => {
    fc.assert(
      fc.property(weights, (original) => {
        const bytes = writeSafetensors(original, { dtype: 'F32', metadata: { note: 'é' } });
        expect(readSafetensors(bytes)).toEqual(original);
        // Readers map the data straight from memory, which asks for eight-byte alignment.
        expect(new DataView(bytes.buffer).getUint32(0, true) % 8).toBe(0);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('loses at most half a step of eleven bits in half precision', () => {
    const data = Float32Array.from({ length: 100 }, (_, i) => Math.sin(i) * 10 ** (i % 5 - 2));
    const read = readSafetensors(writeSafetensors(new Map([['a', { shape: [100], data }]]), { dtype: 'F16' })).get('a')!.data;
    data.forEach((value, i) => expect(Math.abs(read[i] - value)).toBeLessThanOrEqual(Math.abs(value) * 2 ** -11 + 2 ** -25));
    expect(read).not.toEqual(data);
  });

  it.each([
    ['F16', 70_000],
    ['F32', Infinity],
    ['F32', NaN],
  ] as const)('refuses to write %s of %d', (dtype, value) => {
    const write = () => writeSafetensors(new Map([['w', { shape: [1], data: Float32Array.of(value) }]]), { dtype });
    expect(write).toThrow(SafetensorsError);
    expect(write).toThrow(/: w holds/);
  });
});
