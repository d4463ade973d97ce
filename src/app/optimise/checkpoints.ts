import type { CheckpointRow } from '../../store/schema';

export type Checkpoint = Pick<CheckpointRow, 'iteration' | 'good' | 'created'>;

/** Where one click back leads: the last good checkpoint before `iteration`. Null where there is none. */
export function goodCheckpointBefore(checkpoints: readonly Checkpoint[], iteration: number): Checkpoint | null {
  return checkpoints.findLast((checkpoint) => checkpoint.good && checkpoint.iteration < iteration) ?? null;
}
