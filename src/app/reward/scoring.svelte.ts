import { lab } from '../shell/lab.svelte';

/** Long enough that a word is typed, short enough to feel live. */
const PAUSE_MS = 350;

/** A model's continuation begins with the space before its first word; a person does not type that. */
const continuation = (text: string) => (/^[\p{L}\p{N}"“]/u.test(text) ? ` ${text}` : text);

/** The score of a text as somebody types it. */
export class Scoring {
  #prompt = $state('One day, a little girl named Mia went to the park.');
  #response = $state('She saw a small dog and they played all day. Mia was very happy.');
  #score = $state<number | null>(null);
  #members = $state.raw<readonly number[] | null>(null);
  #error = $state<string | null>(null);
  #waiting = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  constructor(private readonly rewardModelId: string) {}

  get prompt(): string {
    return this.#prompt;
  }

  get response(): string {
    return this.#response;
  }

  /** In standard deviations of the base model’s own texts; null before the first answer. */
  get score(): number | null {
    return this.#score;
  }

  /** The rewards of each member of an ensemble; null where one model scores. */
  get members(): readonly number[] | null {
    return this.#members;
  }

  get error(): string | null {
    return this.#error;
  }

  /** What is shown belongs to an earlier text. */
  get waiting(): boolean {
    return this.#waiting;
  }

  write(part: { prompt?: string; response?: string }): void {
    this.#prompt = part.prompt ?? this.#prompt;
    this.#response = part.response ?? this.#response;
    this.askSoon();
  }

  askSoon(): void {
    clearTimeout(this.#timer);
    this.#waiting = true;
    this.#timer = setTimeout(() => void this.#ask(), PAUSE_MS);
  }

  forget(): void {
    clearTimeout(this.#timer);
  }

  async #ask(): Promise<void> {
    const question = ++this.#asked;
    if (this.#response.trim() === '') {
      this.#score = null;
      this.#waiting = false;
      return;
    }
    try {
      const { scores, members } = await lab.ask('score', { rewardModelId: this.rewardModelId, items: [{ prompt: this.#prompt, response: continuation(this.#response) }] });
      if (question !== this.#asked) return;
      this.#score = scores[0];
      this.#members = members?.map(([reward]) => reward) ?? null;
      this.#error = null;
    } catch (error) {
      if (question !== this.#asked) return;
      this.#error = error instanceof Error ? error.message : String(error);
    }
    this.#waiting = false;
  }
}
