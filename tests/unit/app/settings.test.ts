import { describe, expect, it } from 'vitest';
import { LEAN, PPO_PRESETS, presetFor, REWARD_DEFAULTS, rewardLearningRate, settingsOf } from '../../../src/lab/protocol';
import { describeSettings, runName, runTitle } from '../../../src/app/settings/difference';
import { faultAt, faultOf, type FieldGroup, fieldsShown, isSound, type PathOf, valueAt, withValue } from '../../../src/app/settings/fields';
import { PPO_FIELDS } from '../../../src/app/settings/ppoFields';
import { REWARD_FIELDS, withSuitedRate } from '../../../src/app/settings/rewardFields';

/** Places of all plain values, by walking the object. */
function leaves(value: object, prefix = ''): string[] {
  return Object.entries(value).flatMap(([key, inner]) => (inner !== null && typeof inner === 'object' && !Array.isArray(inner) ? leaves(inner, `${prefix}${key}.`) : [prefix + key]));
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

  it('ask of an adapter only where there is one, and then of all of it', () => {
    const shown = (settings: typeof LEAN) => fieldsShown(PPO_FIELDS, settings).map(({ path }) => path as string).filter((path) => path.startsWith('tune.'));
    const tuned = (what: string) => withValue(LEAN, 'tune.what', what);
    expect(shown(LEAN)).toEqual(['tune.what']);
    expect(shown(tuned('head'))).toEqual(['tune.what']);
    expect(shown(tuned('last'))).toEqual(['tune.what', 'tune.layers']);
    expect(shown(tuned('lora'))).toEqual(['tune.what', 'tune.rank', 'tune.alpha', 'tune.targets']);
    // What is not asked cannot be wrong.
    expect(isSound(PPO_FIELDS, withValue(LEAN, 'tune.targets', []))).toBe(true);
    expect(isSound(PPO_FIELDS, withValue(tuned('lora'), 'tune.targets', []))).toBe(false);
    expect(isSound(PPO_FIELDS, withValue(tuned('lora'), 'tune.targets', ['q_proj']))).toBe(true);
    expect(isSound(PPO_FIELDS, withValue(tuned('lora'), 'tune.rank', 0.5))).toBe(false);
  });

  it('of reward models let a learning rate that nobody chose follow what is trained', () => {
    const choose = (settings: typeof REWARD_DEFAULTS, what: string) => withSuitedRate(settings, withValue(settings, 'tune.what', what));
    const lora = choose(REWARD_DEFAULTS, 'lora');
    expect(lora.learningRate).toBe(rewardLearningRate(lora.tune));
    expect(lora.learningRate).toBeGreaterThan(REWARD_DEFAULTS.learningRate);
    expect(choose(lora, 'all')).toEqual(REWARD_DEFAULTS);
    // One's own stays, whether it was entered before or after.
    expect(choose(withValue(REWARD_DEFAULTS, 'learningRate', 1e-4), 'lora').learningRate).toBe(1e-4);
    expect(withSuitedRate(lora, withValue(lora, 'learningRate', 1e-4)).learningRate).toBe(1e-4);
  });

  it('ask of a way to the scores only what it uses', () => {
    const optional = ['ranking', 'prior', 'elo.k', 'elo.base', 'ties', 'bothBad', 'margin', 'centring'];
    const shown = (changes: Partial<typeof REWARD_DEFAULTS>) => fieldsShown(REWARD_FIELDS, { ...REWARD_DEFAULTS, ...changes }).map(({ path }) => path as string).filter((path) => optional.includes(path)).sort();
    expect(shown({})).toEqual(['ties', 'bothBad', 'margin', 'centring'].sort());
    expect(shown({ pipeline: 'modular' })).toEqual(['ranking', 'prior', 'ties'].sort());
    expect(shown({ pipeline: 'modular', ranking: 'plackett-luce' })).toEqual(['ranking', 'prior'].sort());
    expect(shown({ pipeline: 'modular', ranking: 'elo' })).toEqual(['ranking', 'elo.k', 'elo.base'].sort());
  });

  it('ask of an algorithm only what it uses', () => {
    const shown = (settings: typeof LEAN) => fieldsShown(PPO_FIELDS, settings).map(({ path }) => path as string);
    const only = (preset: keyof typeof PPO_PRESETS) => {
      const others = Object.values(PPO_PRESETS).flatMap(({ settings }) => shown(settings as typeof LEAN));
      const these = shown(PPO_PRESETS[preset].settings as typeof LEAN);
      return [...new Set(others)].filter((path) => !these.includes(path) && !path.startsWith('tune.')).sort();
    };
    const updates = ['clipRange', 'epochKlTarget', 'ratioThreshold'];
    const values = ['gamma', 'lambda', 'valueClipRange', 'valueCoefficient'];
    expect(only('lean')).toEqual(['baselineDecay', 'groupSize', 'kl.estimator'].sort());
    expect(only('reinforce')).toEqual(['groupSize', 'kl.estimator', ...updates, ...values].sort());
    expect(only('rloo')).toEqual(['baselineDecay', 'kl.estimator', ...updates, ...values].sort());
    expect(only('grpo')).toEqual(['baselineDecay', ...updates, ...values].sort());
    // With more than one update on a batch there is something to clip.
    expect(shown({ ...(PPO_PRESETS.rloo.settings as typeof LEAN), epochs: 2 })).toEqual(expect.arrayContaining(updates));
  });

  it('say so where the texts do not divide into groups', () => {
    const uneven = withValue(PPO_PRESETS.rloo.settings as typeof LEAN, 'batchSize', 30);
    const field = PPO_FIELDS.flatMap(({ fields }) => fields).find(({ path }) => path === 'groupSize')!;
    expect(faultAt(field, uneven)).toBe('The 30 texts of an iteration do not divide into groups of 4.');
    expect(isSound(PPO_FIELDS, uneven)).toBe(false);
    expect(faultAt(field, { ...uneven, groupSize: 5 })).toBeNull();
    expect(isSound(PPO_FIELDS, withValue(uneven, 'algorithm', 'ppo'))).toBe(true);
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

  it('is its preset’s whatever the width of the model, whose learning rate goes with 1/√width', () => {
    const wide = presetFor('lean', 4 * 64);
    expect(wide).toEqual({ ...LEAN, learningRate: LEAN.learningRate / 2 });
    expect(presetFor('lora', 64)).toEqual(PPO_PRESETS.lora.settings);
    expect(describeSettings(wide, 256)).toBe(PPO_PRESETS.lean.title);
    expect(describeSettings(wide, 64)).toBe(`${PPO_PRESETS.lean.title}; learning rate ${LEAN.learningRate / 2}`);
  });

  it('says the algorithm, by its preset or as what differs', () => {
    const rloo = PPO_PRESETS.rloo.settings as typeof LEAN;
    expect(runName(rloo, 64, 3)).toBe(`Run 3: ${PPO_PRESETS.rloo.title}`);
    expect(runName(withValue(rloo, 'kl.target', 9), 64, 4)).toBe(`Run 4: ${PPO_PRESETS.rloo.title}; target KL 9`);
    expect(runName(withValue(LEAN, 'algorithm', 'reinforce'), 64, 5)).toBe(`Run 5: ${PPO_PRESETS.lean.title}; algorithm REINFORCE: the recent average`);
  });

  it('stays readable where everything differs, and is not said twice in a list', () => {
    const settings = (['kl.target', 'kl.horizon', 'epochs', 'minibatches', 'batchSize', 'clipRange', 'lambda', 'learningRate', 'iterations'] as const).reduce((changed, path) => withValue(changed, path, 0.123), LEAN);
    const long = runName(settings, 64, 12);
    expect(long).toMatch(/^Run 12: .* …$/);
    expect(long.length).toBeLessThanOrEqual(120);
    expect(runTitle(runName(LEAN, 64, 1), LEAN, 64)).toBe(`Run 1: ${PPO_PRESETS.lean.title}`);
    expect(runTitle('Tuesday', LEAN, 64)).toBe(`Tuesday · ${PPO_PRESETS.lean.title}`);
  });

  it('adds what differs from the nearest preset, and only that', () => {
    const settings = withValue(withValue(LEAN, 'kl.cap', null), 'learningRate', 1e-3);
    expect(describeSettings(settings)).toBe(`${PPO_PRESETS.lean.title}; KL cap never, learning rate 0.001`);
  });

  it('says what is trained, and of that only what means something', () => {
    const last = withValue(withValue(withValue(LEAN, 'tune.what', 'last'), 'tune.layers', 2), 'tune.rank', 3);
    expect(describeSettings(last)).toBe(`${PPO_PRESETS.lean.title}; trained: the last layers, layers 2`);
    const lora = withValue(withValue(PPO_PRESETS.lora.settings as typeof LEAN, 'tune.rank', 4), 'tune.targets', ['v_proj', 'q_proj']);
    expect(describeSettings(lora)).toBe(`${PPO_PRESETS.lora.title}; rank 4, adapters on queries and values`);
    // Back at everything, the rank is no difference; nor is another order of the same matrices.
    expect(describeSettings(withValue(withValue(lora, 'tune.what', 'all'), 'learningRate', LEAN.learningRate))).toBe(PPO_PRESETS.lean.title);
    expect(describeSettings(withValue(PPO_PRESETS.lora.settings as typeof LEAN, 'tune.targets', [...LEAN.tune.targets].reverse()))).toBe(PPO_PRESETS.lora.title);
  });

  it('of a run from before the choice is what it was', () => {
    const { tune: _, ...before } = LEAN;
    expect(describeSettings(settingsOf({ settings: before }))).toBe(PPO_PRESETS.lean.title);
  });
});
