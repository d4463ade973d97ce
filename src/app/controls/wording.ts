/*
 * Numbers as people read them. One place, so that the same quantity looks the
 * same in every room.
 */

const INTEGER = new Intl.NumberFormat('en');

/** "1 pair", "1,204 pairs". */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${INTEGER.format(n)} ${n === 1 ? one : many}`;
}

/** Of judgements, those that a simulated labeler made: "all simulated", "12 simulated"; null where there are none. */
export function simulatedOf(simulated: number, all: number): string | null {
  if (simulated === 0) return null;
  return simulated === all ? 'all simulated' : `${INTEGER.format(simulated)} simulated`;
}

/** 0.743 → "74 %". */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** Value and half-width of an interval, both shares: "74 % ± 6". */
export function percentWithin(interval: { value: number; low: number; high: number }): string {
  return `${percent(interval.value)} ± ${Math.round(((interval.high - interval.low) / 2) * 100)}`;
}

/** Bytes, decimal units as the operating systems show them: "4.3 MB". */
export function bytes(n: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  // 999.5 would be written as 1000.
  while (n >= 999.5 && unit < units.length - 1) {
    n /= 1000;
    unit++;
  }
  return `${unit === 0 || n >= 100 ? Math.round(n) : n.toFixed(1)} ${units[unit]}`;
}

/** Seconds, coarse on purpose, since an estimate is: "20 s", "4 min", "1 h 10 min". */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return `${Math.floor(minutes / 60)} h${rest ? ` ${rest} min` : ''}`;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
// Each is less than twice the one before: as fine as an estimate can be.
const ROUND_TIMES = [
  ...[1, 2, 3, 5, 10, 15, 20, 30, 45],
  ...[1, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 25, 30, 40, 50].map((n) => n * MINUTE),
  ...[1, 1.5, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20].map((n) => n * HOUR),
  ...[1, 1.5, 2, 3, 4, 5, 7, 10, 14, 20, 30].map((n) => n * DAY),
];

/** Seconds of an estimate, rounded to what one would say: 200 → "3 minutes", 5000 → "1½ hours". */
export function roughDuration(seconds: number): string {
  const nearest = ROUND_TIMES.reduce((best, time) => (Math.abs(Math.log(time / seconds)) < Math.abs(Math.log(best / seconds)) ? time : best));
  if (seconds > 1.5 * nearest) return 'more than a month';
  const [unit, size] = nearest < MINUTE ? ['second', 1] : nearest < HOUR ? ['minute', MINUTE] : nearest < DAY ? ['hour', HOUR] : ['day', DAY];
  const n = nearest / (size as number);
  return `${n === 1.5 ? '1½' : n} ${unit}${n === 1 ? '' : 's'}`;
}

/** Parameters of a model: 216512 → "0.22 million". */
export function millions(n: number): string {
  return `${(n / 1e6).toFixed(n < 1e6 ? 2 : 1)} million`;
}

// Made once: it takes longer than everything else about a row of a list.
const MOMENT = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
// By ECMA-262, "Time Values and Time Range".
const LAST_MOMENT = 8.64e15;

/** Milliseconds since 1970 as a day and a time, in the reader's own habit. */
export function moment(at: number): string {
  // A file may say anything; beyond what a date can be the formatter throws.
  return Math.abs(at) <= LAST_MOMENT ? MOMENT.format(at) : 'at an unknown time';
}
