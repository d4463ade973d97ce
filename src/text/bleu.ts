import { matches, ngramCounts } from './ngrams';

/*
 * BLEU (Papineni et al. 2002) as sacrebleu computes it by default (Post 2018,
 * mjpost/sacrebleu): tokens of mteval-v13a, case kept, n-grams up to four, the
 * closest reference length, exponential smoothing. The same text gives the same
 * number as its signature `case:mixed|tok:13a|smooth:exp`.
 */

/** A text and what it is measured against. */
export interface Translation {
  hypothesis: string;
  /** At least one. */
  references: readonly string[];
}

export interface Bleu {
  /** 0–100. */
  score: number;
  /** Share of n-grams that stand in a reference, in per cent, smoothed; for n = 1 to 4. */
  precisions: number[];
  /** min(1, exp(1 − referenceLength/length)). */
  brevityPenalty: number;
  /** Tokens of all hypotheses. */
  length: number;
  /** Tokens of all references, of each text the one that is closest in length. */
  referenceLength: number;
}

/** BLEU that cannot be computed; the message says what is missing. */
export class BleuError extends Error {
  override readonly name = 'BleuError';
}

const ORDERS = [1, 2, 3, 4];

/** What Python's `str.split` calls white space, which is what sacrebleu splits at. */
const SPACE = /[^\S\ufeff]|[\x1c-\x1f\x85]/;

/**
 * BLEU of a whole corpus: counts are summed over all texts before they are
 * divided. 0 where nothing is long enough to have a four-gram: use
 * {@link sentenceBleu} for single short texts. Throws {@link BleuError}.
 */
export function corpusBleu(translations: readonly Translation[]): Bleu {
  if (translations.length === 0) throw new BleuError('BLEU needs at least one text. Give some.');
  const sums = translations.map(countsOf).reduce(added);
  return bleuOf(sums, ORDERS.length);
}

/**
 * BLEU of one text, over no more orders than it has n-grams for (sacrebleu's
 * `effective_order`): a perfect text of two words scores 100. Throws {@link BleuError}.
 */
export function sentenceBleu(hypothesis: string, references: readonly string[]): Bleu {
  const counts = countsOf({ hypothesis, references });
  return bleuOf(counts, counts.totals.filter((total) => total > 0).length);
}

interface Counts {
  /** For n = 1 to 4: n-grams of the hypothesis, and those of them that stand in a reference. */
  totals: number[];
  matched: number[];
  length: number;
  referenceLength: number;
}

function countsOf({ hypothesis, references }: Translation): Counts {
  if (references.length === 0) throw new BleuError(`“${hypothesis.slice(0, 60)}” has no reference to be measured against. Give it one, or leave it out.`);
  const tokens = tokenize13a(hypothesis);
  const others = references.map(tokenize13a);
  const closest = others.map(({ length }) => length).reduce((best, length) => {
    const [nearer, than] = [Math.abs(length - tokens.length), Math.abs(best - tokens.length)];
    return nearer < than || (nearer === than && length < best) ? length : best;
  });
  return {
    totals: ORDERS.map((n) => Math.max(0, tokens.length - n + 1)),
    matched: ORDERS.map((n) => matches(ngramCounts(tokens, n), mostOf(others, n))),
    length: tokens.length,
    referenceLength: closest,
  };
}

/** Of each n-gram, as many as the text that has most of them. */
function mostOf(texts: readonly (readonly string[])[], n: number): Map<string, number> {
  const most = new Map<string, number>();
  for (const text of texts) for (const [ngram, count] of ngramCounts(text, n)) most.set(ngram, Math.max(count, most.get(ngram) ?? 0));
  return most;
}

function added(a: Counts, b: Counts): Counts {
  return {
    totals: a.totals.map((total, i) => total + b.totals[i]),
    matched: a.matched.map((count, i) => count + b.matched[i]),
    length: a.length + b.length,
    referenceLength: a.referenceLength + b.referenceLength,
  };
}

/**
 * Brevity penalty × geometric mean of the first `order` precisions. The k-th
 * order without a match counts as 1/2ᵏ of a match (Chen and Cherry 2014, method
 * 3); where no single token matches, the score is 0.
 */
function bleuOf({ totals, matched, length, referenceLength }: Counts, order: number): Bleu {
  const brevityPenalty = length >= referenceLength ? 1 : length === 0 ? 0 : Math.exp(1 - referenceLength / length);
  const parts = { brevityPenalty, length, referenceLength };
  if (matched.every((count) => count === 0)) return { score: 0, precisions: ORDERS.map(() => 0), ...parts };
  let smoothed = 1;
  const precisions = totals.map((total, i) => {
    if (total === 0) return 0;
    if (matched[i] === 0) smoothed /= 2;
    return (100 * (matched[i] || smoothed)) / total;
  });
  const meanLog = precisions.slice(0, order).reduce((sum, precision) => sum + Math.log(precision), 0) / order;
  return { score: brevityPenalty * Math.exp(meanLog), precisions, ...parts };
}

/**
 * Tokens as the script mteval-v13a of NIST makes them: four entities of HTML
 * undone, a word that a hyphen breaks over two lines joined, marks split off,
 * full stops and commas except between digits, and a dash after a digit.
 */
export function tokenize13a(text: string): string[] {
  let end = text.length;
  while (end > 0 && SPACE.test(text[end - 1])) end--;
  const line = text
    .slice(0, end)
    .replaceAll('<skipped>', '')
    .replaceAll('-\n', '')
    .replaceAll('\n', ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>');
  return ` ${line} `
    .replace(/[ -&(-+/:-@[-`{-~]/g, ' $& ')
    .replace(/([^0-9])([.,])/gu, '$1 $2 ')
    .replace(/([.,])([^0-9])/gu, ' $1 $2')
    .replace(/([0-9])(-)/g, '$1 $2 ')
    .split(SPACE)
    .filter((token) => token !== '');
}
