import type { KlSettings } from './settings';

/** What the controller remembers between iterations; part of every checkpoint. */
export interface KlState {
  /** β, in reward units a nat. */
  coefficient: number;
  /** Whether any iteration's KL has come up to the target. */
  targetReached: boolean;
}

/** Largest relative error that one update acts on (Ziegler et al. 2019, eq. 3). */
const MAX_ERROR = 0.2;

export function startKlControl(settings: KlSettings): KlState {
  return { coefficient: settings.coefficient, targetReached: false };
}

/**
 * β after an iteration of `episodes` responses whose mean KL, at the rollout,
 * was `kl` nats a response: β·(1 + e·episodes/horizon) with e = clip(kl/target
 * − 1, ±0.2) (Ziegler et al. 2019, §2.2). One step acts for one horizon at most:
 * a batch of five horizons would otherwise take β to 0, a larger one below it.
 * With `holdUntilTarget`, β does not fall before the KL first reaches its target.
 * Fixed control changes nothing.
 */
export function steerKl(state: KlState, settings: KlSettings, kl: number, episodes: number): KlState {
  const targetReached = state.targetReached || kl >= settings.target;
  if (settings.control === 'fixed') return { ...state, targetReached };
  const error = Math.min(MAX_ERROR, Math.max(-MAX_ERROR, kl / settings.target - 1));
  if (error < 0 && settings.holdUntilTarget && !targetReached) return state;
  return { coefficient: state.coefficient * (1 + (error * Math.min(episodes, settings.horizon)) / settings.horizon), targetReached };
}
