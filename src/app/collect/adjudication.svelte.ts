import type { JudgementEvent } from '../../feedback/judgement';
import { standingInSteps } from '../../feedback/judgementState';
import { labelerTables } from '../../feedback/quality/labelers';
import { command } from '../shell/commands.svelte';
import { notices } from '../shell/notices.svelte';
import { inSlices } from '../shell/slices';
import { everybodysEvents } from './quality.svelte';
import { queue } from './queue.svelte';

/** Settling what people judged differently: the conflicts come one by one, blindly, and the verdict stands before theirs. */
class Adjudication {
  #begun = $state(false);

  /** Conflicts are being settled; nothing on the screen may say what others said. */
  get on(): boolean {
    return this.#begun && queue.asked.length > 0;
  }

  /** Conflicts still to come, the one on the screen included. */
  get left(): number {
    return queue.asked.length;
  }

  async begin(): Promise<void> {
    const events = await everybodysEvents();
    const conflicts = await inSlices(conflictsIn(events), () => true);
    queue.ask(conflicts ?? [], { adjudicates: true });
    this.#begun = queue.asked.length > 0;
    if (!this.#begun) notices.tell('Nothing to settle', 'No two people differ on an item that nobody has settled.');
  }

  leave(): void {
    queue.ask([], {});
    this.#begun = false;
  }
}

function* conflictsIn(events: readonly JudgementEvent[]): Generator<void, string[]> {
  return (yield* labelerTables(yield* standingInSteps(events))).conflicts;
}

export const adjudication = new Adjudication();

export const LEAVE_ADJUDICATION = command('collect.leaveAdjudication', () => adjudication.leave(), () => adjudication.on);
