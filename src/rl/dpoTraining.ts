import { proportion } from '../feedback/proportion';
import { longest } from '../model/batch';
import type { LanguageModel } from '../model/languageModel';
import { disposeParameters, toWeights, type Weights } from '../model/parameters';
import { referenceParameters, trainedOf, tunedParameters, tunedWeights } from '../model/tuning';
import { pairsOf } from '../reward/impliedPairs';
import type { PairPreference } from '../reward/preference';
import { fits } from '../reward/rewardModel';
import { splitByPrompt } from '../reward/split';
import { RandomStream } from '../tensor/random';
import { PreferenceObjective, type LogRatios, type PreferencePair } from './dpo';
import type { DpoReport, DpoSettings } from './dpoSettings';
import { trainEpochs, TuningError, type EpochState, type JudgementTraining } from './epochs';
import { sampledKl } from './sampledKl';

/** The policy starts as the training's model, which is also the reference. */
export type DpoTraining = JudgementTraining<DpoSettings, EpochState>;

/**
 * Tune a policy on judgements directly (Rafailov et al. 2023): split by prompt
 * as a reward model's judgements are, the reference's log-probabilities once,
 * epochs of the loss, report on the prompts held out. Rankings and rewrites are
 * learned from as the pairs that they imply. A judgement that prefers no text to
 * another – a tie, both bad, a rating or a thumb – has no place in the loss and
 * is left out, as is a pair that the model cannot read in one piece; both are counted. What was
 * judged is the text alone, so no end-of-sequence is appended. The same settings
 * and data give the same policy. Throws TuningError.
 */
export async function trainOnPreferences(training: DpoTraining): Promise<{ weights: Weights; report: DpoReport }> {
  const { model, preferences, settings, from, keep, onProgress, signal } = training;
  const started = performance.now();
  const implied = preferences.map((preference) => pairsOf(preference).filter(({ verdict }) => verdict === 'first' || verdict === 'second'));
  const decided = implied.flat();
  if (decided.length === 0) throw new TuningError('No judged pair prefers one of its two texts, so there is nothing to learn from. Judge some pairs that are not ties.');
  const readable = decided.filter(({ prompt, responses }) => responses.every((response) => fits(model, { prompt, response })));
  if (readable.length === 0)
    throw new TuningError(`Every judged pair is longer than the ${model.config.max_position_embeddings} tokens that the model reads, so there is nothing to learn from. Nothing was changed; judge or import shorter ones.`);
  const random = new RandomStream(settings.seed);
  const { train, heldOut } = splitByPrompt(readable, settings.heldOutShare, random.fork('split'));

  const policy = tunedParameters(model.weights, model.config, settings.tune, 'value', random.fork('adapter'));
  const reference = referenceParameters(policy, model.weights);
  try {
    const objectiveOf = (pairs: readonly PairPreference[], label: string) => PreferenceObjective.of(policy, model.config, pairs.map((pair) => tokensOf(model, pair)), settings, random.fork(label));
    const [learned, tested] = [await objectiveOf(train, 'strangers'), await objectiveOf(heldOut, 'held-out strangers')];
    const curves = await trainEpochs(learned, settings, {
      heldOutLoss: async () => (await tested.evaluate())?.loss ?? null,
      from,
      keep,
      onStep: async (done, total, loss) => {
        await onProgress?.('train', done, total, loss);
        signal?.throwIfAborted();
      },
    });
    const final = await tested.evaluate();
    return {
      weights: tunedWeights(model.weights, await toWeights(trainedOf(policy)), settings.tune),
      report: {
        trainPairs: train.length,
        heldOutPairs: heldOut.length,
        ties: implied.filter((pairs) => pairs.length === 0).length,
        leftOut: decided.length - readable.length,
        ...curves,
        heldOutLoss: final && final.loss,
        ...implicitReward(final?.ratios, settings.beta),
        kl: await sampledKl({ parameters: policy, config: model.config, tokenizer: model.tokenizer }, reference, {
          ...roomOf((heldOut.length > 0 ? heldOut : train).map((pair) => tokensOf(model, pair))),
          prompts: [...new Set((heldOut.length > 0 ? heldOut : train).map(({ prompt }) => prompt))],
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
    disposeParameters(policy);
    disposeParameters(reference);
  }
}

function tokensOf({ config, tokenizer }: LanguageModel, { prompt, responses, verdict }: PairPreference): PreferencePair {
  const [first, second] = responses.map((response) => tokenizer.encode(response));
  const [chosen, rejected] = verdict === 'first' ? [first, second] : [second, first];
  return { prompt: [config.bos_token_id, ...tokenizer.encode(prompt)], chosen, rejected };
}

/** How often, and by how much, β·Δ puts the preferred response above the other; a policy that cannot tell two apart is right half the time. */
function implicitReward(ratios: LogRatios | undefined, beta: number): Pick<DpoReport, 'accuracy' | 'meanMargin'> {
  if (!ratios) return { accuracy: null, meanMargin: null };
  const margins = Array.from(ratios.chosen, (chosen, i) => beta * (chosen - ratios.rejected[i]));
  const right = margins.reduce((sum, margin) => sum + (margin > 0 ? 1 : margin === 0 ? 0.5 : 0), 0);
  return { accuracy: proportion(right, margins.length), meanMargin: mean(margins) };
}

/** The longest prompt and the longest judged response of some pairs, in tokens. */
function roomOf(pairs: readonly PreferencePair[]): { promptLength: number; responseLength: number } {
  return { promptLength: longest(pairs.map(({ prompt }) => prompt)), responseLength: longest(pairs.flatMap(({ chosen, rejected }) => [chosen, rejected])) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
