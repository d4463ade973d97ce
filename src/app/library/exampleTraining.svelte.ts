import { SFT_DEFAULTS, type SftSettings } from '../../lab/protocol';
import { countExamples, plainExamples, readExamples, type Examples } from '../../text/examples';
import { isSound } from '../settings/fields';
import { SFT_FIELDS } from '../settings/sftFields';
import { lab } from '../shell/lab.svelte';
import { LossCurve } from '../shell/lossCurve.svelte';
import { notices } from '../shell/notices.svelte';
import { shelf } from '../shell/shelf.svelte';

/** Training a language model on examples: from a file, or a text that was written or pasted. */
class ExampleTraining {
  #modelId = $state<string | null>(null);
  #settings = $state.raw<SftSettings>(SFT_DEFAULTS);
  #from = $state<'file' | 'own'>('file');
  #file = $state.raw<{ name: string; examples: Examples } | null>(null);
  #fault = $state<string | null>(null);
  #text = $state('');
  #name = $state('');
  readonly losses = new LossCurve();

  /** The model that the form is open for. */
  get modelId(): string | null {
    return this.#modelId;
  }

  get settings(): SftSettings {
    return this.#settings;
  }

  get from() {
    return this.#from;
  }

  /** Why the chosen file cannot be used. */
  get fault(): string | null {
    return this.#fault;
  }

  get text(): string {
    return this.#text;
  }

  /** What the new model will be called. */
  get name(): string {
    return this.#name;
  }

  /** The examples and what they are called. */
  get chosen(): { name: string; examples: Examples } | null {
    if (this.#from === 'file') return this.#file;
    return this.#text.trim() === '' ? null : { name: 'a text of one’s own', examples: plainExamples(this.#text) };
  }

  get job() {
    return lab.job('trainOnExamples');
  }

  get ready(): boolean {
    return lab.ready && !this.job && this.#modelId !== null && this.#name.trim() !== '' && this.chosen !== null && countExamples(this.chosen.examples) > 0 && isSound(SFT_FIELDS, this.#settings);
  }

  open(modelId: string): void {
    this.#modelId = modelId;
    this.#name = `${shelf.nameOf(modelId)}, trained on examples`;
  }

  close(): void {
    this.#modelId = null;
  }

  change(settings: SftSettings): void {
    this.#settings = settings;
  }

  chooseFrom(from: 'file' | 'own'): void {
    this.#from = from;
  }

  write(text: string): void {
    this.#text = text;
  }

  call(name: string): void {
    this.#name = name;
  }

  async chooseFile([file]: readonly File[]): Promise<void> {
    this.#file = null;
    this.#fault = null;
    try {
      this.#file = { name: file.name.slice(0, 200), examples: /\.jsonl?$/i.test(file.name) ? await readExamples(file) : plainExamples(await file.text()) };
    } catch (error) {
      this.#fault = (error as Error).message;
    }
  }

  /** Train, beside whatever the person does meanwhile; the new model stands in the list then. */
  async start(): Promise<void> {
    const { chosen, modelId } = this;
    if (!this.ready || !chosen || !modelId) return;
    const [name, settings] = [this.#name.trim(), $state.snapshot(this.#settings) as SftSettings];
    this.close();
    const done = await this.losses.follow(() => lab.begin('trainOnExamples', { baseModelId: modelId, name, source: chosen.name, examples: chosen.examples, settings }, 'Training on examples'));
    if (done) notices.tell('The trained model is kept', `“${name}” is in the Library now. It can write pairs to judge, and be the base model of a run.`);
  }
}

export const exampleTraining = new ExampleTraining();
