import { answersOf } from '../../feedback/form';
import { raterKey } from '../../feedback/judgementState';
import { deleteDraft, readDraft, saveDraft } from '../../store/drafts';
import { lab } from '../shell/lab.svelte';
import { Filling, type Desk } from './filling.svelte';
import { labelers } from '../shell/labelers.svelte';
import { queue } from './queue.svelte';

/** The queue's form: drafts are kept in the database, and what is submitted is a judgement. */
const DESK: Desk = {
  get form() {
    return queue.form;
  },
  async recall(comparison) {
    const draft = lab.database ? await readDraft(lab.database, comparison.id, raterKey(labelers.rater)).catch(() => undefined) : undefined;
    if (draft) return { ...draft, kept: true };
    // What is asked again unannounced, or to settle a conflict, is answered without seeing what was said; of the former, what was taken back comes back, as it does of any other.
    if (!queue.reopened || queue.mark.adjudicates) return null;
    const state = queue.states.get(comparison.id);
    const said = state?.status === 'judged' && !queue.mark.repeat ? state : queue.takenBack(comparison.id);
    return said && { answers: answersOf(queue.form, said), reasons: said.reasons, comment: said.comment, kept: false };
  },
  async keep({ id, datasetId }, draft) {
    if (lab.database) await saveDraft(lab.database, { comparisonId: id, rater: raterKey(labelers.rater), datasetId, ...draft, answers: [...draft.answers] });
  },
  drop({ id }) {
    if (lab.database) void deleteDraft(lab.database, id, raterKey(labelers.rater)).catch(() => undefined);
  },
  async submit(comparison, said) {
    if (queue.current?.id === comparison.id) await queue.submit(said);
  },
};

export const filling = new Filling(DESK);
