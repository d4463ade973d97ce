import { charToByte, PRE_TOKEN, spell } from './byteLevel';
import { MinHeap } from './minHeap';

/** A `tokenizer.json` that cannot be used; `field` names the part that is wrong. */
export class TokenizerFormatError extends Error {
  constructor(
    readonly field: string,
    reason: string,
  ) {
    super(`The tokenizer file cannot be used: ${field} ${reason}.`);
    this.name = 'TokenizerFormatError';
  }
}

export const END_OF_TEXT = '<|endoftext|>';
export const PADDING = '<|pad|>';

// Bounds on what an imported file may ask for; far above any tokenizer that a model in a tab can use.
const MAX_VOCABULARY = 65_536;
const MAX_TOKEN_LENGTH = 256;

// What other byte-level tokenizers may do to a text's pieces and this one does not; null, false, 0 and '' switch each off.
const NOT_COMPUTED = ['dropout', 'continuing_subword_prefix', 'end_of_word_suffix', 'byte_fallback', 'ignore_merges'];

// Rank and place of a pair in one number, ordered by rank; more places than a string has characters.
const POSITIONS = 2 ** 31;

// Distinct pre-tokens whose merges are remembered; text repeats its words, and memory must stay bounded.
const MERGE_CACHE_SIZE = 20_000;

export interface BpeDefinition {
  /** Spelling of each token id in the byte-level alphabet; special tokens are spelled as themselves. */
  tokens: string[];
  /** Pairs of spellings in the order in which they merge. */
  merges: [string, string][];
  /** Tokens that never arise from text and are left out when decoding. */
  special: string[];
}

/**
 * Byte-level byte-pair encoding (Sennrich et al. 2016; GPT-2's byte-level
 * variant), reading and writing the Hugging Face `tokenizer.json` layout.
 */
export class BpeTokenizer {
  readonly vocabularySize: number;
  readonly endOfText: number;
  readonly padding: number;
  private readonly idOf = new Map<string, number>();
  private readonly bytesOf: Uint8Array[];
  private readonly rankOf = new Map<string, number>();
  private readonly mergeCache = new Map<string, number[]>();

  constructor(private readonly definition: BpeDefinition) {
    const special = new Set(definition.special);
    this.vocabularySize = definition.tokens.length;
    this.bytesOf = definition.tokens.map((token, id) => {
      if (this.idOf.has(token)) throw new TokenizerFormatError('model.vocab', `holds ${JSON.stringify(token)} twice`);
      this.idOf.set(token, id);
      if (special.has(token)) return new Uint8Array(0);
      return Uint8Array.from(token, (char) => {
        const byte = charToByte(char);
        if (byte === undefined)
          throw new TokenizerFormatError('model.vocab', `holds ${JSON.stringify(token)}, which is not byte-level`);
        return byte;
      });
    });
    definition.merges.forEach(([left, right], rank) => {
      if (!this.idOf.has(left + right))
        throw new TokenizerFormatError(`model.merges[${rank}]`, `makes ${JSON.stringify(left + right)}, which is not in the vocabulary`);
      this.rankOf.set(`${left} ${right}`, rank);
    });
    this.endOfText = this.requireSpecial(END_OF_TEXT);
    this.padding = this.requireSpecial(PADDING);
  }

  private requireSpecial(token: string): number {
    const id = this.idOf.get(token);
    if (id === undefined) throw new TokenizerFormatError('added_tokens', `lacks ${token}`);
    return id;
  }

  /** Token ids of `text`. Special tokens are never produced: a text that spells one is read as plain characters. */
  encode(text: string): number[] {
    const ids: number[] = [];
    for (const [word] of text.matchAll(PRE_TOKEN)) {
      let merged = this.mergeCache.get(word);
      if (!merged) {
        merged = this.merge(word);
        if (this.mergeCache.size >= MERGE_CACHE_SIZE) this.mergeCache.clear();
        this.mergeCache.set(word, merged);
      }
      for (const id of merged) ids.push(id);
    }
    return ids;
  }

  /** Merges the pair of lowest rank, the leftmost first, until none is left; n log n in the word's bytes. */
  private merge(word: string): number[] {
    const parts = spell(word);
    // A part that was merged away is empty; the others are linked by where they begin.
    const next = Int32Array.from(parts, (_, at) => at + 1);
    const previous = Int32Array.from(parts, (_, at) => at - 1);
    const rankAt = (at: number): number | undefined =>
      at >= 0 && next[at] < parts.length ? this.rankOf.get(`${parts[at]} ${parts[next[at]]}`) : undefined;
    const waiting = new MinHeap();
    const wait = (at: number) => {
      const rank = rankAt(at);
      if (rank !== undefined) waiting.push(rank * POSITIONS + at);
    };
    for (let at = 0; at < parts.length; at++) wait(at);
    for (let first = waiting.pop(); first !== undefined; first = waiting.pop()) {
      const at = first % POSITIONS;
      // What stood here when the pair was noted may have been merged meanwhile.
      if (rankAt(at) !== Math.floor(first / POSITIONS)) continue;
      const right = next[at];
      parts[at] += parts[right];
      parts[right] = '';
      next[at] = next[right];
      if (next[at] < parts.length) previous[next[at]] = at;
      wait(previous[at]);
      wait(at);
    }
    return parts.filter((part) => part !== '').map((part) => {
      const id = this.idOf.get(part);
      if (id === undefined) throw new TokenizerFormatError('model.vocab', `lacks the byte ${JSON.stringify(part)}`);
      return id;
    });
  }

