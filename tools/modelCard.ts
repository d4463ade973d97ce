import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { toHubTokenizerConfig } from '../src/model/config';
import { openLanguageModel, type LanguageModel } from '../src/model/languageModel';
import { countParameters, toParameters } from '../src/model/parameters';
import { bitsPerByte, validationLoss } from '../src/model/validation';
import { encodeStories, splitStories, storiesOf } from '../src/text/corpus';
import { END_OF_TEXT } from '../src/text/bpe';
import type { BackendName } from '../src/tensor/backend';
import { startDevice } from './device';
import { writeWhole } from './files';
import { modelCard, type CardRecord } from './modelCard/card';
import { lossCurve } from './modelCard/lossCurve';
import { countStrangeWords, drawSamples, samplesPage } from './modelCard/samples';
import type { History } from './pretrain/history';

const USAGE = `npm run model-card -- [options]

Writes the cards of the shipped models, README.md, from card.json and the model
in each folder of public/models. With the two texts it first measures a model's
validation loss again with this project's own forward pass, draws its samples,
and keeps what it found in card.json, samples.md and tokenizer_config.json.

  --model NAME       only this one
  --corpus FILE      the training text
  --valid FILE       the validation text
  --stories N        measure on the first N validation stories only
  --history FILE     history.json of the run that made the weights, which is
                     then kept in card.json and drawn as loss.svg
  --backend NAME     webgpu, wasm or cpu (the best there is)`;

const OPTIONS = ['model', 'corpus', 'valid', 'stories', 'history', 'backend'] as const;
const MODELS = 'public/models';

/** How far the measured loss may lie from the recorded one: half precision and another order of sums move it less. */
const TOLERANCE = 0.002;

type Options = Partial<Record<(typeof OPTIONS)[number], string>>;

async function main(): Promise<void> {
  const options: Options = readOptions();
  const { model: only, corpus, valid, history } = options;
  const shipped = (JSON.parse(readFileSync(join(MODELS, 'index.json'), 'utf8')) as { name: string; title: string }[]).filter(({ name }) => only === undefined || name === only);
  if (shipped.length === 0 || (corpus === undefined) !== (valid === undefined)) throw new Error(USAGE);
  if (history !== undefined && (only === undefined || corpus === undefined)) throw new Error(`A history belongs to one --model, which is measured with it.\n\n${USAGE}`);

  for (const { name, title } of shipped) {
    const folder = join(MODELS, name);
    const text = (file: string) => readFileSync(join(folder, file), 'utf8');
    const weightsFile = join(folder, 'model.safetensors');
    const model = openLanguageModel({ config: text('config.json'), tokenizer: text('tokenizer.json'), weights: readFileSync(weightsFile) });
    let record: CardRecord = JSON.parse(text('card.json'));
    if (corpus !== undefined && valid !== undefined) {
      record = await measure(folder, title, model, record, { ...options, corpus, valid });
      writeWhole(join(folder, 'card.json'), `${JSON.stringify(record, null, 2)}\n`);
    }
    const parameters = countParameters(model.weights.values());
    writeWhole(join(folder, 'README.md'), modelCard({ title, config: model.config, parameters, bytes: statSync(weightsFile).size, record }));
    console.log(`${join(folder, 'README.md')} is written`);
  }
}

function readOptions(): Options {
  try {
    return parseArgs({ options: Object.fromEntries(OPTIONS.map((name) => [name, { type: 'string' as const }])) }).values as Options;
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${USAGE}`, { cause: error });
  }
}

/** Measure a model's loss and draw its samples; writes everything but card and record. Throws where the loss is not the one on record. */
async function measure(folder: string, title: string, model: LanguageModel, record: CardRecord, options: Options & { corpus: string; valid: string }): Promise<CardRecord> {
  const { config, tokenizer, weights } = model;
  const history = options.history === undefined ? record.history : (JSON.parse(readFileSync(options.history, 'utf8')) as History);
  const parameters = countParameters(weights.values());
  if (parameters !== history.parameters) throw new Error(`The model has ${parameters} parameters, and the history is of one with ${history.parameters}.`);

  const read = (file: string) => {
    const stories = splitStories(readFileSync(file, 'utf8'));
    return { stories, bytes: statSync(file).size, stream: encodeStories(tokenizer, stories) };
  };
  const [trainText, validText] = [read(options.corpus), read(options.valid)];
  const count = options.stories === undefined ? validText.stories.length : Number(options.stories);

  const adapter = await startDevice(options.backend as BackendName | undefined);
  const onDevice = toParameters(weights);
  console.log(`measuring ${title} on ${count} validation stories, on ${adapter.name}`);
  const { nats, tokens } = await validationLoss(onDevice, config, storiesOf(validText.stream, config.eos_token_id).slice(0, count));
  const whole = count >= validText.stories.length;
  const bytes = whole ? validText.bytes : Buffer.byteLength(validText.stories.slice(0, count).map((story) => `${story}\n${END_OF_TEXT}\n`).join(''));
  const verified = { stories: Math.min(count, validText.stories.length), natsPerToken: nats / tokens, bitsPerByte: bitsPerByte(nats, bytes), backend: `tfjs, ${adapter.backend}` };
  const recorded = history.history.at(-1)!.valid_nats;
  console.log(`${verified.natsPerToken.toFixed(4)} nats a token, ${verified.bitsPerByte.toFixed(4)} bits a byte; the history says ${recorded.toFixed(4)} nats`);
  if (whole && Math.abs(verified.natsPerToken - recorded) > TOLERANCE * recorded)
    throw new Error('The weights do not have the loss that their history records: they belong to another run or another checkpoint.');

  console.log('drawing samples');
  const samples = await drawSamples(model, onDevice);
  const sampleWords = countStrangeWords(samples, trainText.stories);
  console.log(`${sampleWords.strange} of their ${sampleWords.all} words are not in the training text`);
  const summary = ({ stories, bytes, stream }: typeof trainText) => ({ stories: stories.length, bytes, tokens: stream.length });
  writeWhole(join(folder, 'samples.md'), samplesPage(title, samples));
  writeWhole(join(folder, 'tokenizer_config.json'), `${JSON.stringify(toHubTokenizerConfig(config), null, 2)}\n`);
  if (options.history !== undefined) writeWhole(join(folder, 'loss.svg'), lossCurve(title, history.history));
  return { ...record, history, train: summary(trainText), valid: summary(validText), verified, sampleWords };
}

main().then(
  () => process.exit(0),
  (error: Error) => {
    console.error(error.message);
    process.exit(1);
  },
);
