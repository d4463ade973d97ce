import { notices } from '../shell/notices.svelte';
import type { Command } from '../shell/commands.svelte';
import { queue } from './queue.svelte';
import { seat } from './seat.svelte';

const PERSIST_ASKED = 'nudge.persistAsked';

/** What a judge can do about the pair on the screen. */
export const JUDGING = {
  first: judging('collect.first', 'First is better', ['1', 'ArrowLeft'], () => queue.prefer('left')),
  second: judging('collect.second', 'Second is better', ['2', 'ArrowRight'], () => queue.prefer('right')),
  tie: judging('collect.tie', 'Tie', ['t'], () => queue.judge('tie'), 'Equally good'),
  bothBad: judging('collect.bothBad', 'Both bad', ['b'], () => queue.judge('both-bad')),
  skip: judging('collect.skip', 'Skip', ['s'], () => queue.skip(), 'Skip this pair'),
  undo: judging('collect.undo', 'Undo', ['z'], () => queue.undo(), 'Take back the latest judgement', () => queue.canUndo),
} satisfies Record<string, Command>;

function judging(
  id: string,
  title: string,
  keys: string[],
  act: () => Promise<void>,
  about = title,
  enabled = () => queue.current !== null,
): Command {
  return { id, title, about, keys, group: 'collect', enabled: () => !seat.taken && enabled(), run: () => void act().then(afterSaving) };
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
