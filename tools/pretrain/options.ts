import { parseArgs } from 'node:util';
import { readModelConfig, type ModelConfig } from '../../src/model/config';
import type { PretrainingSettings } from '../../src/model/pretraining';
import type { BackendName } from '../../src/tensor/backend';

export const USAGE = `npm run pretrain -- --corpus FILE [options]

Trains a tokenizer and a language model on stories that lines of <|endoftext|>
separate. Stopped, it goes on from its last checkpoint when started again with
the same options.

  --corpus FILE      training text
  --valid FILE       validation text; without it, every fiftieth story is held out
  --out FOLDER       where tokenizer, token streams, weights and history go
                                                              (out/pretrain)
  --vocabulary N     tokens                                   (1024)
  --width N          of a hidden state                        (64)
  --depth N          layers                                   (3)
  --heads N          attention heads                          (4)
  --ffn N            width of the feed-forward layers         (176)
  --context N        longest sequence in tokens               (256)
  --batch N          sequences a step                         (16)
  --steps N          of training                              (6500)
  --lr X             largest learning rate                    (0.003)
  --eval-every N     steps between validations                (500)
  --save-every X     minutes between checkpoints, beside those at validations
                                                              (3)
  --seed N           of weights and batches                   (1)
  --backend NAME     webgpu, wasm or cpu                      (the best there is)
  --tokens-only      stop after tokenizer.json, train.bin and valid.bin`;

/** A command line that cannot be followed. */
export class UsageError extends Error {}

export interface PretrainOptions {
  corpus: string;
  valid: string | undefined;
  out: string;
  /** Tokens of the vocabulary that are asked for; a short text may give fewer. */
  vocabulary: number;
  /** The model's config but for the vocabulary that training the tokenizer gives. */
  configFor: (vocabulary: number) => ModelConfig;
  training: PretrainingSettings;
  evalEvery: number;
  /** Milliseconds between checkpoints. */
  saveEvery: number;
  backend: BackendName | undefined;
  tokensOnly: boolean;
}

const BACKENDS: readonly string[] = ['webgpu', 'wasm', 'cpu'] satisfies BackendName[];

/** Read the command line. Throws {@link UsageError}, and ModelConfigError for sizes that make no model. */
export function readOptions(args: string[]): PretrainOptions {
  const { values } = parse(args);
  const { corpus, out, backend } = values;
  if (!corpus) throw new UsageError('--corpus is needed.');
  if (backend !== undefined && !BACKENDS.includes(backend)) throw new UsageError(`--backend is one of ${BACKENDS.join(', ')}, not ${backend}.`);
  const count = (name: keyof typeof values): number => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < 1) throw new UsageError(`--${name} is a whole number from 1 on, not ${values[name]}.`);
    return value;
  };
  const positive = (name: keyof typeof values): number => {
    const value = Number(values[name]);
    if (!(value > 0) || !Number.isFinite(value)) throw new UsageError(`--${name} is a positive number, not ${values[name]}.`);
    return value;
  };
  const steps = count('steps');
  return {
    corpus,
    valid: values.valid,
    out,
    vocabulary: count('vocabulary'),
    configFor: (vocabulary) =>
      readModelConfig({
        vocab_size: vocabulary,
        hidden_size: count('width'),
        intermediate_size: count('ffn'),
        num_hidden_layers: count('depth'),
        num_attention_heads: count('heads'),
        max_position_embeddings: count('context'),
        pad_token_id: 0,
        bos_token_id: 1,
        eos_token_id: 1,
      }),
    training: { steps, batch: count('batch'), learningRate: positive('lr'), warmUp: Math.min(100, Math.ceil(steps / 10)), seed: count('seed') },
    evalEvery: count('eval-every'),
    saveEvery: positive('save-every') * 60_000,
    backend: backend as BackendName | undefined,
    tokensOnly: values['tokens-only'] ?? false,
  };
}

function parse(args: string[]) {
  const text = (fallback?: string) => ({ type: 'string', default: fallback }) as const;
  try {
    return parseArgs({
      args,
      options: {
        corpus: { type: 'string' },
        valid: { type: 'string' },
        out: { type: 'string', default: 'out/pretrain' },
        backend: { type: 'string' },
        'tokens-only': { type: 'boolean' },
        vocabulary: text('1024'),
        width: text('64'),
        depth: text('3'),
        heads: text('4'),
        ffn: text('176'),
        context: text('256'),
        batch: text('16'),
        steps: text('6500'),
        lr: text('0.003'),
        'eval-every': text('500'),
        'save-every': text('3'),
        seed: text('1'),
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
