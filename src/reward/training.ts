import { add, slice, tensor1d, tidy, variableGrads, type Scalar, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import type { Proportion } from '../feedback/proportion';
import { bayesCeiling, expectedSelfAgreement } from '../feedback/simulatedLabeler';
import type { ModelConfig } from '../model/config';
import type { LanguageModel } from '../model/languageModel';
import { packMembers } from '../model/members';
import { disposeParameters, toWeights, type Parameters, type Weights } from '../model/parameters';
import { initRewardHead } from '../model/scalarHead';
import { trainedOf, tunedParameters, tunedWeights } from '../model/tuning';
import { AdamW } from '../tensor/adamW';
import { RandomStream } from '../tensor/random';
import { bradleyTerryLoss, LABELS } from './bradleyTerry';
import { aggregateScale, disagreements, MEAN, pooledPairs, pooledScale, sharesOf } from './ensemble';
import { LengthControl, type LengthTerm } from './lengthControl';
import { foldIntoHead, normalisation } from './normalisation';
import type { Preference } from './preference';
import { heldOutReport, lengthControlReport, type ScoredPair } from './report';
import { fits, readingTokens, scoreSequences, scoreTexts, type JudgedText, type RewardModel } from './rewardModel';
import type { EnsembleReport, RewardReport, RewardSettings } from './settings';
import { firstByPrompt, splitByPrompt } from './split';

/** Judgements to learn from, and how. */
export interface Learning {
  /** The trunk starts as this model. */
  model: LanguageModel;
  preferences: readonly Preference[];
  settings: RewardSettings;
  /** How the labels were made, where a rule made them: its noise bounds the accuracy that can be had. */
  simulated?: { gold: (text: JudgedText) => number; temperature: number };
  /** Elsewhere: how often people agreed with themselves, where anybody judged a pair twice. */
  selfAgreement?: Proportion | null;
  /** Awaited after each piece of work, so that it can let others in. */
  onProgress?: (phase: 'train' | 'evaluate' | 'normalise', done: number, total: number, loss?: number, member?: number) => void | Promise<void>;
  /** Rejects with its reason at the next piece of work. */
  signal?: AbortSignal;
}

export interface RewardTraining extends Learning {
  /** Cut samples of the reference policy, which is `model`: at least `settings.normalisationSamples`. */
  referenceTexts: readonly JudgedText[];
  /** Learn from so many pairs at most, see {@link firstByPrompt}; from all where it is absent. */
  pairs?: number;
}

export interface TrainedReward {
  /** Trunk, an adapter merged, and reward head; the normalisation is in the head, so scores of this model are rewards as they are. Those of an ensemble as {@link packMembers} packs them. */
  weights: Weights;
  report: RewardReport;
}

/** Training that could not begin or go on; the message says why and what to do. */
export class RewardTrainingError extends Error {
  override readonly name = 'RewardTrainingError';
}

/**
 * Train a reward model on judgements, end to end (Ziegler et al. 2019, §2.1):
 * split by prompt, Bradley–Terry by AdamW with a linear learning rate, report
 * on the prompts held out, normalise on the reference policy. Pairs that the
 * model cannot read in one piece are left out, and counted. The same settings
 * and data give the same model.
 *
 * Of several members (Coste et al. 2023) each has its own first head and its own
 * order of the same data. Each is normalised on the reference policy, and what
 * is made of them once more, where it is made (aggregateScale); the report is
 * that of their mean. Throws {@link RewardTrainingError}, and
 * TextTooLongError where a reference text is too long.
 */
export async function trainRewardModel(training: RewardTraining): Promise<TrainedReward> {
  const { referenceTexts, settings, pairs = Infinity } = training;
  const started = performance.now();
  if (referenceTexts.length < Math.max(2, settings.normalisationSamples))
    throw new RewardTrainingError(`Normalising needs ${settings.normalisationSamples} samples of the base model, and there are ${referenceTexts.length}.`);
  const { train, heldOut, leftOut } = dividePairs(training);
  const learned = firstByPrompt(train, pairs, subsetStream(settings.seed));
  const fitted: Fitted[] = [];
  for (let member = 0; member < settings.members; member++) fitted.push(await fitModel(training, learned, heldOut, referenceTexts, member));
  const scales = fitted.map(({ referenceScores }) => normalisation(referenceScores));
  const shares = sharesOf(scales);
  const scored = pooledPairs(fitted.map(({ scored }) => scored), shares);
  const length = fitted[0].length && { ...fitted[0].length, gamma: fitted.reduce((sum, { length }, k) => sum + shares[k] * length!.gamma, 0) };
  const rewards = fitted.map(({ referenceScores }, k) => referenceScores.map((raw) => scales[k].gain * raw + scales[k].bias));
  return {
    weights: packMembers(fitted.map(({ weights }, k) => foldIntoHead(weights, scales[k])), rewards),
    report: {
      trainPairs: learned.length,
      leftOut,
      ...heldOutReport(scored),
      ...(length && { lengthControl: lengthControlReport(scored, length) }),
      ...(fitted.length > 1 && { ensemble: { members: fitted.map(({ scored }) => ownReport(scored)), disagreement: meanOf(disagreements(rewards)) } }),
      ...labelerNoise(heldOut, training),
      lossCurve: fitted[0].lossCurve.map(({ step }) => ({ step, loss: meanOf(fitted.map(({ lossCurve }) => lossCurve[step].loss)) })),
      ...pooledScale(scales, aggregateScale(rewards, MEAN)),
      seconds: (performance.now() - started) / 1000,
    },
  };
}

function ownReport(scored: readonly ScoredPair[]): EnsembleReport['members'][number] {
  const { accuracy, logLoss } = heldOutReport(scored);
  return { accuracy, logLoss };
}

const meanOf = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

/** Pairs to learn from and pairs to be tried on, and how many the model cannot read in one piece. Throws {@link RewardTrainingError}. */
export function dividePairs({ model, preferences, settings }: Learning): { train: Preference[]; heldOut: Preference[]; leftOut: number } {
  if (preferences.length === 0) throw new RewardTrainingError('There is no judged pair to learn from. Judge some first.');
  const readable = preferences.filter(({ prompt, responses }) => responses.every((response) => fits(model, { prompt, response })));
  if (readable.length === 0)
    throw new RewardTrainingError(`Every judged pair is longer than the ${model.config.max_position_embeddings} tokens that the model reads, so there is nothing to learn from. Nothing was changed; judge or import shorter ones.`);
  const split = splitByPrompt(readable, settings.heldOutShare, new RandomStream(settings.seed).fork('split'));
  return { ...split, leftOut: preferences.length - readable.length };
}

/** A model that was fitted to some pairs, not yet normalised, and the scores that it gave to others. */
interface Fitted {
  weights: Weights;
  scored: ScoredPair[];
  referenceScores: Float32Array;
  lossCurve: RewardReport['lossCurve'];
  /** What was kept out of all these scores, where length was controlled. */
  length?: LengthTerm;
}

/** Fit a model to `train`, and let it score the held-out pairs and the reference texts. */
export async function fitModel(given: Learning, train: readonly Preference[], heldOut: readonly Preference[], referenceTexts: readonly JudgedText[], member = 0): Promise<Fitted> {
  const { model, settings, onProgress } = given;
  const learning: Learning = { ...given, onProgress: onProgress && ((phase, done, total, loss) => onProgress(phase, done, total, loss, member)) };
  // Not seed + 1 and so on: ensembles of neighbouring seeds would share all members but one.
  const seeded = new RandomStream(settings.seed);
  const random = member === 0 ? seeded : seeded.fork(`member ${member}`);
  const start: Weights = new Map([...model.weights, ...initRewardHead(model.config.hidden_size, random.fork('head'))]);
  const parameters = tunedParameters(start, model.config, settings.tune, 'score', random.fork('adapter'));
  const reward: RewardModel = { config: model.config, tokenizer: model.tokenizer, parameters };
  try {
    const { lossCurve, length } = await fit(reward, train, learning, random.fork('order'));
    const scored = await scorePairs(reward, heldOut, learning);
    const referenceScores = await scoreTexts(reward, referenceTexts, { onProgress: watch(learning, 'normalise') });
    return { weights: tunedWeights(start, await toWeights(trainedOf(parameters)), settings.tune), scored, referenceScores, lossCurve, length };
  } finally {
    disposeParameters(parameters);
  }
}

/** Draws which pairs are learned from where not all are. */
export function subsetStream(seed: number): RandomStream {
  return new RandomStream(seed).fork('subset');
}

/** Steps of training on so many pairs. */
export function stepCount({ epochs, batchSize }: Pick<RewardSettings, 'epochs' | 'batchSize'>, pairs: number): number {
  return epochs * Math.ceil(pairs / Math.min(batchSize, pairs));
}

type Watched = Pick<Learning, 'onProgress' | 'signal'>;

/** Progress of one phase, which is also where an abort is heard. */
function watch({ onProgress, signal }: Watched, phase: 'train' | 'evaluate' | 'normalise') {
  return async (done: number, total: number, loss?: number): Promise<void> => {
    await onProgress?.(phase, done, total, loss);
    signal?.throwIfAborted();
  };
}

/** Epochs of minibatches, each epoch in a fresh order; returns the loss of each step, before it was taken, and what came of length where it is controlled. */
async function fit(
  { parameters, config, tokenizer }: RewardModel,
  pairs: readonly Preference[],
  training: Learning,
  random: RandomStream,
): Promise<Pick<Fitted, 'lossCurve' | 'length'>> {
  const { epochs, batchSize, learningRate, adam, maxGradNorm, centring, lengthControl } = training.settings;
  const examples = pairs.map(({ prompt, responses, verdict }): Example => {
    const [first, second] = responses.map((response) => readingTokens({ config, tokenizer }, { prompt, response }));
    return { first, second, label: LABELS[verdict] };
  });
  const size = Math.min(batchSize, examples.length);
  const total = stepCount(training.settings, examples.length);
  const report = watch(training, 'train');
  const optimiser = new AdamW({ ...adam, maxGradNorm });
  const length = lengthControl ? new LengthControl(pairs.map((pair) => tokenLengths(tokenizer, pair)), examples.map(({ label }) => label), { adam, maxGradNorm }) : null;
  const lossCurve: RewardReport['lossCurve'] = [];
  try {
    for (let epoch = 0; epoch < epochs; epoch++) {
      const order = random.permutation(examples.length);
      for (let start = 0; start < order.length; start += size) {
        const step = lossCurve.length;
        const schedule = 1 - step / total;
        const batch = Array.from(order.subarray(start, start + size), (i) => ({ ...examples[i], z: length?.z[i] }));
        const { value, gradients, gammaGradient } = pairGradients(parameters, config, batch, size, centring, length);
        // A norm that is not finite changes nothing, so the loss can be looked at afterwards.
        optimiser.step(parameters, gradients, learningRate * schedule).dispose();
        if (gammaGradient) length?.step(gammaGradient, schedule);
        for (const gradient of gradients.values()) gradient.dispose();
        gammaGradient?.dispose();
        const [loss] = await value.data();
        value.dispose();
        if (!Number.isFinite(loss))
          throw new RewardTrainingError('The loss of the reward model is no longer a finite number. Nothing was saved; try a lower learning rate.');
        lossCurve.push({ step, loss });
        await report(step + 1, total, loss);
      }
    }
    return { lossCurve, length: await length?.result() };
  } finally {
    optimiser.dispose();
    length?.dispose();
  }
}

/** A pair as token ids, with the target probability that the first is better. */
interface Example {
  first: number[];
  second: number[];
  label: number;
  /** Standardised lengths of both, where length is controlled. */
  z?: [number, number];
}

/** Loss of some pairs and gradients of what is trained, filled up to `size` so that every step has the same shape. */
function pairGradients(
  parameters: Parameters,
  config: ModelConfig,
  pairs: readonly Example[],
  size: number,
  centring: number,
  length: LengthControl | null,
): { value: Scalar; gradients: Map<string, Tensor>; gammaGradient?: Tensor } {
  const filled = [...pairs, ...Array.from({ length: size - pairs.length }, () => pairs[0])];
  const { value, grads } = tidy(() => {
    const labels = tensor1d(filled.map(({ label }) => label));
    const weights = tensor1d(filled.map((_, i) => (i < pairs.length ? 1 : 0)));
    return variableGrads(() => {
      const own = scoreSequences(parameters, config, [...filled.map(({ first }) => first), ...filled.map(({ second }) => second)]);
      const scores = length ? add(own, length.terms([...filled.map(({ z }) => z![0]), ...filled.map(({ z }) => z![1])])) as Tensor1D : own;
      return bradleyTerryLoss(slice(scores, [0], [size]), slice(scores, [size], [size]), labels, weights, centring);
    }, [...parameters.values(), ...(length ? [length.gamma] : [])]);
  });
  return { value, gammaGradient: length ? grads[length.gamma.name] : undefined, gradients: new Map([...trainedOf(parameters)].map(([name, variable]) => [name, grads[variable.name]])) };
}

async function scorePairs(model: RewardModel, pairs: readonly Preference[], training: Watched): Promise<ScoredPair[]> {
  const texts = pairs.flatMap(({ prompt, responses }) => responses.map((response) => ({ prompt, response })));
  const scores = await scoreTexts(model, texts, { onProgress: watch(training, 'evaluate') });
  return pairs.map((pair, i) => ({
    pair,
    scores: [scores[2 * i], scores[2 * i + 1]],
    lengths: tokenLengths(model.tokenizer, pair),
  }));
}

const tokenLengths = (tokenizer: RewardModel['tokenizer'], { responses: [first, second] }: Preference): [number, number] => [tokenizer.encode(first).length, tokenizer.encode(second).length];

/** What the accuracy on these pairs is to be measured against, given how noisily they were judged. */
export function labelerNoise(pairs: readonly Preference[], { simulated, selfAgreement: counted }: Pick<Learning, 'simulated' | 'selfAgreement'>): Pick<RewardReport, 'ceiling' | 'selfAgreement'> {
  if (!simulated) return { ceiling: null, selfAgreement: counted ? { counted } : null };
  const { gold, temperature } = simulated;
  const decided = pairs.filter(({ verdict }) => LABELS[verdict] !== 0.5);
  const gaps = decided.map(({ prompt, responses }) => gold({ prompt, response: responses[0] }) - gold({ prompt, response: responses[1] }));
  const expected = expectedSelfAgreement(gaps, temperature);
  return { ceiling: bayesCeiling(gaps, temperature), selfAgreement: expected === null ? null : { expected } };
}
