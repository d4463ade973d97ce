import { describe, expect, it } from 'vitest';
import { LEAN, PPO_PRESETS, REWARD_DEFAULTS } from '../../../src/lab/protocol';
import { describeSettings } from '../../../src/app/settings/difference';
import { faultOf, type FieldGroup, isSound, type PathOf, valueAt, withValue } from '../../../src/app/settings/fields';
import { PPO_FIELDS } from '../../../src/app/settings/ppoFields';
import { REWARD_FIELDS } from '../../../src/app/settings/rewardFields';

/** Places of all plain values, by walking the object. */
function leaves(value: object, prefix = ''): string[] {
  return Object.entries(value).flatMap(([key, inner]) => (inner !== null && typeof inner === 'object' ? leaves(inner, `${prefix}${key}.`) : [prefix + key]));
}
const places = <T>(groups: FieldGroup<T>[]) => groups.flatMap(({ fields }) => fields.map(({ path }) => path as string));

describe('the forms', () => {
  it('show every setting once', () => {
    expect(places(PPO_FIELDS).sort()).toEqual(leaves(LEAN).sort());
    expect(places(REWARD_FIELDS).sort()).toEqual(leaves(REWARD_DEFAULTS).sort());
  });

  it('accept every default and preset', () => {
    for (const { settings } of Object.values(PPO_PRESETS)) expect(isSound(PPO_FIELDS, settings as typeof LEAN)).toBe(true);
    expect(isSound(REWARD_FIELDS, REWARD_DEFAULTS)).toBe(true);
  });

  it('refuse what no run could use, and say what would be right', () => {
    const at = (path: PathOf<typeof LEAN>) => PPO_FIELDS.flatMap(({ fields }) => fields).find((field) => field.path === path)!;
    expect(faultOf(at('epochs'), 1.5)).toMatch(/whole number/);
    expect(faultOf(at('gamma'), 1.2)).toBe('Between 0 and 1.');
    expect(faultOf(at('learningRate'), Number.NaN)).toMatch(/number is needed/);
    expect(faultOf(at('learningRate'), null)).toMatch(/number is needed/);
    expect(faultOf(at('kl.cap'), null)).toBeNull();
    expect(isSound(PPO_FIELDS, withValue(LEAN, 'batchSize', 0))).toBe(false);
    // Fewer texts would leave the scale of rewards to chance.
    expect(isSound(REWARD_FIELDS, withValue(REWARD_DEFAULTS, 'normalisationSamples', 255))).toBe(false);
  });

  it('change one value and leave the rest, and the original, alone', () => {
    const changed = withValue(LEAN, 'kl.target', 9);
    expect(valueAt(changed, 'kl.target')).toBe(9);
    expect({ ...changed, kl: { ...changed.kl, target: LEAN.kl.target } }).toEqual(LEAN);
    expect(LEAN.kl.target).not.toBe(9);
  });
});

describe('a run’s name', () => {
  it('is its preset where nothing differs', () => {
    for (const { title, settings } of Object.values(PPO_PRESETS)) expect(describeSettings(settings as typeof LEAN)).toBe(title);
  });

  it('adds what differs from the nearest preset, and only that', () => {
    const settings = withValue(withValue(LEAN, 'kl.cap', null), 'learningRate', 1e-3);
    expect(describeSettings(settings)).toBe(`${PPO_PRESETS.lean.title}; KL cap never, learning rate 0.001`);
  });
});
