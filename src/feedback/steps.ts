/*
 * Long work that pauses after every few values, so that whoever runs it may do
 * something else in between.
 */

// Each value takes a few thousandths of a millisecond, or a few tenths where texts are read.
const FEW = 64;

/** Do something with each value. */
export function* eachOf<T>(values: Iterable<T>, act: (value: T) => void): Generator<void, void> {
  let done = 0;
  for (const value of values) {
    act(value);
    if (++done % FEW === 0) yield;
  }
}

/** What becomes of each value. */
export function* mapOf<T, Result>(values: Iterable<T>, to: (value: T) => Result): Generator<void, Result[]> {
  const results: Result[] = [];
  yield* eachOf(values, (value) => results.push(to(value)));
  return results;
}

/** The values in order, equals as they came: stretches are sorted at once, then merged two by two. */
export function* sortOf<T>(values: Iterable<T>, order: (a: T, b: T) => number): Generator<void, T[]> {
  let runs: T[][] = [];
  yield* eachOf(values, (value) => {
    const last = runs.at(-1);
    if (last && last.length < FEW) last.push(value);
    else runs.push([value]);
  });
  for (const run of runs) {
    run.sort(order);
    if (runs.length > 1) yield;
  }
  while (runs.length > 1) {
    const merged: T[][] = [];
    for (let i = 0; i < runs.length; i += 2) merged.push(i + 1 < runs.length ? yield* merge(runs[i], runs[i + 1], order) : runs[i]);
    runs = merged;
  }
  return runs[0] ?? [];
}

function* merge<T>(one: readonly T[], other: readonly T[], order: (a: T, b: T) => number): Generator<void, T[]> {
  const merged: T[] = [];
  for (let i = 0, j = 0; i < one.length || j < other.length; ) {
    merged.push(j >= other.length || (i < one.length && order(one[i], other[j]) <= 0) ? one[i++] : other[j++]);
    if (merged.length % FEW === 0) yield;
  }
  return merged;
}

/** Run it without a pause. */
export function finished<T>(work: Generator<void, T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}
