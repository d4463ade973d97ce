/** What a finished transaction changed; ids only, the reader fetches what it shows. */
export type Change =
  | { of: 'models' }
  | { of: 'datasets' }
  | { of: 'comparisons'; datasetId: string }
  | { of: 'events'; datasetId: string }
  | { of: 'runs'; runId: string }
  | { of: 'settings'; key: string };

const KINDS: ReadonlySet<unknown> = new Set<Change['of']>(['models', 'datasets', 'comparisons', 'events', 'runs', 'settings']);

/**
 * Tells every page, worker and tab that shares a database what has changed,
 * after it is saved. Where there is no BroadcastChannel only this one hears.
 */
export class Changes {
  private readonly listeners = new Set<(change: Change) => void>();
  private readonly channel: BroadcastChannel | null;

  constructor(databaseName: string) {
    this.channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(`${databaseName}:changes`);
    if (!this.channel) return;
    this.channel.onmessage = ({ data }: MessageEvent) => {
      // Another tab may run another version of the lab and speak of things unknown here.
      if (KINDS.has(data?.of)) this.tell(data);
    };
    // Node keeps a process alive for an open channel unless told not to.
    (this.channel as { unref?: () => void }).unref?.();
  }

  announce(change: Change): void {
    this.tell(change);
    this.channel?.postMessage(change);
  }

  /** Hear of every change, from here and elsewhere; returns what stops it. */
  listen(listener: (change: Change) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): void {
    this.listeners.clear();
    this.channel?.close();
  }

  private tell(change: Change): void {
    for (const listener of this.listeners) listener(change);
  }
}
