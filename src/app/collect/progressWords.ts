/*
 * Where some items come again unannounced, the number of those to go stands still
 * at each of them. So it is said in tens: from these nobody can tell after which
 * answer it fell. Pure: numbers in, words out.
 */

export const inTens = (open: number): number => 10 * Math.round(open / 10);

/** "about 40 to go". */
export function toGo(open: number): string {
  if (open === 0) return '0 to go';
  return open < 10 ? 'fewer than 10 to go' : `about ${inTens(open)} to go`;
}
