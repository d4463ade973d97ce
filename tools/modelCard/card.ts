import type { ModelConfig } from '../../src/model/config';
import type { History } from '../pretrain/history';
import { MAX_NEW_TOKENS, SAMPLES, SEED, TEMPERATURE } from './samples';

/** `card.json` in a model's folder: what its card says that the model's own files do not. */
export interface CardRecord {
  /** Of the run that made the weights; its last measurement at least. */
  history: History;
  /** What the history does not say about the run, in a sentence. */
  note?: string;
  train: { stories: number; bytes: number; tokens: number };
  valid: { stories: number; bytes: number; tokens: number };
  /** This project's own measurement on the shipped weights. */
  verified: { stories: number; natsPerToken: number; bitsPerByte: number; backend: string };
  /** Words of the samples, and those of them that the training text never uses. */
  sampleWords?: { all: number; strange: number };
}

export interface CardFacts {
  title: string;
  config: ModelConfig;
  parameters: number;
  /** Size of model.safetensors. */
  bytes: number;
  record: CardRecord;
}

const number = (value: number) => value.toLocaleString('en-US');
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(2)} MB`;

/** The model card, README.md, with the front matter that the Hub reads. */
export function modelCard(facts: CardFacts): string {
  const { title, config, parameters, bytes, record } = facts;
  const { history, note, train, valid, verified, sampleWords } = record;
  const last = history.history.at(-1)!;
  const part = verified.stories < valid.stories ? `the first ${verified.stories} of the ${valid.stories} validation stories` : `all ${valid.stories} validation stories`;
  return `---
license: mit
language: en
library_name: transformers
pipeline_tag: text-generation
datasets:
  - roneneldan/TinyStories
tags:
  - llama
  - tinystories
  - nudge
---

# ${title}

A language model of ${number(parameters)} parameters that writes stories for small children in simple English. It is the starting point of Nudge, a lab for learning from human feedback in a browser tab: small enough to be trained there, good enough to be worth judging.

| | |
| --- | --- |
| Architecture | decoder-only transformer in the Hub's Llama layout: RMSNorm, rotary positions, SwiGLU, tied embeddings |
| Layers, width, heads, feed-forward width | ${config.num_hidden_layers}, ${config.hidden_size}, ${config.num_attention_heads}, ${config.intermediate_size} |
| Context | ${config.max_position_embeddings} tokens |
| Tokenizer | byte-level BPE, ${number(config.vocab_size)} tokens, learnt from the training text |
| Weights | half precision, ${megabytes(bytes)} |
| Tokens seen in training | ${number(last.tokens)}: ${(last.tokens / train.tokens).toFixed(1)} epochs |
| **Validation loss** | **${last.valid_nats.toFixed(4)} nats a token, ${last.valid_bits_per_byte.toFixed(4)} bits a byte** |

![Loss over training](loss.svg)

The training loss is a running mean over rows that begin anywhere in a story, the validation loss reads each story from its beginning: the second may lie below the first. Bits a byte are the total nats of the validation text, each story's end included, divided by ln 2 and by the ${number(valid.bytes)} bytes of its file; they compare across tokenizers. Measured again on the half-precision weights of this folder, with this project's own forward pass (${verified.backend}) on ${part}: ${verified.natsPerToken.toFixed(4)} nats a token, ${verified.bitsPerByte.toFixed(4)} bits a byte.

## What it writes

[samples.md](samples.md) holds ${SAMPLES} unedited samples (temperature ${TEMPERATURE}, seed ${SEED}, at most ${MAX_NEW_TOKENS} tokens).${sampleWords ? ` ${strangeWords(sampleWords)}` : ''} Every text begins with \`<|endoftext|>\` (id ${config.bos_token_id}), as every story did in training.

\`\`\`python
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast
tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
model = AutoModelForCausalLM.from_pretrained(folder)
prompt = tokenizer("<|endoftext|>The old bear woke up and", return_tensors="pt")
print(tokenizer.decode(model.generate(prompt.input_ids, max_new_tokens=100, do_sample=True, temperature=0.8)[0]))
\`\`\`

It knows no facts, follows no instructions, and loses the thread of longer stories. Nothing outside small children's stories was in its training text.

## Where it comes from

- **Text.** TinyStories: R. Eldan and Y. Li, “TinyStories: How Small Can Language Models Be and Still Speak Coherent English?”, [arXiv 2305.07759](https://arxiv.org/abs/2305.07759), published as \`roneneldan/TinyStories\` under [CDLA-Sharing-1.0](https://cdla.dev/sharing-1-0/). The stories were written by GPT-3.5 and GPT-4. A cleaned selection in plain ASCII was used: ${number(train.stories)} stories (${megabytes(train.bytes)}, ${number(train.tokens)} tokens) for training and ${number(valid.stories)} others (${megabytes(valid.bytes)}, ${number(valid.tokens)} tokens) for validation. The selection was made from copies in public repositories and overlaps the official validation split, so don't quote a score on that split for this model. The text itself is no part of this project.
- **Training.** ${training(history)}${note ? `\n  ${note}` : ''}
- **Licence.** The weights: MIT, like the rest of the project, with credit to TinyStories. The text: CDLA-Sharing-1.0.
`;
}

const strangeWords = ({ all, strange }: NonNullable<CardRecord['sampleWords']>) =>
  `Of the ${number(all)} words that it wrote there, ${number(strange)} (${((100 * strange) / all).toFixed(1)} %) occur nowhere in its training text.`;

// Options that say where files lay or how fast the machine was, and nothing about the result.
const OF_THE_MACHINE = new Set(['tokens', 'out', 'threads']);

/** How the run was done: the twin's `history.json` holds its command's options, that of `npm run pretrain` names its backend. */
function training({ settings }: History): string {
  if (typeof settings.backend === 'string')
    return `By \`npm run pretrain\`, this project's own model and AdamW, on ${settings.backend}, with these settings: \`${JSON.stringify(settings)}\`.`;
  const options = Object.entries(settings)
    .filter(([name]) => !OF_THE_MACHINE.has(name))
    .map(([name, value]) => ` \\\n    --${name.replaceAll('_', '-')} ${String(value)}`);
  return `By the PyTorch twin of the model, with Muon for the matrices and AdamW for everything else, the learning rate rising over 100 steps and falling linearly to 0, gradients clipped at a norm of 1. \`npm run pretrain -- --tokens-only\` made the tokenizer and the token streams; then:

  \`\`\`
  python3 tests/reference/pretrain.py --tokens TOKENS --out OUT${options.join('')}
  \`\`\``;
}
