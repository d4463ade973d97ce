import type { PpoSettings } from './settings';

/**
 * Scores as they enter the reward: clipped at ± `scoreClip`, and a response
 * that did not end pays what the settings say. `clipped` is the share that the
 * clip changed.
 */
export function settleScores(
  raw: ArrayLike<number>,
  ended: readonly boolean[],
  { scoreClip, missingEnd }: Pick<PpoSettings, 'scoreClip' | 'missingEnd'>,
): { scores: Float32Array; clipped: number } {
  const scores = new Float32Array(raw.length);
  let clipped = 0;
  for (let i = 0; i < raw.length; i++) {
    if (Math.abs(raw[i]) > scoreClip) clipped++;
    const score = Math.min(scoreClip, Math.max(-scoreClip, raw[i]));
    scores[i] = ended[i] || missingEnd.rule === 'off' ? score : missingEnd.rule === 'replace' ? missingEnd.penalty : score - Math.abs(missingEnd.penalty);
  }
  return { scores, clipped: raw.length === 0 ? 0 : clipped / raw.length };
}
