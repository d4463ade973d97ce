import { isPairAtOnce } from '../../feedback/form';
import type { PairVerdict } from '../../feedback/judgement';
import { verdictFor, type Side } from '../../feedback/sides';
import { command, type Command } from '../shell/commands.svelte';
import type { CommandId } from '../shell/commandTable';
import { notices } from '../shell/notices.svelte';
import { batch } from './batch.svelte';
import { filling } from './judgingDesk';
import { queue } from './queue.svelte';
import { room } from './room.svelte';
import { seat } from './seat.svelte';

const PERSIST_ASKED = 'nudge.persistAsked';

const onScreen = () => queue.current !== null;
const pairAtOnce = () => onScreen() && isPairAtOnce(queue.form);
const filledIn = () => onScreen() && !isPairAtOnce(queue.form);

/** What a judge can do about the item on the screen. */
export const JUDGING = {
  first: judging('collect.first', () => atOnce(preferring('left')), pairAtOnce),
  second: judging('collect.second', () => atOnce(preferring('right')), pairAtOnce),
  tie: judging('collect.tie', () => atOnce('tie'), () => pairAtOnce() && allows('tie')),
  bothBad: judging('collect.bothBad', () => atOnce('both-bad'), () => pairAtOnce() && allows('bothBad')),
  submit: judging('collect.submit', () => filling.submit(), () => onScreen() && !filling.instant),
  next: judging('collect.next', async () => filling.move(1), filledIn),
  previous: judging('collect.previous', async () => filling.move(-1), filledIn),
  write: judging('collect.write', async () => room.focusField(), filledIn),
  clear: judging('collect.clear', async () => filling.clear(), filledIn),
  skip: judging('collect.skip', () => leaving(() => queue.skip())),
  discard: judging('collect.discard', () => leaving(() => queue.discard(filling.remarks))),
  flag: judging('collect.flag', () => queue.flag(filling.remarks)),
  remark: judging('collect.remark', async () => room.openRemarks()),
  undo: judging('collect.undo', () => queue.undo(), () => queue.canUndo),
  redo: judging('collect.redo', () => queue.redo(), () => queue.canRedo),
  guidelines: judging('collect.guidelines', async () => room.toggleGuidelines(), () => queue.form.guidelines.trim() !== ''),
  focus: judging('collect.focus', async () => room.toggleFocus()),
  batch: judging('collect.batch', async () => batch.toggle()),
};

const PICK_IDS = ['collect.pick1', 'collect.pick2', 'collect.pick3', 'collect.pick4', 'collect.pick5', 'collect.pick6', 'collect.pick7', 'collect.pick8', 'collect.pick9', 'collect.pick10'] as const;

/** The digits: the first option of the active question, the second, and so on. */
export const PICKS: readonly Command[] = PICK_IDS.map((id, i) => judging(id, async () => filling.pick(i + 1), () => filledIn() && filling.stop !== null));

function preferring(side: Side): PairVerdict {
  return verdictFor(side, queue.current!);
}

function atOnce(verdict: PairVerdict): Promise<void> {
  const { remarks } = filling;
  return leaving(() => queue.submit({ verdict, ...remarks }));
}

function allows(what: 'tie' | 'bothBad'): boolean {
  const [question] = queue.form.questions;
  return question.kind === 'pair' && question[what];
}

/** An item that is done with takes its draft along. */
function leaving(act: () => Promise<void>): Promise<void> {
  const done = act();
  filling.forget();
  return done;
}

function judging(id: CommandId, act: () => Promise<void>, enabled = onScreen): Command {
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
      'The browser may clear this site’s storage when the disk is nearly full. Export your judgements now and then, under “Files”.',
    );
}
