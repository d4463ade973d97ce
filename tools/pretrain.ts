import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toHubConfig, type ModelConfig } from '../src/model/config';
import { countParameters } from '../src/model/parameters';
import { Pretrainer } from '../src/model/pretraining';
import { writeSafetensors } from '../src/model/safetensors';
import { bitsPerByte, validationLoss } from '../src/model/validation';
import { storiesOf } from '../src/text/corpus';
import { startDevice } from './device';
import { writeWhole } from './files';
import { packCheckpoint, unpackCheckpoint, type Checkpoint } from './pretrain/checkpoint';
import type { History, HistoryPoint } from './pretrain/history';
import { readOptions, USAGE, UsageError, type PretrainOptions } from './pretrain/options';
import { Progress } from './pretrain/progress';
import { readCorpus, tokenize, type CorpusText, type TokenStreams } from './pretrain/tokens';

/** Share of the newest loss in the running mean. */
const SMOOTHING = 0.02;
/** Losses are read back once in so many steps: each reading waits for the device. */
const READ_EVERY = 10;

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  mkdirSync(options.out, { recursive: true });
  const corpus = readCorpus(options.corpus, options.valid);
  console.log(`${corpus.train.length} stories to learn from, ${corpus.valid.length} to validate on`);
  const streams = tokenize(corpus, options.vocabulary);
  console.log(`${streams.tokenizer.vocabularySize} tokens in the vocabulary, ${streams.train.length} in the training text, ${streams.valid.length} in the validation text`);
  saveTokens(options.out, streams);
  if (!options.tokensOnly) await train(options, corpus, streams);
}

function saveTokens(out: string, { tokenizer, train, valid }: TokenStreams): void {
  writeWhole(join(out, 'tokenizer.json'), JSON.stringify(tokenizer.toJson()));
  writeWhole(join(out, 'train.bin'), new Uint8Array(train.buffer));
  writeWhole(join(out, 'valid.bin'), new Uint8Array(valid.buffer));
}

async function train(options: PretrainOptions, corpus: CorpusText, streams: TokenStreams): Promise<void> {
  const { training, out } = options;
  const config = options.configFor(streams.tokenizer.vocabularySize);
  const settings = { ...config, ...training, corpus_sha256: corpus.sha256, valid_bytes: corpus.validBytes };
  const checkpoint = readCheckpoint(out, JSON.stringify(settings));
  const adapter = await startDevice(options.backend);
  const trainer = new Pretrainer(config, training, streams.train, checkpoint?.state);
  const history: HistoryPoint[] = checkpoint?.history ?? [];
  const parameters = countParameters(trainer.parameters.values());
  const tokensPerStep = training.batch * config.max_position_embeddings;
  const epochs = (training.steps * tokensPerStep) / streams.train.length;
  console.log(`${parameters} parameters, ${epochs.toFixed(1)} epochs, on ${adapter.name} (${adapter.backend})`);
  if (checkpoint) console.log(`going on at step ${trainer.step}`);

  const stories = storiesOf(streams.valid, config.eos_token_id);
  const progress = new Progress(training.steps, trainer.step, tokensPerStep);
  let saved = performance.now();
  let running = history.at(-1)?.train_nats;
  while (trainer.step < training.steps) {
    const loss = trainer.update();
    const due = trainer.step % options.evalEvery === 0 || trainer.step === training.steps;
    const read = due || trainer.step % READ_EVERY === 0 || running === undefined;
    if (read) {
      const [nats] = await loss.data();
      if (!Number.isFinite(nats)) throw new Error(`The loss is ${nats} at step ${trainer.step}: try a lower learning rate.`);
      running = running === undefined ? nats : running + (1 - (1 - SMOOTHING) ** READ_EVERY) * (nats - running);
      progress.show(trainer.step, running);
    }
    loss.dispose();

    if (due) {
      const { nats, tokens } = await validationLoss(trainer.parameters, config, stories);
      const point = {
        step: trainer.step,
        tokens: trainer.step * tokensPerStep,
        train_nats: running!,
        valid_nats: nats / tokens,
        valid_bits_per_byte: bitsPerByte(nats, corpus.validBytes),
      };
      history.push(point);
      progress.note(`step ${point.step}: validation ${point.valid_nats.toFixed(4)} nats a token, ${point.valid_bits_per_byte.toFixed(4)} bits a byte`);
    }
    // Only where the loss was just seen to be finite: a run must never resume from weights that are not.
    if (due || (read && performance.now() - saved >= options.saveEvery)) {
      await save(out, config, trainer, { settings: { ...settings, backend: adapter.backend, adapter: adapter.name }, parameters, history }, JSON.stringify(settings));
      saved = performance.now();
    }
  }
  trainer.dispose();
}

/** The checkpoint of this run in its folder, if there is one. Throws {@link UsageError} where it belongs to another run. */
function readCheckpoint(out: string, settings: string): Checkpoint | undefined {
  const path = join(out, 'checkpoint.safetensors');
  if (!existsSync(path)) return undefined;
  const checkpoint = unpackCheckpoint(readFileSync(path));
  if (checkpoint.settings !== settings)
    throw new UsageError(`${path} belongs to a run with other options or another text. Remove it, or choose another --out.`);
  return checkpoint;
}

async function save(out: string, config: ModelConfig, trainer: Pretrainer, record: History, settings: string): Promise<void> {
  const state = await trainer.state();
  writeWhole(join(out, 'checkpoint.safetensors'), packCheckpoint({ state, settings, history: record.history }));
  writeWhole(join(out, 'model.safetensors'), writeSafetensors(state.weights, { dtype: 'F16' }));
  writeWhole(join(out, 'config.json'), `${JSON.stringify(toHubConfig(config, 'float16'), null, 2)}\n`);
  writeWhole(join(out, 'history.json'), `${JSON.stringify(record, null, 1)}\n`);
}

main().then(
  () => process.exit(0),
  (error: Error) => {
    console.error(error instanceof UsageError ? `${error.message}\n\n${USAGE}` : error.stack ?? error.message);
    process.exit(1);
  },
);
