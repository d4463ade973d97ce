import { isPairAtOnce } from '../../feedback/form';
import type { PairVerdict } from '../../feedback/judgement';
import { verdictFor, type Side } from '../../feedback/sides';
import { notices } from '../shell/notices.svelte';
import type { Command } from '../shell/commands.svelte';
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
  first: judging('collect.first', 'First is better', ['1', 'ArrowLeft'], () => atOnce(preferring('left')), 'First is better', pairAtOnce),
  second: judging('collect.second', 'Second is better', ['2', 'ArrowRight'], () => atOnce(preferring('right')), 'Second is better', pairAtOnce),
  tie: judging('collect.tie', 'Tie', ['t'], () => atOnce('tie'), 'Equally good', () => pairAtOnce() && allows('tie')),
  bothBad: judging('collect.bothBad', 'Both bad', ['b'], () => atOnce('both-bad'), 'Both bad', () => pairAtOnce() && allows('bothBad')),
  submit: judging('collect.submit', 'Submit', ['Enter'], () => filling.submit(), 'Submit the form, and go on', () => onScreen() && !filling.instant),
  next: judging('collect.next', 'Next question', ['ArrowDown'], async () => filling.move(1), 'Go to the next question', filledIn),
  previous: judging('collect.previous', 'Previous question', ['ArrowUp'], async () => filling.move(-1), 'Go to the question before', filledIn),
  write: judging('collect.write', 'Write', ['e'], async () => room.focusField(), 'Write in the field of this question', filledIn),
  clear: judging('collect.clear', 'Clear', ['Backspace'], async () => filling.clear(), 'Take back the answer to this question', filledIn),
  skip: judging('collect.skip', 'Skip', ['s'], () => leaving(() => queue.skip()), 'Not now: skip it, and see it again later'),
  discard: judging('collect.discard', 'Discard', ['x'], () => leaving(() => queue.discard(filling.remarks)), 'Nothing can be learned from this one: leave it out for good'),
  flag: judging('collect.flag', 'Flag', ['f'], () => queue.flag(filling.remarks), 'Mark it for a second look, or take the mark away'),
  remark: judging('collect.remark', 'Add a comment', ['n'], async () => room.openRemarks(), 'Say why: reasons and a comment'),
  undo: judging('collect.undo', 'Undo', ['z'], () => queue.undo(), 'Take back what you did last', () => queue.canUndo),
  redo: judging('collect.redo', 'Redo', ['y'], () => queue.redo(), 'Do again what you took back', () => queue.canRedo),
  guidelines: judging('collect.guidelines', 'Guidelines', ['g'], async () => room.toggleGuidelines(), 'How to judge: show it, or put it away', () => queue.form.guidelines.trim() !== ''),
  focus: judging('collect.focus', 'Focus', ['w'], async () => room.toggleFocus(), 'Nothing but the item on the screen, or everything again', onScreen),
  batch: judging('collect.batch', 'Several at once', ['a'], async () => batch.toggle(), 'Several items on one page, or one at a time', onScreen),
} satisfies Record<string, Command>;

/** The digits: the first option of the active question, the second, and so on. */
export const PICKS = Array.from({ length: 10 }, (_, i) => {
  const number = i + 1;
  return judging(`collect.pick${number}`, `Option ${number}`, [String(number % 10)], async () => filling.pick(number), `Option ${number} of the active question`, () => filledIn() && filling.stop !== null);
});

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

function judging(
  id: string,
  title: string,
  keys: string[],
  act: () => Promise<void>,
  about = title,
  enabled = onScreen,
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
