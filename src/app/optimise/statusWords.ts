import type { RunRecord } from '../../store/schema';

/** A run's status as a person says it. */
export const STATUS_WORDS: Record<RunRecord['status'], string> = {
  ready: 'not started',
  running: 'running',
  paused: 'paused',
  finished: 'finished',
  stopped: 'ended',
  failed: 'stopped itself',
};
