import { randomSeed } from '../../feedback/identity';
import { lab } from '../shell/lab.svelte';
import { shelf } from '../shell/shelf.svelte';
import { EXAMPLES } from './examples';

const LENGTH = 64;

/** The base model continuing whatever it is given, to be read and forgotten. */
class Writer {
  prompt = $state(EXAMPLES[0].prompt);
  #text = $state<string | null>(null);
  #written = $state('');
  #writing = $state(false);
  #error = $state<string | null>(null);

  get text(): string | null {
    return this.#text;
  }

  /** The beginning that `text` goes on from. */
  get written(): string {
    return this.#written;
  }

  get writing(): boolean {
    return this.#writing;
  }

  get error(): string | null {
    return this.#error;
  }

  /** Nothing was asked of it yet. */
  get fresh(): boolean {
    return this.#text === null && !this.#writing && this.#error === null;
  }

  async write(): Promise<void> {
    const model = shelf.activeModel;
    const prompt = this.prompt.trim();
    if (!model || !prompt || this.#writing) return;
    this.#writing = true;
    this.#error = null;
    try {
      const options = { maxNewTokens: LENGTH, temperature: 1, seed: randomSeed() };
      const { texts } = await lab.ask('write', { modelId: model.id, prompt, count: 1, options });
      this.#text = texts[0];
      this.#written = prompt;
    } catch (error) {
      this.#error = error instanceof Error ? error.message : String(error);
    } finally {
      this.#writing = false;
    }
  }
}

export const writer = new Writer();
