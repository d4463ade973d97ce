import { div, neg, sum, type Scalar } from '@tensorflow/tfjs-core';
import type { ModelConfig } from '../model/config';
import type { LanguageModel } from '../model/languageModel';
import { disposeParameters, toWeights, type Parameters, type Weights } from '../model/parameters';
import { Sequences, type Sequence } from '../model/sequences';
import { trainedOf, tunedParameters, tunedWeights } from '../model/tuning';
import { splitByPrompt } from '../reward/split';
import { RandomStream } from '../tensor/random';
import type { Examples } from '../text/examples';
import { trainEpochs, TuningError, type EpochState, type Objective } from './epochs';
import type { SftReport, SftSettings } from './sftSettings';

/*
 * Supervised fine-tuning: the first stage of the usual pipeline (Ouyang et al.
 * 2022, §3.1), in which a model learns to go on as the examples do.
 */

/** −Σ log π(completion | prompt) / number of completion tokens: prompts and padding cost nothing, and a long completion counts for more than a short one. */
export class CompletionObjective implements Objective {
  private readonly sequences: Sequences;

  constructor(
    readonly parameters: Parameters,
    config: ModelConfig,
    examples: readonly Sequence[],
    private readonly settings: Pick<SftSettings, 'batchSize' | 'microbatchSize'>,
  ) {
    this.sequences = new Sequences(config, examples, 1);
  }

  get count(): number {
    return this.sequences.count;
  }

  /** Tokens that are learned. */
  get tokens(): number {
    return this.sequences.tokens(this.all);
  }

  async minibatch(rows: Int32Array): Promise<(part: Int32Array) => Scalar> {
    const tokens = this.sequences.tokens(rows);
    return (part) => div(neg(sum(this.sequences.logProbs(this.parameters, part, this.size))), tokens) as Scalar;
  }

  /** Mean loss over all examples as the model is now, in nats a token; null of none. */
  async evaluate(): Promise<number | null> {
    if (this.count === 0) return null;
    const logProbs = await this.sequences.measure(this.parameters, this.all, this.size);
    return -logProbs.reduce((total, logProb) => total + logProb, 0) / this.tokens;
  }

  private get all(): Int32Array {
    return Int32Array.from({ length: this.count }, (_, row) => row);
  }

  /** Examples of one pass over the device. */
  private get size(): number {
    const { batchSize, microbatchSize } = this.settings;
    return Math.max(1, Math.min(microbatchSize ?? batchSize, batchSize, this.count));
  }
}

export interface SftTraining {
  model: LanguageModel;
  examples: Examples;
  settings: SftSettings;
  /** Go on from here. */
  from?: EpochState;
  /** Told now and then where the training stands. */
  keep?: (state: EpochState) => void;
  /** Awaited after each step, so that it can let others in; where it rejects, the training ends. */
  onStep?: (done: number, total: number, loss: number) => void | Promise<void>;
}

/**
 * Fine-tune a model on examples. Examples of one beginning are held out
 * together, and so are the pieces of one text where there are several. The
 * same settings and data give the same model. Throws TuningError.
 */
export async function fineTune({ model, examples, settings, from, keep, onStep }: SftTraining): Promise<{ weights: Weights; report: SftReport }> {
  const started = performance.now();
  const all = tokenExamples(model, examples, settings.pieceLength);
  const readable = all.filter(({ sequence }) => sequence.prompt.length + sequence.response.length <= model.config.max_position_embeddings);
  if (all.length === 0) throw new TuningError('There is no example to learn from. Give at least one that is not empty.');
  if (readable.length === 0)
    throw new TuningError(`Every example is longer than the ${model.config.max_position_embeddings} tokens that the model reads, so there is nothing to learn from. Nothing was changed; give shorter ones.`);
  const random = new RandomStream(settings.seed);
  const { train, heldOut } = splitByPrompt(readable, settings.heldOutShare, random.fork('split'));

  const parameters = tunedParameters(model.weights, model.config, settings.tune, 'value', random.fork('adapter'));
  try {
    const objectiveOf = (part: readonly Example[]) => new CompletionObjective(parameters, model.config, part.map(({ sequence }) => sequence), settings);
    const [learned, tested] = [objectiveOf(train), objectiveOf(heldOut)];
    const curves = await trainEpochs(learned, settings, { heldOutLoss: () => tested.evaluate(), from, keep, onStep });
    return {
      weights: tunedWeights(model.weights, await toWeights(trainedOf(parameters)), settings.tune),
      report: {
        trainExamples: train.length,
        heldOutExamples: heldOut.length,
        leftOut: all.length - readable.length,
        trainTokens: learned.tokens,
        ...curves,
        seconds: (performance.now() - started) / 1000,
      },
    };
  } finally {
    disposeParameters(parameters);
  }
}

/** What is read at once; examples of one `prompt` are never on both sides of the split. */
interface Example {
  prompt: string;
  sequence: Sequence;
}

/**
 * Examples as token ids. A completion ends with the end-of-sequence token, so
 * that ending is learned too. A whole text is a completion of the bos token
 * alone; a longer one is cut into pieces, each of which begins with the token
 * before it, so that every token is predicted exactly once.
 */
export function tokenExamples({ config, tokenizer }: Pick<LanguageModel, 'config' | 'tokenizer'>, examples: Examples, pieceLength: number): Example[] {
  const { bos_token_id: bos, eos_token_id: eos, max_position_embeddings: context } = config;
  if (examples.kind === 'demonstrations')
    return examples.demonstrations.map(({ prompt, completion }) => ({
      prompt,
      sequence: { prompt: [bos, ...tokenizer.encode(prompt)], response: [...tokenizer.encode(completion), eos] },
    }));
  const length = Math.min(pieceLength, context - 1);
  const texts = examples.texts.filter((text) => text !== '');
  return texts.flatMap((text, place) => {
    const tokens = [bos, ...tokenizer.encode(text), eos];
    return Array.from({ length: Math.ceil((tokens.length - 1) / length) }, (_, piece): Example => {
      const start = piece * length;
      return { prompt: String(texts.length > 1 ? place : piece), sequence: { prompt: tokens.slice(start, start + 1), response: tokens.slice(start + 1, start + 1 + length) } };
    });
  });
}
