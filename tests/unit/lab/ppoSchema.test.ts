import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { PpoSettingsSchema } from '../../../src/lab/ppoSchema';
import { LEAN, PPO_PRESETS, settingsOf } from '../../../src/lab/protocol';

describe('settings from outside', () => {
  it('are taken as they are, each preset too', () => {
    for (const { settings } of Object.values(PPO_PRESETS)) expect(v.parse(PpoSettingsSchema, settings)).toEqual(settings);
  });

  it('from before there was a choice of algorithm are PPO’s, with the KL in the reward', () => {
    const { algorithm, groupSize, baselineDecay, ...older } = LEAN;
    const { place, estimator, ...kl } = older.kl;
    expect([algorithm, place, estimator]).toEqual(['ppo', 'reward', 'k2']);
    expect(groupSize * baselineDecay).toBeGreaterThan(0);
    const before = { ...older, kl: { ...kl, target: 9 } };
    expect(v.parse(PpoSettingsSchema, before)).toEqual({ ...LEAN, kl: { ...LEAN.kl, target: 9 } });
    expect(settingsOf({ settings: before })).toEqual({ ...LEAN, kl: { ...LEAN.kl, target: 9 } });
  });

  it('need whole groups, where the algorithm has any', () => {
    const uneven = { ...LEAN, batchSize: 30, groupSize: 4 };
    expect(v.safeParse(PpoSettingsSchema, uneven).success).toBe(true);
    for (const algorithm of ['rloo', 'grpo'] as const) {
      const refused = v.safeParse(PpoSettingsSchema, { ...uneven, algorithm });
      expect(refused.success).toBe(false);
      expect(v.getDotPath(refused.issues![0])).toBe('batchSize');
      expect(refused.issues![0].message).toMatch(/multiple of the group size/);
      expect(v.safeParse(PpoSettingsSchema, { ...uneven, batchSize: 32, algorithm }).success).toBe(true);
      // A group of one has nobody to be compared with.
      expect(v.safeParse(PpoSettingsSchema, { ...uneven, groupSize: 1, algorithm }).success).toBe(false);
    }
    expect(v.safeParse(PpoSettingsSchema, { ...LEAN, algorithm: 'dpo' }).success).toBe(false);
  });
});
