import { overlapOf, sharedRuns, type Overlap, type Piece } from '../../text/overlap';
import { lab } from '../shell/lab.svelte';

export interface MeasuredText {
  text: string;
  pieces: readonly Piece[];
  overlap: Overlap;
}

/** One text a line; empty lines are none. */
const linesOf = (texts: string) => texts.split('\n').map((line) => line.trim()).filter((line) => line !== '');

/** Texts that are measured against references as somebody types them, and what a reward model thinks of them. */
class AgainstReferences {
  // A plain paraphrase, and the reference's own words without their sense.
  #references = $state('The weather is nice today, perfect for a walk.');
  #texts = $state('It is lovely outside, a good day for a stroll.\nToday walk weather is nice, perfect for a.');
  /** By text, of one reward model. */
  #rewards = $state.raw<{ modelId: string; of: ReadonlyMap<string, number> } | null>(null);
  #fault = $state<string | null>(null);

  #measured = $derived.by((): readonly MeasuredText[] => {
    const references = linesOf(this.#references);
    if (references.length === 0) return [];
    return linesOf(this.#texts).map((text) => ({ text, pieces: sharedRuns(text, references), overlap: overlapOf(text, references) }));
  });

  get references(): string {
    return this.#references;
  }

  get texts(): string {
    return this.#texts;
  }

  /** Empty without a reference or a text. */
  get measured(): readonly MeasuredText[] {
    return this.#measured;
  }

  /** Why the reward model could not score; null where it could. */
  get fault(): string | null {
    return this.#fault;
  }

  /** Undefined before it is known. */
  rewardOf(modelId: string, text: string): number | undefined {
    return this.#rewards?.modelId === modelId ? this.#rewards.of.get(text) : undefined;
  }

  writeReferences(references: string): void {
    this.#references = references;
  }

  writeTexts(texts: string): void {
    this.#texts = texts;
  }

  /** Let a reward model score the texts as they stand now; each is a whole text, without a beginning. */
  async score(modelId: string): Promise<void> {
    const texts = linesOf(this.#texts);
    if (texts.length === 0) return;
    try {
      const { scores } = await lab.ask('score', { rewardModelId: modelId, items: texts.map((response) => ({ prompt: '', response })) });
      this.#rewards = { modelId, of: new Map(texts.map((text, i) => [text, scores[i]])) };
      this.#fault = null;
    } catch (error) {
      this.#fault = error instanceof Error ? error.message : String(error);
    }
  }
}

export const againstReferences = new AgainstReferences();
