import type { EventOf, Progress } from '../../src/lab/client';
import type { CommandName, Commands, Event, Result } from '../../src/lab/protocol';

/** A lab that is driven from a terminal, in a browser or in this process; the same protocol as `window.nudge`. */
export interface LabHost {
  /** The browser or Node, with its version. */
  readonly name: string;
  send<N extends CommandName>(type: N, args: Commands[N]['args'], onProgress?: (progress: Progress) => void): Promise<Result<N>>;
  on<T extends Event['type']>(type: T, listener: (event: EventOf<T>) => void): void;
  close(): Promise<void>;
}