  /** Text of token ids; special tokens are left out, and bytes that are not UTF-8 become U+FFFD. */
  decode(ids: Iterable<number>): string {
    const bytes: number[] = [];
    for (const id of ids) {
      const piece = this.bytesOf[id];
      if (!piece) throw new RangeError(`Token id ${id} is outside the vocabulary of ${this.vocabularySize}.`);
      for (const byte of piece) bytes.push(byte);
    }
    return new TextDecoder().decode(Uint8Array.from(bytes));
  }

  /** The Hugging Face `tokenizer.json` object of this tokenizer. */
  toJson(): object {
    const { tokens, merges, special } = this.definition;
    const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
    return {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: special.map((content) => ({
        id: this.idOf.get(content)!,
        content,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      })),
      normalizer: null,
      pre_tokenizer: byteLevel,
      post_processor: null,
      decoder: byteLevel,
      model: {
        type: 'BPE',
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: false,
        vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
        merges: merges.map(([left, right]) => [left, right]),
      },
    };
  }

  /**
   * Read a parsed `tokenizer.json`. The file is not trusted: anything but a
   * byte-level BPE with dense ids throws a {@link TokenizerFormatError} that names the field.
   * So does what would split a text otherwise than {@link encode}: there is no normalizer,
   * the pre-tokenizer is GPT-2's ByteLevel without a prefix space, and every added token is
   * special. `<|endoftext|>` and `<|pad|>` must be among the tokens.
   */
  static fromJson(json: unknown): BpeTokenizer {
    const root = asRecord(json, 'the file');
    const model = asRecord(root.model, 'model');
    if (model.type !== 'BPE') throw new TokenizerFormatError('model.type', 'is not "BPE"');
    const decoder = asRecord(root.decoder, 'decoder');
    if (decoder.type !== 'ByteLevel') throw new TokenizerFormatError('decoder.type', 'is not "ByteLevel"');
    refuseOtherSplits(root, model);

    const idOf = new Map(Object.entries(asRecord(model.vocab, 'model.vocab')));
    const added: unknown[] = Array.isArray(root.added_tokens) ? root.added_tokens : [];
    if (added.length > MAX_VOCABULARY) throw new TokenizerFormatError('added_tokens', `has ${added.length} tokens; at most ${MAX_VOCABULARY} are read`);
    const special: string[] = [];
    added.forEach((value, i) => {
      const token = asRecord(value, `added_tokens[${i}]`);
      if (typeof token.content !== 'string') throw new TokenizerFormatError(`added_tokens[${i}].content`, 'is not text');
      if (token.special !== true) throw new TokenizerFormatError(`added_tokens[${i}].special`, 'is not true; tokens that are looked for in a text before it is split are not read');
      special.push(token.content);
      if (!idOf.has(token.content)) idOf.set(token.content, token.id);
    });
    const entries = [...idOf];
    if (entries.length > MAX_VOCABULARY)
      throw new TokenizerFormatError('model.vocab', `has ${entries.length} tokens; at most ${MAX_VOCABULARY} are read`);
    const tokens: string[] = new Array(entries.length);
    for (const [token, id] of entries) {
      if (token.length > MAX_TOKEN_LENGTH) throw new TokenizerFormatError('model.vocab', `holds a token of ${token.length} characters`);
      if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id >= entries.length || tokens[id] !== undefined)
        throw new TokenizerFormatError('model.vocab', `gives ${JSON.stringify(token)} the id ${String(id)}; ids must run from 0 without gaps`);
      tokens[id] = token;
    }

    if (!Array.isArray(model.merges)) throw new TokenizerFormatError('model.merges', 'is not a list');
    if (model.merges.length > MAX_VOCABULARY) throw new TokenizerFormatError('model.merges', 'is too long');
    const merges = model.merges.map((merge, rank): [string, string] => {
      const pair: unknown[] = typeof merge === 'string' ? merge.split(' ') : Array.isArray(merge) ? merge : [];
      if (pair.length !== 2 || typeof pair[0] !== 'string' || typeof pair[1] !== 'string')
        throw new TokenizerFormatError(`model.merges[${rank}]`, 'is not a pair of tokens');
      return [pair[0], pair[1]];
    });
    return new BpeTokenizer({ tokens, merges, special });
  }
}

/** Throws {@link TokenizerFormatError} where the file splits a text by steps that are not computed here. */
function refuseOtherSplits(root: Record<string, unknown>, model: Record<string, unknown>): void {
  const demand = (holds: boolean, field: string, reason: string) => {
    if (!holds) throw new TokenizerFormatError(field, reason);
  };
  demand(root.normalizer == null, 'normalizer', 'is not null; a text is read as it stands');
  const preTokenizer = asRecord(root.pre_tokenizer, 'pre_tokenizer');
  demand(preTokenizer.type === 'ByteLevel', 'pre_tokenizer.type', 'is not "ByteLevel"');
  demand(preTokenizer.add_prefix_space === false, 'pre_tokenizer.add_prefix_space', 'is not false');
  // Files from before the field was there mean true.
  demand((preTokenizer.use_regex ?? true) === true, 'pre_tokenizer.use_regex', 'is not true');
  for (const field of NOT_COMPUTED) demand(!model[field], `model.${field}`, 'is set, and is not computed here');
}

function asRecord(value: unknown, field: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TokenizerFormatError(field, 'is not an object');
  return value as Record<string, unknown>;
}
