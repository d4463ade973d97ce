import type { CheckpointRow } from './schema';

// A run resumes from the newest; the one before it stands in should that one prove unreadable.
const NEWEST = 2;
// Collapse is often noticed some checkpoints after it began, so one way back is not enough.
const NEWEST_GOOD = 3;

/**
 * Checkpoints that a run no longer needs. Kept are the newest two, the newest
 * three good ones and the first good one, from which everything can be done
 * again: at most six, so a long run's share of the disk is bounded.
 * @param rows one run's checkpoints, oldest first
 */
export function prunable<Row extends Pick<CheckpointRow, 'id' | 'good'>>(rows: readonly Row[]): Row[] {
  const good = rows.filter((row) => row.good);
  const kept = new Set([...rows.slice(-NEWEST), ...good.slice(-NEWEST_GOOD), ...good.slice(0, 1)]);
  return rows.filter((row) => !kept.has(row));
}
