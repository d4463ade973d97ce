/** Lets one piece of work at a time use the device, in the order of asking. */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  /** Wait for a turn, then do the work alone. An aborted wait rejects without doing it. */
  take<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const turn = this.last.then(() => {
      signal?.throwIfAborted();
      return work();
    });
    this.last = turn.catch(() => undefined);
    return turn;
  }
}
