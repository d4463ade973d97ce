/** The right to write to one project; given up with `release`, or lost to another tab that takes over. */
export interface WriterLock {
  release(): void;
}

export interface WriterLockOptions {
  /** Take the lock from whoever holds it; that one's `onLost` is called. */
  takeOver?: boolean;
  /** Another tab took over: stop writing. */
  onLost?: () => void;
  locks?: LockManager | undefined;
}

/**
 * Keep two tabs from judging or training the same project at once (Web Locks,
 * which the browser frees when a tab dies). Where the browser has no locks the
 * right is simply granted: the event log bears two writers, only the pace
 * suffers.
 * @param project for instance a dataset's or run's id
 * @returns null where another tab is writing
 */
export function takeWriterLock(
  project: string,
  { takeOver = false, onLost = () => undefined, locks = globalThis.navigator?.locks }: WriterLockOptions = {},
): Promise<WriterLock | null> {
  if (!locks) return Promise.resolve({ release: () => undefined });
  return new Promise((resolve, reject) => {
    let held = false;
    const request = locks.request(`nudge:writer:${project}`, takeOver ? { steal: true } : { ifAvailable: true }, (lock) => {
      if (!lock) {
        resolve(null);
        return;
      }
      held = true;
      return new Promise<void>((end) =>
        resolve({
          release: () => {
            held = false;
            end();
          },
        }),
      );
    });
    request.catch((error: unknown) => {
      // A stolen lock ends the request of the one who held it with an AbortError.
      if (held) onLost();
      else reject(error);
    });
  });
}
