import type { Result } from '../../lab/protocol';
import type { Form } from '../../feedback/form';
import { RULES } from '../../feedback/rules';
import type { SimulatedFormName } from '../../feedback/simulatedLabeler';
import { lab } from '../shell/lab.svelte';
import { notices } from '../shell/notices.svelte';
import { shelf } from '../shell/shelf.svelte';
import { count, percent } from '../controls/wording';
import { queue } from './queue.svelte';
import { sampling } from './sampling.svelte';

/** A simulated labeler at work on the dataset in use. */
class Labeler {
  rule = $state(RULES[0].id);
  noise = $state<'calibrated' | 'chosen'>('calibrated');
  temperature = $state(0.1);
  count = $state(200);
  #last = $state.raw<Result<'labelWithRule'> | null>(null);

  /** What the latest labelling came to. */
  get last(): Result<'labelWithRule'> | null {
    return this.#last;
  }

  get job() {
    return lab.job('labelWithRule');
  }

  get busy(): boolean {
    return this.job !== undefined || sampling.job !== undefined;
  }

  /** Pairs that would have to be written first. */
  get missing(): number {
    return Math.max(0, this.count - queue.open);
  }

  /** Write what is missing, then judge. */
  async work(): Promise<void> {
    if (this.missing > 0) await sampling.write(this.missing);
    const dataset = shelf.activeDataset;
    if (!dataset || queue.open === 0) return;
    const args = {
      datasetId: dataset.id,
      rule: this.rule,
      temperature: this.noise === 'calibrated' ? ('calibrated' as const) : this.temperature,
      seed: dataset.seed,
      limit: this.count,
      form: simulatedForm(queue.form),
    };
    const job = lab.begin('labelWithRule', args, 'The simulated labeler is judging', 'The simulated labeler could not judge');
    this.#last = await job.result.catch(() => null);
    await queue.reload();
    if (this.#last) notices.tell('The simulated labeler is done', `It judged ${count(this.#last.judged, 'item')}. It follows its own rule ${percent(this.#last.ceiling)} of the time.`);
  }
}

/** The form in which a rule judges, closest to the dataset's own: it answers one question, the first about the responses. */
function simulatedForm({ questions }: Form): SimulatedFormName {
  for (const question of questions) {
    if (question.kind === 'pair') return question.strength ? 'strength' : 'pair';
    if (question.kind === 'ranking' || question.kind === 'rating' || question.kind === 'thumb') return question.kind;
  }
  return 'thumb';
}

export const labeler = new Labeler();
