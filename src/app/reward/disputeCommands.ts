import type { Command } from '../shell/commands.svelte';
import { router } from '../shell/router.svelte';
import type { Disputes } from './disputes.svelte';
import { type DisputeList, LISTS } from './disputeReading';

/** There are so many digits. */
const MOST_KEYS = 9;

const TITLES: Record<DisputeList, { title: string; about: string; key: string }> = {
  disputes: { title: 'What it still disputes', about: 'The judgements that it contradicts', key: 'd' },
  pulls: { title: 'What pulled hardest', about: 'The judgements that pulled hardest at it', key: 'h' },
};

/** Show one of the two lists. */
export function listCommands(disputes: Disputes): Record<DisputeList, Command> {
  const command = (list: DisputeList): Command => ({ id: `reward.${list}`, title: TITLES[list].title, about: TITLES[list].about, keys: [TITLES[list].key], group: 'reward', run: () => disputes.show(list) });
  return { disputes: command('disputes'), pulls: command('pulls') };
}

/** Judge again what stands in a row of the list in view, a digit for each of the first nine. */
export function againCommands(disputes: Disputes): Command[] {
  return Array.from({ length: MOST_KEYS }, (_, row) => ({
    id: `reward.again.${row + 1}`,
    title: 'Judge again',
    about: `Judge again row ${row + 1} of the list`,
    keys: [`${row + 1}`],
    group: 'reward',
    run: () => void disputes.ask(disputes.rows[row]),
    enabled: () => row < disputes.rows.length,
  }));
}

/** From a pair that was opened from one of the lists back to that list. */
export const BACK: Command = {
  id: 'collect.backToReward',
  title: 'Back to the reward model',
  about: 'Back to the list of the reward model that this was opened from',
  keys: ['d'],
  group: 'collect',
  run: () => {
    const list = listBehind();
    if (list) router.go('reward', list);
  },
  enabled: () => listBehind() !== null,
};

/** The list that one came from, where one did. */
export function listBehind(): DisputeList | null {
  return LISTS.find((list) => list === router.from) ?? null;
}
