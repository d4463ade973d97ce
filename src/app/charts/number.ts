/**
 * A number for reading: three significant figures, no more than three
 * decimals, a true minus sign; tiny values in powers of ten.
 */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size < 0.001) return minus(value.toExponential(1));
  const decimals = size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 3;
  return minus(value.toFixed(decimals));
}

/** A round number as it was chosen, for axes and targets: no trailing zeros. */
export function formatPlain(value: number): string {
  const round = Number(value.toPrecision(3));
  return minus(round !== 0 && Math.abs(round) < 0.001 ? round.toExponential() : String(round));
}

/** A measured number, with its sign always shown: for differences. */
export function formatChange(value: number): string {
  const text = formatNumber(value);
  return value > 0 && text !== '–' ? `+${text}` : text;
}

/** A distance between two models, `4.1 nats`: one decimal from 1 on. */
export function formatNats(value: number): string {
  const text = Number.isFinite(value) ? minus(value.toFixed(Math.abs(value) < 0.995 ? 2 : 1)) : '–';
  return `${text} ${text === '1.0' ? 'nat' : 'nats'}`;
}

function minus(text: string): string {
  return text.replaceAll('-', '−');
}
