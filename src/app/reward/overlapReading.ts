import type { Overlap } from '../../text/overlap';
import { formatNumber } from '../charts/number';

/** A text as the panel has it; without a reward where no reward model scored it. */
export interface ReadText {
  text: string;
  overlap: Overlap;
  reward?: number;
}

const quoted = (text: string) => `“${text.length > 60 ? `${text.slice(0, 59)}…` : text}”`;

/** Which text the counts put first, and whether the reward model agrees; nothing where there is nothing to compare. */
export function overlapReading(rows: readonly ReadText[]): string[] {
  if (rows.length < 2) return [];
  const first = rows.reduce((best, row) => (row.overlap.bleu > best.overlap.bleu ? row : best));
  if (rows.every(({ overlap }) => overlap.bleu === first.overlap.bleu)) return ['BLEU finds all of these texts equally close.'];
  const sentences = [`BLEU puts ${quoted(first.text)} first, with ${formatNumber(first.overlap.bleu)}: it shares the most runs of words. Whether it makes sense, no count can say.`];
  if (rows.every(({ reward }) => reward !== undefined)) {
    const liked = rows.reduce((best, row) => (row.reward! > best.reward! ? row : best));
    sentences.push(liked === first ? 'The reward model puts the same text first.' : `The reward model puts ${quoted(liked.text)} first: it goes by what it has learned, not by shared words.`);
  }
  return sentences;
}
