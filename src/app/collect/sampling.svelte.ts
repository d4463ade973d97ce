import { randomSeed } from '../../feedback/identity';
import { textsToWrite } from '../../feedback/form';
import { LEAN } from '../../lab/protocol';
import { lab } from '../shell/lab.svelte';
import type { Job } from '../shell/jobs.svelte';
import { shelf } from '../shell/shelf.svelte';
import { queue } from './queue.svelte';

// Enough for a first reward model, few enough to be there soon.
export const FIRST_PAIRS = 16;
const FIRST_BATCH = 4;
// While somebody judges, the queue never runs dry.
const REFILL_BELOW = 6;
const REFILL_BY = 12;

/** How new pairs are written. The defaults are those of the training later on, so that what is judged is what is trained. */
class Sampling {
  count = $state(FIRST_PAIRS);
  temperature = $state(LEAN.temperature);
  maxNewTokens = $state(LEAN.responseLength);
  /** One beginning a line; empty: the lab's own. */
  ownPrompts = $state('');
  /** Write more while somebody judges. */
  refill = $state(true);

  get prompts(): string[] | undefined {
    const lines = this.ownPrompts.split('\n').map((line) => line.trim());
    const prompts = lines.filter((line) => line.length > 0);
    return prompts.length > 0 ? prompts : undefined;
  }

  /** What is written for one item: enough for the form's questions. */
  get item(): 'text' | 'pair' | 'group of four' {
    const texts = textsToWrite(queue.form);
    return texts === 2 ? 'pair' : texts === 1 ? 'text' : 'group of four';
  }

  /** Several of them. */
  get items(): string {
    return this.item === 'group of four' ? 'groups of four' : `${this.item}s`;
  }

  get job(): Job<'sampleComparisons'> | undefined {
    return lab.job('sampleComparisons');
  }

  get possible(): boolean {
    return lab.ready && shelf.loaded && shelf.activeModel !== null && !this.job;
  }

  /** Write pairs into the dataset in use, or into a first one. The job's failure is told; here it ends quietly. */
  async write(count = this.count): Promise<void> {
    const model = shelf.activeModel;
    if (!this.possible || !model) return;
    const dataset = shelf.activeDataset ?? (await shelf.addDataset('My judgements', model.id));
    const job = lab.begin(
      'sampleComparisons',
      {
        datasetId: dataset.id,
        modelId: model.id,
        count,
        responses: textsToWrite(queue.form),
        prompts: this.prompts,
        options: { maxNewTokens: this.maxNewTokens, temperature: this.temperature, seed: randomSeed() },
        cut: LEAN.cut,
      },
      `Writing ${this.items}`,
      `The ${this.items} could not be written`,
    );
    // What failed or was stopped is not begun again unasked.
    await job.result.catch(() => (this.refill = false));
    await queue.reload();
  }

  /** The first pairs of a new queue: a few at once, so that judging can begin while the others are written. */
  async begin(): Promise<void> {
    await this.write(FIRST_BATCH);
    if (queue.open > 0) await this.write(FIRST_PAIRS - FIRST_BATCH);
  }

  /** The queue of somebody who is judging now is nearly empty. */
  get thirsty(): boolean {
    const sampled = queue.comparisons.at(-1)?.source.kind === 'sampled';
    const judging = queue.saving.state === 'saved' && queue.open > 0;
    return this.refill && sampled && judging && this.possible && queue.open < REFILL_BELOW;
  }

  writeMore(): Promise<void> {
    return this.write(REFILL_BY);
  }
}

export const sampling = new Sampling();
