import type { Result } from '../../lab/protocol';
import { randomSeed } from '../../feedback/identity';
import { proportion } from '../../feedback/proportion';
import { HELD_OUT_PROMPTS } from '../../text/prompts';
import { lab } from '../shell/lab.svelte';
import { notices } from '../shell/notices.svelte';
import type { Compared } from './compared';

export type ComparedRow = Result<'compare'>['rows'][number];

/** Openings that a policy was never trained on, in an order drawn anew. */
export function heldOutPrompts({ prompts }: Compared, count: number): string[] {
  const unseen = HELD_OUT_PROMPTS.filter((prompt) => !prompts?.includes(prompt));
  const drawn = unseen.map((prompt) => ({ prompt, draw: Math.random() })).sort((a, b) => a.draw - b.draw);
  return Array.from({ length: count }, (_, i) => drawn[i % drawn.length].prompt);
}

/** Base and tuned on the same prompts, by the same draws of chance. */
export class Comparing {
  #from = $state<'openings' | 'own'>('openings');
  #ownPrompt = $state('One morning, a small bear');
  #count = $state(4);
  #rows = $state.raw<readonly ComparedRow[]>([]);
  #busy = $state(false);

  /** The one of each state of a policy that was looked at: what it wrote is still there when one comes back to the room. */
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- nobody watches which there are
  static readonly #known = new Map<string, Comparing>();

  private constructor(readonly compared: Compared) {}

  static of(compared: Compared): Comparing {
    const known = Comparing.#known.get(compared.measuredAs) ?? new Comparing(compared);
    Comparing.#known.set(compared.measuredAs, known);
    return known;
  }

  get from() {
    return this.#from;
  }

  get ownPrompt(): string {
    return this.#ownPrompt;
  }

  get count(): number {
    return this.#count;
  }

  get rows(): readonly ComparedRow[] {
    return this.#rows;
  }

  get busy(): boolean {
    return this.#busy;
  }

  get ready(): boolean {
    return lab.ready && !this.#busy && (this.#from === 'openings' || this.#ownPrompt.trim() !== '');
  }

  /** How often what scores prefers the tuned text, of the rows shown where it prefers one. */
  get wins() {
    const gains = this.#rows.flatMap(({ base, tuned }) => (base.reward === null || tuned.reward === null || base.reward === tuned.reward ? [] : [tuned.reward - base.reward]));
    return proportion(gains.filter((gain) => gain > 0).length, gains.length);
  }

  chooseFrom(from: 'openings' | 'own'): void {
    this.#from = from;
  }

  writePrompt(prompt: string): void {
    this.#ownPrompt = prompt;
  }

  chooseCount(count: number): void {
    this.#count = count;
  }

  async compare(): Promise<void> {
    if (!this.ready) return;
    this.#busy = true;
    try {
      const { policy, responseLength, temperature } = this.compared;
      const prompts = this.#from === 'own' ? Array.from({ length: this.#count }, () => this.#ownPrompt) : heldOutPrompts(this.compared, this.#count);
      const { rows } = await lab.ask('compare', { ...policy, prompts, options: { maxNewTokens: responseLength, temperature, seed: randomSeed() } });
      this.#rows = rows;
    } catch (error) {
      notices.report('The two could not be compared', error);
    } finally {
      this.#busy = false;
    }
  }
}
