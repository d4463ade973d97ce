import { describe, expect, it } from 'vitest';
import { LEAN, PPO_PRESETS, type PpoMetrics } from '../../../src/lab/protocol';
import { narrate, type RunStory } from '../../../src/app/optimise/narration';

/** A run whose metrics are given as functions of the iteration. */
function story(iterations: number, metrics: (i: number) => PpoMetrics, rest: Partial<RunStory> = {}): RunStory {
  return { status: 'running', settings: LEAN, history: Array.from({ length: iterations }, (_, i) => metrics(i)), ...rest };
}

/** ±1 by turns: noise that any trend must see through. */
const wobble = (i: number) => (i % 2 === 0 ? 1 : -1);
const healthy = (i: number): PpoMetrics => ({
  'objective/kl': i * 0.2,
  'objective/score_mean': i * 0.1 + 0.05 * wobble(i),
  'objective/kl_coef': 0.25,
  distinct_2: 0.8,
  repeat_ngram: 0.05,
});
const all = (s: RunStory) => {
  const { headline, details } = narrate(s);
  return [headline, ...details].join(' ');
};

describe('the advantages', () => {
  const few = (i: number): PpoMetrics => ({ ...healthy(i), 'adv/whitened': 0 });

  it('are said not to be whitened where there were too few tokens', () => {
    expect(all(story(9, few))).toContain('too few tokens for whitening');
    expect(all(story(9, few, { settings: { ...LEAN, whitenAdvantages: false } }))).not.toContain('whitening');
    expect(all(story(9, (i) => ({ ...few(i), 'adv/whitened': 1 })))).not.toContain('whitening');
  });
});

describe('the headline', () => {
  it('says what an iteration is before anything has run', () => {
    const { headline, tone } = narrate(story(0, healthy, { status: 'ready' }));
    expect(headline).toContain(`${LEAN.batchSize} texts`);
    expect(headline).toContain(`${LEAN.iterations} iterations`);
    expect(tone).toBe('calm');
  });

  it('gives the distance in nats and a rising reward', () => {
    const run = story(20, healthy);
    run.history[19]!['objective/kl'] = 4.1;
    expect(narrate(run)).toMatchObject({ tone: 'calm', headline: 'The policy has moved 4.1 nats a story; the reward is still rising.' });
  });

  it('names a plateau, a fall, and too little to go by', () => {
    const flat = story(20, (i) => ({ ...healthy(i), 'objective/score_mean': 1 + 0.05 * wobble(i) }));
    const down = story(20, (i) => ({ ...healthy(i), 'objective/score_mean': 1 - 0.1 * i }));
    expect(narrate(flat).headline).toContain('levelled off');
    expect(narrate(down).headline).toContain('the reward is falling');
    expect(narrate(story(2, healthy)).headline).toContain('too early');
  });

  it('says that the policy has not moved while it has not', () => {
    expect(narrate(story(1, healthy)).headline).toMatch(/^The policy still writes like the base model/);
  });
});

describe('reward hacking', () => {
  it('is named when texts repeat themselves while the reward rises', () => {
    const run = story(20, (i) => ({ ...healthy(i), distinct_2: 0.8 - 0.02 * i }));
    expect(narrate(run).tone).toBe('warning');
    expect(narrate(run).headline).toMatch(/repeat itself.*reward hacking/);
    const within = story(20, (i) => ({ ...healthy(i), repeat_ngram: 0.05 + 0.02 * i }));
    expect(narrate(within).headline).toMatch(/reward hacking/);
  });

  it('is named when the gold score falls while the reward model is pleased', () => {
    const run = story(20, (i) => ({ ...healthy(i), gold: i < 8 ? i : 16 - i }));
    expect(narrate(run).headline).toMatch(/gold.*falls.*reward hacking/);
  });

  it('is not called so when the reward falls too', () => {
    const run = story(20, (i) => ({ ...healthy(i), distinct_2: 0.8 - 0.02 * i, 'objective/score_mean': -0.1 * i }));
    expect(narrate(run).headline).toContain('collapsing');
    expect(all(run)).not.toContain('hacking');
  });

  it('is not seen in a healthy run, nor where gold rises along', () => {
    expect(all(story(20, healthy))).not.toMatch(/hacking|repeat/);
    expect(all(story(20, (i) => ({ ...healthy(i), gold: 0.1 * i })))).not.toMatch(/hacking/);
  });
});

describe('the leash', () => {
  const withBeta = (beta: (i: number) => number, kl: (i: number) => number) =>
    story(20, (i) => ({ ...healthy(i), 'objective/kl_coef': beta(i), 'objective/kl': kl(i) }));

  it('tightens because the policy is past its target', () => {
    expect(all(withBeta((i) => 0.25 + 0.01 * i, () => 8))).toContain('The leash (β) is tightening because the policy has moved 8.0 nats, past its target of 6.');
  });

  it('loosens because the policy is short of it', () => {
    expect(all(withBeta((i) => 0.5 - 0.01 * i, () => 4))).toContain('loosening because the policy has moved only 4.0 nats, short of its target');
  });

  it('rests until the target is first reached, and says nothing after', () => {
    expect(all(withBeta(() => 0.25, () => 4))).toContain('rests until the policy has first moved 6.0 nats');
    expect(all(withBeta(() => 0.25, (i) => (i === 10 ? 7 : 4)))).not.toContain('rests');
  });

  it('is missing at β = 0, and says so', () => {
    const run = story(20, (i) => ({ ...healthy(i), 'objective/kl': 3 * i }), { settings: PPO_PRESETS.unleashed.settings });
    expect(all(run)).toContain('no leash');
  });

  it('is far past its target: a warning that points to the samples', () => {
    const run = withBeta((i) => 0.25 + 0.01 * i, () => 2 * LEAN.kl.target + 1);
    expect(narrate(run).tone).toBe('warning');
    expect(all(run)).toContain('read the samples');
  });
});

describe('the end', () => {
  it('sums a finished run up', () => {
    const run = story(60, (i) => ({ ...healthy(i), 'objective/score_mean': i < 30 ? 0 : 1.5, 'objective/kl': 5.8 }), { status: 'finished' });
    expect(narrate(run).headline).toBe('Finished: 60 iterations, 5.8 nats from the base model, and the reward rose by 1.50 (1 is the spread of the base model’s own texts).');
  });

  it('gives the reason of a run that stopped itself', () => {
    const note = 'The policy has moved 61.0 nats, past the cap of 60. Go back to the last good checkpoint.';
    expect(narrate(story(20, healthy, { status: 'failed', note }))).toEqual({ tone: 'warning', headline: 'The run stopped itself.', details: [note] });
  });

  it('counts updates that the guards skipped', () => {
    expect(all(story(20, (i) => ({ ...healthy(i), 'policy/skipped_minibatches': i === 19 ? 2 : 0 })))).toContain('2 updates were skipped');
  });
});
