import type { TokenTrace } from '../../lab/protocol';
import type { MeasureName } from '../controls/measureGlossary';
import { formatChange, formatNumber } from '../charts/number';

/** Log-ratio at which a token's tint is full: the tuned model is twenty times as likely to write it. */
const FULL_TINT = 3;

export function logRatio({ logProb, referenceLogProb }: TokenTrace): number {
  return logProb - referenceLogProb;
}

/** Whose token it is, and how strongly, from 0 to 1. */
export function tintOf(token: TokenTrace): { side: 'tuned' | 'base'; strength: number } {
  const ratio = logRatio(token);
  return { side: ratio >= 0 ? 'tuned' : 'base', strength: Math.min(1, Math.abs(ratio) / FULL_TINT) };
}

/** "3.1 times as likely as under the base model". */
export function ratioReading(token: TokenTrace): string {
  const ratio = logRatio(token);
  const times = Math.exp(Math.abs(ratio));
  if (times < 1.05) return 'as likely as under the base model';
  return `${times > 1000 ? 'over 1000' : times.toFixed(times < 10 ? 1 : 0)} times as ${ratio > 0 ? 'likely' : 'unlikely'} as under the base model`;
}

/** ρ: how many times as likely the iteration's update made the token; null where there was none. */
export function updateRatio({ logProb, updatedLogProb }: TokenTrace): number | null {
  return updatedLogProb === undefined ? null : Math.exp(updatedLogProb - logProb);
}

/** The figures of one token, each with its name and what explains it. */
export function figuresOf(token: TokenTrace): { name: string; of: MeasureName; value: string }[] {
  const ratio = updateRatio(token);
  const figures: ReturnType<typeof figuresOf> = [
    { name: 'log-ratio', of: 'token/kl', value: formatChange(logRatio(token)) },
    { name: 'tuned model', of: 'token/logProb', value: chance(token.logProb) },
    { name: 'base model', of: 'token/reference', value: chance(token.referenceLogProb) },
  ];
  if (ratio !== null) figures.push({ name: 'after the update', of: 'token/ratio', value: `${formatNumber(ratio)} times` });
  if (token.value !== undefined) figures.push({ name: 'value', of: 'token/value', value: formatNumber(token.value) });
  if (token.advantage !== undefined) figures.push({ name: 'advantage', of: 'token/advantage', value: formatChange(token.advantage) });
  if (token.reward !== undefined) figures.push({ name: 'reward', of: 'token/reward', value: formatChange(token.reward) });
  return figures;
}

/** A log-probability as a chance of writing the token: "12 % (log −2.12)". */
function chance(logProb: number): string {
  const percent = 100 * Math.exp(logProb);
  const text = percent >= 10 ? percent.toFixed(0) : percent >= 0.1 ? percent.toFixed(1) : 'under 0.1';
  return `${text} % (log ${formatNumber(logProb)})`;
}
