import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { toHubTokenizerConfig } from '../src/model/config';
import { openLanguageModel } from '../src/model/languageModel';
import { countParameters, toParameters } from '../src/model/parameters';
import { bitsPerByte, validationLoss } from '../src/model/validation';
import { encodeStories, splitStories, storiesOf } from '../src/text/corpus';
import { END_OF_TEXT } from '../src/text/bpe';
import type { BackendName } from '../src/tensor/backend';
import { startDevice } from './device';
import { writeWhole } from './files';
import { modelCard } from './modelCard/card';
import { lossCurve } from './modelCard/lossCurve';
import { drawSamples, samplesPage } from './modelCard/samples';
import type { History } from './pretrain/history';

const USAGE = `npm run model-card -- --model FOLDER --history FILE --corpus FILE --valid FILE --title TEXT [options]

Writes README.md, loss.svg, samples.md and tokenizer_config.json beside a
model's weights, after measuring its validation loss again with this project's
own forward pass.

  --model FOLDER     with model.safetensors, config.json and tokenizer.json
  --history FILE     history.json of the run that made the weights
  --corpus FILE      the training text
  --valid FILE       the validation text
  --title TEXT       what to call the model
  --stories N        measure on the first N validation stories only
  --backend NAME     webgpu, wasm or cpu (the best there is)`;

/** How far the measured loss may lie from the recorded one: half precision and another order of sums move it less. */
const TOLERANCE = 0.002;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: Object.fromEntries(['model', 'history', 'corpus', 'valid', 'title', 'stories', 'backend'].map((name) => [name, { type: 'string' as const }])),
  });
  const { model: folder, history: historyFile, corpus, valid, title } = values as Record<string, string | undefined>;
  if (!folder || !historyFile || !corpus || !valid || !title) throw new Error(USAGE);

  const text = (name: string) => readFileSync(join(folder, name), 'utf8');
  const weightsFile = join(folder, 'model.safetensors');
  const model = openLanguageModel({ config: text('config.json'), tokenizer: text('tokenizer.json'), weights: readFileSync(weightsFile) });
  const { config, tokenizer, weights } = model;
  const history = JSON.parse(readFileSync(historyFile, 'utf8')) as History;
  const parameters = countParameters(weights.values());
  if (parameters !== history.parameters) throw new Error(`The model has ${parameters} parameters, and the history is of one with ${history.parameters}.`);

  const measure = (file: string) => {
    const stories = splitStories(readFileSync(file, 'utf8'));
    return { stories, bytes: statSync(file).size, stream: encodeStories(tokenizer, stories) };
  };
  const [trainText, validText] = [measure(corpus), measure(valid)];
  const count = values.stories === undefined ? validText.stories.length : Number(values.stories);

  const adapter = await startDevice(values.backend as BackendName | undefined);
  const onDevice = toParameters(weights);
  console.log(`measuring ${count} validation stories on ${adapter.name}`);
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
  const summary = ({ stories, bytes, stream }: typeof trainText) => ({ stories: stories.length, bytes, tokens: stream.length });
  writeWhole(join(folder, 'samples.md'), samplesPage(title, samples));
  writeWhole(join(folder, 'loss.svg'), lossCurve(title, history.history));
  writeWhole(join(folder, 'tokenizer_config.json'), `${JSON.stringify(toHubTokenizerConfig(config), null, 2)}\n`);
  writeWhole(
    join(folder, 'README.md'),
    modelCard({ title, config, parameters, bytes: statSync(weightsFile).size, history, train: summary(trainText), valid: summary(validText), verified }),
  );
}

main().then(
  () => process.exit(0),
  (error: Error) => {
    console.error(error.message);
    process.exit(1);
  },
);
