import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { BpeTokenizer, END_OF_TEXT } from '../../src/text/bpe';
import { trainBpe } from '../../src/text/bpeTraining';
import { encodeStories, splitStories } from '../../src/text/corpus';

export interface CorpusText {
  train: string[];
  valid: string[];
  /** Size of the validation text as a file, separators included: what bits a byte divide by. */
  validBytes: number;
  /** SHA-256 of both texts: the identity of what a run was trained on. */
  sha256: string;
}

/** Without a validation file every story of this number is held out. */
const HOLD_OUT_EVERY = 50;

export function readCorpus(trainFile: string, validFile: string | undefined): CorpusText {
  const text = readFileSync(trainFile, 'utf8');
  const stories = splitStories(text);
  const hash = createHash('sha256').update(text);
  if (validFile !== undefined) {
    const validText = readFileSync(validFile, 'utf8');
    hash.update('\0').update(validText);
    return { train: stories, valid: splitStories(validText), validBytes: Buffer.byteLength(validText), sha256: hash.digest('hex') };
  }
  const heldOut = (_: string, i: number) => i % HOLD_OUT_EVERY === HOLD_OUT_EVERY - 1;
  const valid = stories.filter(heldOut);
  return {
    train: stories.filter((story, i) => !heldOut(story, i)),
    valid,
    validBytes: valid.reduce((all, story) => all + Buffer.byteLength(`${story}\n${END_OF_TEXT}\n`), 0),
    sha256: hash.digest('hex'),
  };
}

export interface TokenStreams {
  tokenizer: BpeTokenizer;
  train: Uint16Array;
  valid: Uint16Array;
}

/** Learn the vocabulary from the training stories, and write both sets in it. */
export function tokenize({ train, valid }: CorpusText, vocabulary: number): TokenStreams {
  const tokenizer = trainBpe(train, vocabulary);
  return { tokenizer, train: encodeStories(tokenizer, train), valid: encodeStories(tokenizer, valid) };
}
