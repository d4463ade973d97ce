import type { Stop } from '../rl/stop';
import type { Database } from '../store/database';
import { saveCheckpoint, saveIteration } from '../store/runs';
import type { RunRecord } from '../store/schema';
import type { Device } from './device';
import { settingsOf, type Event, type PpoMetrics } from './protocol';
import type { RunSession } from './runSession';
import { letOthersIn, type Work } from './work';

interface Training {
  database: Database;
  device: Device;
  emit: (event: Event) => void;
  run: RunRecord;
  /** Iterations after which to rest. */
  most: number;
  /** Seconds to rest before each phase. */
  slow: number;
  /** Aborted when the run should rest after its current iteration. */
  asked: AbortSignal;
  work: Work;
}

/**
 * Train until the run is finished, its guards stop it, `most` iterations are
 * done, or it is asked to rest. Each iteration is kept as it ends; where this
 * returns, a checkpoint of that very iteration is kept too. Throws `DeviceLost`
 * where the session's device is gone.
 */
export async function trainSession(session: RunSession, { database, device, emit, run, most, slow, asked, work }: Training): Promise<{ stop: Stop | null }> {
  const { checkpointEvery } = settingsOf(run);
  const begin = session.iteration;
  const goal = Math.min(run.iterations, begin + most);
  const turn = <T>(use: () => Promise<T>) => device.take(use, { generation: session.generation });
  let checkpointed = begin;
  let stop: Stop | null = null;
  session.onPhase = (phase) => {
    emit({ type: 'phase', runId: run.id, iteration: session.iteration + 1, phase });
    return rest(slow, asked);
  };

  while (session.iteration < goal && !stop && !asked.aborted) {
    work.progress('Training', session.iteration - begin, goal - begin);
    const result = await turn(() => session.iterate());
    stop = result.stop;
    const { iteration } = session;
    const due = stop !== null || iteration === goal || iteration % checkpointEvery === 0;
    const checkpoint = due ? await turn(() => session.checkpoint(stop === null)) : undefined;
    const metrics = finiteOnly(result.metrics);
    const saved = await saveIteration(database, run.id, {
      run: { iteration },
      metrics: { runId: run.id, iteration, at: Date.now(), metrics },
      samples: { runId: run.id, iteration, samples: result.samples },
      checkpoint,
      // The rollout measured the policy that the iteration before left; the start is the base model itself, and always good.
      ...(stop?.at === 'rollout' && iteration > 1 && { discredited: iteration - 1 }),
    });
    if (checkpoint) checkpointed = iteration;
    emit({ type: 'iteration', runId: run.id, iteration, metrics, samples: result.samples });
    emit({ type: 'run', run: saved });
    await letOthersIn();
  }

  if (checkpointed !== session.iteration) await saveCheckpoint(database, await turn(() => session.checkpoint(true)));
  return { stop };
}

/** A metric that is not a number is absent. */
function finiteOnly(metrics: PpoMetrics): Record<string, number> {
  return Object.fromEntries(Object.entries(metrics).filter(([, value]) => Number.isFinite(value)));
}

/** Wait some seconds, or until asked to go on. */
function rest(seconds: number, asked: AbortSignal): void | Promise<void> {
  if (seconds <= 0 || asked.aborted) return;
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      asked.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, seconds * 1000);
    asked.addEventListener('abort', end);
  });
}
