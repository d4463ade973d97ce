import { FileError } from './fileError';

/*
 * The bytes of a file that is not trusted, piece by piece; of one packed by
 * gzip (RFC 1952), what it unpacks to, checked by its own checksum.
 */

export interface Reading {
  /** Told how many bytes of the file have been read, packed as they are. */
  progress?: (bytes: number) => void;
  signal?: AbortSignal;
  /** Told how the text of a table is written, before any of it is read. */
  encoding?: (encoding: Encoding) => void;
}

/** Far above any dataset; a file of a megabyte can unpack to a thousand. */
const MOST_UNPACKED = 1 << 30;

/**
 * @throws FileError where the file is gone, or a packed one is damaged or unpacks to more than any dataset
 * @throws the signal's reason, once it is aborted
 */
export async function* fileBytes(file: Blob, { progress, signal }: Reading = {}, mostUnpacked = MOST_UNPACKED): AsyncGenerator<Uint8Array> {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  let packed = false;
  let read = 0;
  try {
    packed = await isGzip(file);
    const counter = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        progress?.((read += chunk.length));
        controller.enqueue(chunk);
      },
    });
    const counted: ReadableStream<Uint8Array> = file.stream().pipeThrough(counter);
    reader = (packed ? counted.pipeThrough(new DecompressionStream('gzip') as TransformStream<Uint8Array, Uint8Array>) : counted).getReader();
    for (let unpacked = 0; ; ) {
      signal?.throwIfAborted();
      const { done, value: chunk } = await reader.read();
      if (done) return;
      unpacked += chunk.length;
      if (packed && unpacked > mostUnpacked) throw new FileError({ line: 1 }, '', `the packed file holds more than ${mostUnpacked} bytes`);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof FileError || signal?.aborted) throw error;
    throw new FileError({ line: 1 }, '', packed ? 'the packed file is damaged or was cut off' : 'the file cannot be read; it may have been moved or changed since it was chosen');
  } finally {
    // What has failed already has nothing left to cancel.
    await reader?.cancel().catch(() => undefined);
  }
}

async function isGzip(file: Blob): Promise<boolean> {
  const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  return first === 0x1f && second === 0x8b;
}

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

/**
 * How the text of a spreadsheet is written: some save UTF-16, which begins with
 * its mark, or what Windows wrote before there was UTF-8. Only where hardly any
 * of its letters beyond ASCII are UTF-8: otherwise a few bytes of it are damaged.
 */
export async function encodingOf(file: Blob, reading?: Reading): Promise<Encoding> {
  const pieces = () => fileBytes(file, { signal: reading?.signal });
  let mark: number[] = [];
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    for await (const bytes of pieces()) {
      if (mark.length < 2) mark = [...mark, ...bytes.slice(0, 2)].slice(0, 2);
      decoder.decode(bytes, { stream: true });
    }
    decoder.decode();
    return 'utf-8';
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  if (mark[0] === 0xff && mark[1] === 0xfe) return 'utf-16le';
  if (mark[0] === 0xfe && mark[1] === 0xff) return 'utf-16be';
  let [letters, broken] = [0, 0];
  const decoder = new TextDecoder();
  const count = (bytes?: Uint8Array) => {
    for (const [letter] of decoder.decode(bytes, { stream: bytes !== undefined }).matchAll(/[^\0-\x7f]/gu)) {
      if (letter === '\ufffd') broken++;
      else letters++;
    }
  };
  for await (const bytes of pieces()) count(bytes);
  count();
  return broken > letters ? 'windows-1252' : 'utf-8';
}

/**
 * The text of a file, without a byte-order mark at its start.
 * @param line where the reader of the text stands, to say where it is not UTF-8
 * @throws FileError where it is not of its encoding
 */
export async function* fileText(file: Blob, line: () => number, reading?: Reading, encoding: Encoding = 'utf-8'): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const decode = (bytes?: Uint8Array) => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch {
      throw new FileError({ line: line() }, '', 'here or below, it is not UTF-8 text; save the file as UTF-8');
    }
  };
  for await (const bytes of fileBytes(file, reading)) yield decode(bytes);
  yield decode();
}
