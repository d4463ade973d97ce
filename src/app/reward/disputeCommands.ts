import { command, type Command } from '../shell/commands.svelte';
import { router } from '../shell/router.svelte';
import type { Disputes } from './disputes.svelte';
import { type DisputeList, LISTS } from './disputeReading';

/** Show one of the two lists. */
export function listCommands(disputes: Disputes): Record<DisputeList, Command> {
  return { disputes: command('reward.disputes', () => disputes.show('disputes')), pulls: command('reward.pulls', () => disputes.show('pulls')) };
}

const AGAIN_IDS = ['reward.again1', 'reward.again2', 'reward.again3', 'reward.again4', 'reward.again5', 'reward.again6', 'reward.again7', 'reward.again8', 'reward.again9'] as const;

/** Judge again what stands in a row of the list in view, a digit for each of the first nine. */
export function againCommands(disputes: Disputes): Command[] {
  return AGAIN_IDS.map((id, row) => command(id, () => void disputes.ask(disputes.rows[row]), () => row < disputes.rows.length));
}

/** From a pair that was opened from one of the lists back to that list. */
export const BACK: Command = command('collect.backToReward', () => {
  const list = listBehind();
  if (list) router.go('reward', list);
}, () => listBehind() !== null);

/** The list that one came from, where one did. */
export function listBehind(): DisputeList | null {
  return LISTS.find((list) => list === router.from) ?? null;
}
