import { REWARD_DEFAULTS, type RewardSettings } from '../../lab/protocol';
import type { ModelRecord } from '../../store/schema';
import type { Terms } from '../controls/explainedParts';

type Pipeline = RewardSettings['pipeline'];

/** What a way's words name, and what explains it. */
export const WAY_TERMS: Terms = {
  'end to end': 'pipeline/end-to-end',
  modular: 'pipeline/modular',
  'bradley–terry': 'ranking/bradley-terry',
  'plackett–luce': 'ranking/plackett-luce',
  elo: 'ranking/elo',
};

/** How a reward model was trained; what was trained before there was a choice has the only way there was. */
export function rewardSettingsOf({ report }: Pick<ModelRecord, 'report'>): RewardSettings {
  return { ...REWARD_DEFAULTS, ...(report as { settings?: RewardSettings } | undefined)?.settings };
}

export const otherWay = (pipeline: Pipeline): Pipeline => (pipeline === 'modular' ? 'end-to-end' : 'modular');

/** A way in a few words, with the numbers that it depends on. */
export function wayReading({ pipeline, ranking, prior, elo }: RewardSettings): string {
  if (pipeline === 'end-to-end') return 'end to end';
  const ranked = { 'bradley-terry': `Bradley–Terry, prior ${prior}`, 'plackett-luce': `Plackett–Luce, prior ${prior}`, elo: `Elo, K ${elo.k}, base ${elo.base}` };
  return `modular: ${ranked[ranking]}`;
}
