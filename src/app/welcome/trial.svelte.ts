import type { Comparison } from '../../feedback/judgement';
import { command } from '../shell/commands.svelte';
import { EXAMPLES } from './examples';

/** Judging the examples: the real thing in small, and nothing of it counts. */
class Trial {
  #at = $state(0);
  #answers = $state.raw<readonly ('first' | 'second')[]>([]);

  #current = $derived<Comparison | null>(this.#at < EXAMPLES.length ? asComparison(this.#at) : null);

  get current(): Comparison | null {
    return this.#current;
  }

  get answered(): number {
    return this.#answers.length;
  }

  get total(): number {
    return EXAMPLES.length;
  }

  readonly first = this.#command('first');
  readonly second = this.#command('second');

  #command(answer: 'first' | 'second') {
    return command(`trial.${answer}`, () => this.#answer(answer), () => this.#current !== null);
  }

  #answer(answer: 'first' | 'second'): void {
    this.#answers = [...this.#answers, answer];
    this.#at++;
  }
}

function asComparison(at: number): Comparison {
  const { prompt, responses } = EXAMPLES[at];
  return { id: `example-${at}`, datasetId: 'examples', order: at, prompt, responses: [...responses], swapped: false, source: { kind: 'imported', file: 'examples' }, created: 0 };
}

export const trial = new Trial();
