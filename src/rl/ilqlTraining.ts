import { tensor } from '@tensorflow/tfjs-core';
import { proportion, type Proportion } from '../feedback/proportion';
import { guidingWeights, initCriticHeads, TARGET } from '../model/critic';
import type { LanguageModel } from '../model/languageModel';
import { disposeParameters, toParameters, toWeights, type Parameters, type Weights } from '../model/parameters';
import { trainedOf, tunedParameters, tunedWeights } from '../model/tuning';
import { fits } from '../reward/rewardModel';
import { splitByPrompt } from '../reward/split';
import { RandomStream } from '../tensor/random';
import { trainEpochs, TuningError, type EpochState, type JudgementTraining } from './epochs';
import { IlqlObjective, type RewardedText } from './ilql';
import type { IlqlReport, IlqlSettings } from './ilqlSettings';
import { judgedRewards, type JudgedRewards } from './judgedRewards';
import { sampledKl } from './sampledKl';

/** Where a training stands, its target heads among it. */
export interface IlqlState extends EpochState {
  targets: Weights;
}

/** The critic's trunk starts as the training's model, which it then guides. */
export type IlqlTraining = JudgementTraining<IlqlSettings, IlqlState>;

/**
 * Learn a critic from judgements (Snell et al. 2022): split by prompt as a
 * reward model's judgements are, epochs of the loss, report on the prompts held
 * out. The judgement is the reward, as {@link judgedRewards} has it. So no reward
 * model is needed, and the method stands beside DPO on equal terms. What was
 * judged is the text alone, so it ends with its last token. The same settings
 * and data give the same critic. Throws TuningError.
 */
export async function trainCritic(training: IlqlTraining): Promise<{ critic: Weights; report: IlqlReport }> {
  const { model, preferences, settings, from, keep, onProgress, signal } = training;
  const { config, tokenizer } = model;
  const started = performance.now();
  const judged = preferences.flatMap(judgedRewards);
  if (judged.length === 0) throw new TuningError('Nothing is judged, so there is nothing to learn from. Judge some texts first.');
  const readable = judged.filter(({ prompt, responses }) => responses.every((response) => response !== '' && fits(model, { prompt, response })));
  if (readable.length === 0)
    throw new TuningError(`Every judgement has an empty text or one longer than the ${config.max_position_embeddings} tokens that the model reads, so there is nothing to learn from. Nothing was changed; judge or import others.`);
  const random = new RandomStream(settings.seed);
  const { train, heldOut } = splitByPrompt(readable, settings.heldOutShare, random.fork('split'));

  const start = new Map([...model.weights, ...initCriticHeads(config, random.fork('heads'))]);
  const parameters = tunedParameters(start, config, settings.tune, 'critic', random.fork('adapter'));
  const targets: Parameters = new Map([...parameters].filter(([name]) => name.startsWith(TARGET)));
  const base = toParameters(model.weights, () => false);
  try {
    const textsOf = (list: readonly JudgedRewards[]) => list.flatMap((one) => rewardedTexts(model, one));
    const [texts, testTexts] = [textsOf(train), textsOf(heldOut)];
    const [learned, tested] = [texts, testTexts].map((list) => new IlqlObjective(parameters, config, list, settings));
    if (from) restore(targets, from.targets);
    const curves = await trainEpochs(learned, settings, {
      heldOutLoss: async () => (await tested.evaluate())?.loss ?? null,
      from,
      keep: keep && (async (state) => keep({ ...state, targets: await toWeights(targets) })),
      onStep: async (done, total, loss) => {
        await onProgress?.('train', done, total, loss);
        signal?.throwIfAborted();
      },
    });
    const final = await tested.evaluate();
    const critic = guidingWeights(tunedWeights(start, await toWeights(new Map([...trainedOf(parameters), ...targets])), settings.tune));
    const asked = heldOut.length > 0 ? heldOut : train;
    return {
      critic,
      report: {
        trainTexts: texts.length,
        heldOutTexts: testTexts.length,
        leftOut: countTexts(judged) - countTexts(readable),
        ...curves,
        heldOutLoss: final && final.loss,
        accuracy: final && rightOrder(heldOut, final.worth),
        kl: await sampledKl({ parameters: base, config, tokenizer, guide: { critic: parameters, beta: settings.beta } }, base, {
          prompts: [...new Set(asked.map(({ prompt }) => prompt))],
          promptLength: Math.max(...[...texts, ...testTexts].map(({ prompt }) => prompt.length)),
          responseLength: Math.max(...[...texts, ...testTexts].map(({ response }) => response.length)),
          settings,
          random: random.fork('samples'),
          onBatch: async (done, total) => {
            await onProgress?.('sample', done, total);
            signal?.throwIfAborted();
          },
        }),
        seconds: (performance.now() - started) / 1000,
      },
    };
  } finally {
    disposeParameters(parameters);
    disposeParameters(base);
  }
}

const countTexts = (judged: readonly JudgedRewards[]) => judged.reduce((sum, { responses }) => sum + responses.length, 0);

/** The texts with their rewards, in their order. */
function rewardedTexts({ config, tokenizer }: LanguageModel, { prompt, responses, rewards }: JudgedRewards): RewardedText[] {
  const begun = [config.bos_token_id, ...tokenizer.encode(prompt)];
  return responses.map((response, i) => ({ prompt: begun, response: tokenizer.encode(response), reward: rewards[i] }));
}

/** How often the preferred text of a pair is worth more, from the worth of all these texts in turn; a critic that cannot tell two apart is right half the time. */
function rightOrder(judged: readonly JudgedRewards[], worth: Float32Array): Proportion | null {
  let place = 0;
  const margins = judged.flatMap(({ rewards }) => {
    const [first, second] = worth.subarray(place, (place += rewards.length));
    const preference = rewards.length === 2 ? Math.sign(rewards[0] - rewards[1]) : 0;
    return preference === 0 ? [] : [preference * (first - second)];
  });
  const right = margins.reduce((total, margin) => total + (margin > 0 ? 1 : margin === 0 ? 0.5 : 0), 0);
  return proportion(right, margins.length);
}

function restore(targets: Parameters, kept: Weights): void {
  for (const [name, target] of targets) {
    const { data, shape } = kept.get(name)!;
    const value = tensor(data, shape);
    target.assign(value);
    value.dispose();
  }
}
