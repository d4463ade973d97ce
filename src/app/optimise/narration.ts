import type { PpoMetrics, PpoSettings } from '../../lab/protocol';
import { formatNats, formatNumber } from '../charts/number';
import { type Trend, trendOf } from '../charts/trend';
import type { Terms } from '../controls/explainedParts';

/*
 * What a run is doing, in plain sentences. Pure: metrics in, words out. The
 * thresholds are ours, set where a reader of the samples begins to notice.
 */

/** What the narrator looks at: `history` holds one entry for each iteration done, oldest first. */
export interface RunStory {
  status: 'ready' | 'running' | 'paused' | 'finished' | 'stopped' | 'failed';
  /** Why the run stopped by itself. */
  note?: string;
  /** Who scores the texts; the reward model where nothing else is said. */
  scoredBy?: string;
  settings: Pick<PpoSettings, 'iterations' | 'batchSize' | 'kl' | 'whitenAdvantages'>;
  history: readonly PpoMetrics[];
}

export interface Narration {
  tone: 'calm' | 'warning';
  headline: string;
  /** Further sentences, each on its own. */
  details: string[];
}

/** What these sentences name, and what explains it. */
export const NARRATION_TERMS: Terms = {
  nats: 'objective/kl',
  nat: 'objective/kl',
  leash: 'objective/kl_coef',
  'the reward': 'objective/score_mean',
  'the reward model': 'reward model',
  'true (gold) score': 'gold',
  'repeat itself': 'distinct_2',
  'reward hacking': 'reward hacking',
  'update was skipped': 'policy/skipped_minibatches',
  'updates were skipped': 'policy/skipped_minibatches',
  whitening: 'adv/whitened',
  checkpoint: 'checkpoint',
};

const REWARD_MODEL = 'reward model';
/** Iterations averaged at either end when now is compared with the start. */
const ENDS = 3;
/** Distinct pairs of neighbouring words that are left, against the start, when it counts as repeating. */
const DISTINCT_LEFT = 0.65;
/** Rise of the share of repeated word sequences within a text that counts as repeating. */
const REPEAT_RISE = 0.15;
/** KL above this many times its target is far from home. */
const FAR = 2;

export function narrate(story: RunStory): Narration {
  const { history, settings } = story;
  if (history.length === 0) return { tone: 'calm', headline: opening(story), details: [] };
  const hacking = rewardHacking(story);
  const details = [leash(story), distance(story), skippedUpdates(history), unwhitened(story)].filter((sentence) => sentence !== null);
  if (story.status === 'failed') {
    return { tone: 'warning', headline: 'The run stopped itself.', details: [story.note, hacking].filter((sentence) => sentence != null) };
  }
  if (hacking) return { tone: 'warning', headline: hacking, details: [movement(history), ...details] };
  const end = ending(story);
  const tone = isFar(story) && settings.kl.control === 'adaptive' ? 'warning' : 'calm';
  return end ? { tone, headline: end, details: [movement(history)] } : { tone, headline: movement(history), details };
}

function opening({ status, note, settings, scoredBy = REWARD_MODEL }: RunStory): string {
  if (status === 'running') return 'The first iteration is under way: the model is writing.';
  if (status === 'failed') return `The run stopped before its first iteration was done: ${note ?? 'a guard tripped.'}`;
  return `Ready. In each of ${settings.iterations} iterations the model writes ${settings.batchSize} texts, the ${scoredBy} scores them, and the policy takes a small step towards the better ones.`;
}

function ending({ status, note, history, settings }: RunStory): string | null {
  if (status === 'finished') return `Finished: ${settings.iterations} iterations, ${formatNats(last(history, 'objective/kl') ?? 0)} from the base model, and the reward ${change(history)}.`;
  if (status === 'stopped') return `${note ? `Stopped: ${note}` : 'Stopped.'} After ${history.length} iterations the reward ${change(history)}.`;
  return null;
}

/** How far the policy is and where the reward goes. */
function movement(history: readonly PpoMetrics[]): string {
  const kl = last(history, 'objective/kl') ?? 0;
  const where = kl < 0.05 ? 'The policy still writes like the base model' : `The policy has moved ${formatNats(kl)} a story`;
  return `${where}; ${REWARD_GOES[trendOf(series(history, 'objective/score_mean'))]}.`;
}

const REWARD_GOES: Record<Trend, string> = {
  rising: 'the reward is still rising',
  falling: 'the reward is falling',
  steady: 'the reward has levelled off',
  unclear: 'it is too early to say where the reward goes',
};

