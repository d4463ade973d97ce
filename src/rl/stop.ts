import type { PpoSettings } from './settings';

/** Why a run must not go on by itself, in a sentence for the person. */
export interface Stop {
  reason: 'kl-cap' | 'not-finite';
  message: string;
  /** What gave rise to it: the rollout, which judges the policy that the iteration before left, or this iteration's own update. */
  at: 'rollout' | 'update';
}

/**
 * Whether a rollout forbids an update: something is not a finite number, or the
 * mean KL of a response (nats) has passed its cap.
 */
export function rolloutStop(kl: number, numbers: readonly Float32Array[], settings: PpoSettings['kl']): Stop | null {
  if (!Number.isFinite(kl) || numbers.some((values) => !values.every(Number.isFinite)))
    return { at: 'rollout', reason: 'not-finite', message: 'A score or a probability of this rollout is not a finite number, so the policy was not updated. Go back to the last good checkpoint to keep what it learned, and make a new run with a lower learning rate.' };
  if (settings.cap !== null && kl > settings.cap)
    return {
      at: 'rollout',
      reason: 'kl-cap',
      message: `The policy has moved ${kl.toFixed(1)} nats a response away from the base model, past the cap of ${settings.cap}, and was not updated further. Go back to the last good checkpoint to keep what it learned, and make a new run with a higher β or a lower learning rate.`,
    };
  return null;
}

/** Whether an update met something that is not finite; those steps were left out. */
export function updateStop(finite: boolean): Stop | null {
  if (finite) return null;
  return {
    at: 'update',
    reason: 'not-finite',
    message: 'A loss or a gradient of this update was not a finite number; that step was left out and the policy is sound. Go back to the last good checkpoint to keep what it learned, and make a new run with a lower learning rate.',
  };
}
