import { type Command, command } from '../shell/commands.svelte';
import type { CommandId } from '../shell/commandTable';
import { notices } from '../shell/notices.svelte';
import { queue } from './queue.svelte';
import { seat } from './seat.svelte';

const PERSIST_ASKED = 'nudge.persistAsked';

/** What a judge can do about the pair on the screen. */
export const JUDGING = {
  first: judging('collect.first', () => queue.prefer('left')),
  second: judging('collect.second', () => queue.prefer('right')),
  tie: judging('collect.tie', () => queue.judge('tie')),
  bothBad: judging('collect.bothBad', () => queue.judge('both-bad')),
  skip: judging('collect.skip', () => queue.skip()),
  undo: judging('collect.undo', () => queue.undo(), () => queue.canUndo),
};

function judging(id: CommandId, act: () => Promise<void>, enabled = () => queue.current !== null): Command {
  return command(id, () => void act().then(afterSaving), () => !seat.taken && enabled());
}

/**
 * Once something is worth keeping, ask the browser not to clear it away when
 * the disk runs low. Firefox shows a question, so it is asked once only.
 */
async function afterSaving(): Promise<void> {
  if (queue.saving.state !== 'saved' || localStorage.getItem(PERSIST_ASKED) || !navigator.storage?.persist) return;
  localStorage.setItem(PERSIST_ASKED, '1');
  const kept = await navigator.storage.persist().catch(() => false);
  if (!kept)
    notices.tell(
      'Saved on this device',
      'The browser may clear this site’s storage when the disk is nearly full. Export your judgements now and then (under “Files”), or bookmark this page, which some browsers take as a promise to keep it.',
    );
}
