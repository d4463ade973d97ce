import { newId, randomSeed } from '../../feedback/identity';
import type { Turn } from '../../feedback/judgement';
import { TEMPLATES } from '../../feedback/formTemplates';
import { transcript } from '../../feedback/transcript';
import { LEAN } from '../../lab/protocol';
import { addComparisons, createDataset } from '../../store/datasets';
import { lab } from '../shell/lab.svelte';
import { notices } from '../shell/notices.svelte';
import { shelf } from '../shell/shelf.svelte';
import { queue } from './queue.svelte';

/** An answer is longer than a continuation. */
const ANSWER_TOKENS = 64;

/** A turn of the conversation; what the model said is an item of its own, to be judged. */
export type Said = Turn & { comparisonId?: string };

/** A conversation with the model, each of whose answers can be judged at once. */
class Chat {
  #turns = $state.raw<readonly Said[]>([]);
  #writing = $state(false);
  #conversationId = newId();

  get turns(): readonly Said[] {
    return this.#turns;
  }

  /** The model is writing its answer. */
  get writing(): boolean {
    return this.#writing;
  }

  get possible(): boolean {
    return lab.ready && lab.database !== null && shelf.activeModel !== null && !this.#writing;
  }

  /** The latest answer that nobody has judged. */
  get open(): string | null {
    const said = this.#turns.findLast(({ comparisonId }) => comparisonId !== undefined);
    return said?.comparisonId !== undefined && !queue.states.has(said.comparisonId) ? said.comparisonId : null;
  }

  /** Say something; the model answers, and its answer is kept as an item. */
  async say(text: string): Promise<void> {
    const model = shelf.activeModel;
    const { database } = lab;
    if (!this.possible || !model || !database || text.trim() === '') return;
    const turns: Said[] = [...this.#turns, { role: 'user', text: text.trim() }];
    this.#turns = turns;
    this.#writing = true;
    try {
      const datasetId = await this.#dataset(model.id);
      const plain = turns.map(({ role, text }) => ({ role, text }));
      const prompt = transcript(plain);
      const options = { maxNewTokens: ANSWER_TOKENS, temperature: LEAN.temperature, seed: randomSeed() };
      const { texts } = await lab.ask('write', { modelId: model.id, prompt, count: 1, options });
      const source = { kind: 'conversation' as const, modelId: model.id, temperature: options.temperature, seed: options.seed };
      const [comparison] = await addComparisons(database, datasetId, [{ prompt, turns: plain, responses: texts, conversationId: this.#conversationId, source }]);
      this.#turns = [...turns, { role: 'assistant', text: texts[0], comparisonId: comparison.id }];
      await queue.reload();
      queue.ask([comparison.id]);
    } catch (error) {
      this.#turns = turns.slice(0, -1);
      notices.report('The model did not answer', error);
    } finally {
      this.#writing = false;
    }
  }

  /** A new conversation; what was said in this one, and of it, is kept. */
  begin(): void {
    this.#turns = [];
    this.#conversationId = newId();
  }

  judge(comparisonId: string, up: boolean): Promise<void> {
    queue.ask([comparisonId]);
    return queue.submit({ verdict: { kind: 'thumb', response: 0, up } });
  }

  /** Answers are judged one by one, so they have a dataset whose form asks about one. */
  async #dataset(modelId: string): Promise<string> {
    const active = shelf.activeDataset;
    if (active?.form && active.form.questions.every(({ kind }) => kind === 'thumb')) return active.id;
    const form = TEMPLATES.find(({ name }) => name === 'Good or not')!;
    const dataset = await createDataset(lab.database!, { name: 'Conversations', seed: randomSeed(), modelId, form });
    await shelf.chooseDataset(dataset.id);
    return dataset.id;
  }
}

export const chat = new Chat();