/** A sentence where the text degrades, or the gold score falls, while who scores stays pleased. */
function rewardHacking({ history, scoredBy = REWARD_MODEL }: RunStory): string | null {
  if (history.length < 2 * ENDS) return null;
  const pleased = ends(history, 'objective/score_mean');
  const pleasedMore = pleased !== null && pleased.now > pleased.start;
  const distinct = ends(history, 'distinct_2');
  const repeated = ends(history, 'repeat_ngram');
  const repeats = (distinct !== null && distinct.now < DISTINCT_LEFT * distinct.start) || (repeated !== null && repeated.now > repeated.start + REPEAT_RISE);
  if (repeats && pleasedMore) return `It has begun to repeat itself, and the ${scoredBy} likes it all the same: this is reward hacking.`;
  if (repeats) return 'It has begun to repeat itself, and the reward does not even rise: the policy is collapsing.';
  const rewardTrend = trendOf(series(history, 'objective/score_mean'));
  if (pleasedMore && rewardTrend !== 'falling' && trendOf(series(history, 'gold')) === 'falling') {
    return `The ${scoredBy} is more and more pleased while the true (gold) score falls: this is reward hacking.`;
  }
  return null;
}

/** What β does, and why. */
function leash({ history, settings: { kl } }: RunStory): string | null {
  const now = last(history, 'objective/kl') ?? 0;
  if (kl.control === 'fixed') {
    return kl.coefficient === 0 ? 'There is no leash (β = 0): nothing pulls the policy back to the base model.' : null;
  }
  const [before, beta] = series(history, 'objective/kl_coef').slice(-2);
  if (before === undefined || beta === undefined) return null;
  const measured = series(history, 'objective/kl').slice(-2).reverse();
  if (beta > before) {
    const cause = measured.find((value) => value > kl.target) ?? now;
    return `The leash (β) is tightening because the policy has moved ${formatNats(cause)}, past its target of ${kl.target}.`;
  }
  if (beta < before) {
    const cause = measured.find((value) => value < kl.target) ?? now;
    return `The leash (β) is loosening because the policy has moved only ${formatNats(cause)}, short of its target of ${kl.target}.`;
  }
  const reached = series(history, 'objective/kl').some((value) => value >= kl.target);
  return kl.holdUntilTarget && !reached ? `The leash (β = ${formatNumber(beta)}) rests until the policy has first moved ${formatNats(kl.target)}.` : null;
}

function distance(story: RunStory): string | null {
  if (!isFar(story)) return null;
  return story.settings.kl.control === 'adaptive'
    ? 'That is far past the target: read the samples, and go back to an earlier checkpoint if they have gone wrong.'
    : 'That is far from the base model: read the samples with care.';
}

function isFar({ history, settings }: RunStory): boolean {
  return (last(history, 'objective/kl') ?? 0) > FAR * settings.kl.target;
}

function skippedUpdates(history: readonly PpoMetrics[]): string | null {
  const skipped = last(history, 'policy/skipped_minibatches') ?? 0;
  if (skipped === 0) return null;
  return skipped === 1 ? 'One update was skipped because it would have moved the policy too far at once.' : `${skipped} updates were skipped because they would have moved the policy too far at once.`;
}

function unwhitened({ history, settings }: RunStory): string | null {
  if (!settings.whitenAdvantages || last(history, 'adv/whitened') !== 0) return null;
  return 'This iteration’s texts have too few tokens for whitening the advantages, so their size varies more than usual. More or longer texts in an iteration help.';
}

function change(history: readonly PpoMetrics[]): string {
  const reward = ends(history, 'objective/score_mean');
  if (reward === null) return 'was not measured often enough to compare';
  const difference = reward.now - reward.start;
  return `${difference >= 0 ? 'rose' : 'fell'} by ${formatNumber(Math.abs(difference))} (1 is the spread of the base model’s own texts)`;
}

function series(history: readonly PpoMetrics[], name: keyof PpoMetrics): number[] {
  return history.map((metrics) => metrics[name]).filter((value) => value !== undefined);
}

function last(history: readonly PpoMetrics[], name: keyof PpoMetrics): number | undefined {
  return series(history, name).at(-1);
}

/** Means over the first and the last few iterations; null where there are too few to tell apart. */
function ends(history: readonly PpoMetrics[], name: keyof PpoMetrics): { start: number; now: number } | null {
  const values = series(history, name);
  if (values.length < 2) return null;
  const count = Math.min(ENDS, Math.floor(values.length / 2));
  return { start: mean(values.slice(0, count)), now: mean(values.slice(-count)) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
