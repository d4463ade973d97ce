import { describe, expect, it } from 'vitest';
import { cutResponse } from '../../../src/rl/cut';
import { startKlControl, steerKl } from '../../../src/rl/klController';
import { scheduledLearningRate } from '../../../src/rl/schedule';
import { LEAN, PPO_PRESETS } from '../../../src/rl/settings';
import { rolloutStop } from '../../../src/rl/stop';

describe('the KL controller', () => {
  const settings = { ...LEAN.kl, control: 'adaptive' as const, coefficient: 0.2, target: 6, horizon: 100, holdUntilTarget: false };
  const next = (kl: number, changes = {}) => steerKl({ coefficient: 0.2, targetReached: false }, { ...settings, ...changes }, kl, 10).coefficient;

  it('moves β by the relative error, at most a fifth of it, for each share of the horizon', () => {
    expect(next(6.6)).toBeCloseTo(0.2 * (1 + 0.1 * 0.1), 12);
    expect(next(5.4)).toBeCloseTo(0.2 * (1 - 0.1 * 0.1), 12);
    expect(next(60)).toBeCloseTo(0.2 * (1 + 0.2 * 0.1), 12);
    expect(next(0)).toBeCloseTo(0.2 * (1 - 0.2 * 0.1), 12);
    expect(next(-3)).toBeCloseTo(0.2 * (1 - 0.2 * 0.1), 12);
    expect(next(6)).toBe(0.2);
  });

  it('keeps β above 0 however short the horizon', () => {
    for (const horizon of [10, 2, 1]) {
      expect(next(0, { horizon })).toBeCloseTo(0.2 * 0.8, 12);
      expect(next(60, { horizon })).toBeCloseTo(0.2 * 1.2, 12);
    }
  });

  it('holds β until the KL has first reached its target, and never again after', () => {
    const holding = { ...settings, holdUntilTarget: true };
    let state = startKlControl(holding);
    state = steerKl(state, holding, 1, 10);
    expect(state).toEqual({ coefficient: 0.2, targetReached: false });
    state = steerKl(state, holding, 7, 10);
    expect(state.coefficient).toBeGreaterThan(0.2);
    const before = state.coefficient;
    state = steerKl(state, holding, 1, 10);
    expect(state.coefficient).toBeCloseTo(before * 0.98, 12);
  });

  it('leaves a fixed β alone', () => {
    expect(next(60, { control: 'fixed' })).toBe(0.2);
    const { kl } = PPO_PRESETS.unleashed.settings;
    expect(steerKl(startKlControl(kl), kl, 100, 32).coefficient).toBe(0);
  });
});

describe('the schedule', () => {
  it('falls linearly and never below 0', () => {
    const at = (iteration: number) => scheduledLearningRate({ learningRate: 2, learningRateSchedule: 'linear', iterations: 4 }, iteration);
    expect([0, 1, 2, 3, 4, 9].map(at)).toEqual([2, 1.5, 1, 0.5, 0, 0]);
    expect(scheduledLearningRate({ learningRate: 2, learningRateSchedule: 'constant', iterations: 4 }, 9)).toBe(2);
  });
});

describe('the cut', () => {
  const EOS = 1;
  const STOP = 7;
  const afterStop = (response: readonly number[], count: number) => response[count - 1] === STOP;
  const cut = (response: number[], at: 'eos' | 'sentence', afterTokens = 3) => cutResponse(response, EOS, { at, afterTokens }, afterStop);

  it('ends at the end-of-sequence, which is no part of it', () => {
    expect(cut([5, STOP, 6, EOS], 'eos')).toEqual({ tokens: [5, STOP, 6], ended: true });
    expect(cut([5, STOP, 6], 'eos')).toEqual({ tokens: [5, STOP, 6], ended: false });
    expect(cut([EOS], 'sentence')).toEqual({ tokens: [], ended: true });
  });

  it('ends at the first sentence end that leaves enough tokens', () => {
    expect(cut([5, STOP, 6, 6, STOP, 6, STOP], 'sentence')).toEqual({ tokens: [5, STOP, 6, 6, STOP], ended: true });
    expect(cut([5, 6, STOP, 6], 'sentence')).toEqual({ tokens: [5, 6, STOP], ended: true });
    expect(cut([5, STOP, 6, 6], 'sentence')).toEqual({ tokens: [5, STOP, 6, 6], ended: false });
    expect(cut([5, STOP, EOS, 6, STOP], 'sentence')).toEqual({ tokens: [5, STOP], ended: true });
  });
});

describe('the guards', () => {
  const fine = new Float32Array([1, 2]);

  it('stop at the cap, if there is one', () => {
    const kl = { ...LEAN.kl, cap: 20 };
    expect(rolloutStop(19.9, [fine], kl)).toBeNull();
    expect(rolloutStop(20.1, [fine], kl)).toMatchObject({ reason: 'kl-cap', message: expect.stringContaining('20.1 nats') });
    expect(rolloutStop(1e9, [fine], { ...kl, cap: null })).toBeNull();
  });

  it('stop at anything that is not a finite number, cap or no cap', () => {
    for (const cap of [20, null]) {
      expect(rolloutStop(1, [fine, new Float32Array([1, NaN])], { ...LEAN.kl, cap })).toMatchObject({ reason: 'not-finite' });
      expect(rolloutStop(Infinity, [fine], { ...LEAN.kl, cap })).toMatchObject({ reason: 'not-finite' });
    }
  });
});
