/**
 * A number for reading: three significant figures, no more than three
 * decimals, a true minus sign; tiny values in powers of ten.
 */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size > 0 && size < 0.001) return minus(value.toExponential(1));
  const decimals = size >= 1000 ? 0 : size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 || size === 0 ? 2 : 3;
  return minus(Number(value.toFixed(decimals)) === 0 ? (0).toFixed(decimals) : value.toFixed(decimals));
}

/** The same, with its sign always shown: for differences. */
export function formatChange(value: number): string {
  const text = formatNumber(value);
  return value > 0 && text !== '–' ? `+${text}` : text;
}

/** A distance between two models, `4.1 nats`: one decimal from 1 on. */
export function formatNats(value: number): string {
  const text = Number.isFinite(value) ? minus(value.toFixed(Math.abs(value) < 0.995 ? 2 : 1)) : '–';
  return `${text} ${text === '1.0' ? 'nat' : 'nats'}`;
}

/** A share as a whole percentage, `74 %`. */
export function formatPercent(share: number): string {
  return Number.isFinite(share) ? `${Math.round(share * 100)} %` : '–';
}

/** Seconds for reading: `40 s`, `3 min`, `1 h 20 min`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function minus(text: string): string {
  return text.replace('-', '−');
}
