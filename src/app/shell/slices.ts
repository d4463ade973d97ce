// Less than a frame: what else the page has to do does not wait for two. By the wall clock, of which a busy machine gives a page only some.
const SLICE_MS = 12;

/**
 * Run long work in short slices, with everything else that the page has to do
 * between them.
 * @param wanted asked after each pause
 * @returns null where it was no longer wanted
 */
export async function inSlices<T>(work: Generator<void, T>, wanted: () => boolean): Promise<T | null> {
  for (let end = performance.now() + SLICE_MS; ; ) {
    const step = work.next();
    if (step.done) return step.value;
    if (performance.now() < end) continue;
    await nextTask();
    if (!wanted()) return null;
    end = performance.now() + SLICE_MS;
  }
}

let last = Promise.resolve();

/** Resolves in a task of one's own, after all who asked before. */
export function turn(): Promise<void> {
  return (last = last.then(nextTask));
}

/** A timer would be held back by some milliseconds, a promise would let nothing in between. */
function nextTask(): Promise<void> {
  return new Promise((begin) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      begin();
    };
    port2.postMessage(null);
  });
}
