import { add } from '@tensorflow/tfjs-core';
import type { Proportion } from '../feedback/proportion';
import { bayesCeiling, expectedSelfAgreement } from '../feedback/simulatedLabeler';
import type { LanguageModel } from '../model/languageModel';
import { packMembers } from '../model/members';
import { disposeParameters, toWeights, type Weights } from '../model/parameters';
import { initRewardHead } from '../model/scalarHead';
import { trainedOf, tunedParameters, tunedWeights } from '../model/tuning';
import { RandomStream } from '../tensor/random';
import { disputesOf, hardestPulls } from './dispute';
import { aggregateScale, disagreements, MEAN, pooledPairs, pooledScale, sharesOf } from './ensemble';
import { fitScores, fitSteps, RewardTrainingError, type Example, type Scoring } from './fit';
import { impliedPairs } from './impliedPairs';
import { initThresholds, LABELS, targetsOf } from './kinds';
import { LengthControl, type LengthTerm } from './lengthControl';
import { countKinds } from './minibatches';
import { inLogOdds, lessonsOf } from './modular';
import { foldIntoHead, normalisation } from './normalisation';
import { judgedResponses, kindOf, type PairPreference, type Preference } from './preference';
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
  onProgress?: (phase: 'train' | 'evaluate' | 'review' | 'normalise', done: number, total: number, loss?: number, member?: number) => void | Promise<void>;
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

/**
 * Train a reward model on judgements, end to end (Ziegler et al. 2019, §2.1):
 * split by prompt, each kind's loss (kinds.ts) by AdamW with a linear learning
 * rate, report on the pairs that the held-out judgements imply, normalise on the
 * reference policy. Judgements of texts that the model cannot read in one piece
 * are left out, and counted; thresholds that were learned beside the scores have
 * done their work in the end, and are no part of the model. The same settings
 * and data give the same model.
 *
 * Of several members (Coste et al. 2023) each has its own first head and its own
 * order of the same data. Each is normalised on the reference policy, and what
 * is made of them once more, where it is made (aggregateScale); the report is
 * that of their mean, and pulls are those on all of them. Throws {@link RewardTrainingError}, and
 * TextTooLongError where a reference text is too long.
 */
export async function trainRewardModel(training: RewardTraining): Promise<TrainedReward> {
  const { referenceTexts, settings, pairs = Infinity } = training;
  const started = performance.now();
  if (referenceTexts.length < Math.max(2, settings.normalisationSamples))
    throw new RewardTrainingError(`Normalising needs ${settings.normalisationSamples} samples of the base model, and there are ${referenceTexts.length}.`);
  const { train, heldOut, setAside, leftOut } = divide(training);
  const learned = firstByPrompt(train, pairs, subsetStream(settings.seed));
  const fitted: Fitted[] = [];
  for (let member = 0; member < settings.members; member++) fitted.push(await fitModel(training, learned, { heldOut, learned, referenceTexts }, member));
  const scales = fitted.map(({ referenceScores }) => normalisation(referenceScores));
  const memberShares = sharesOf(scales);
  const scored = pooledPairs(fitted.map(({ scored }) => scored), memberShares);
  const known = { judged: learned, scored: pooledPairs(fitted.map(({ learned }) => learned), memberShares) };
  const length = fitted[0].length && { ...fitted[0].length, gamma: fitted.reduce((sum, { length }, k) => sum + memberShares[k] * length!.gamma, 0) };
  const rewards = fitted.map(({ referenceScores }, k) => referenceScores.map((raw) => scales[k].gain * raw + scales[k].bias));
  return {
    weights: packMembers(fitted.map(({ weights }, k) => foldIntoHead(weights, scales[k])), rewards),
    report: {
      trainPairs: learned.length,
      leftOut,
      heldOutPairs: heldOut.length,
      ...(setAside.length > 0 && { chosen: { setAside: setAside.length } }),
      ...(heldOut.some(({ chosen }) => chosen) && { chosen: { tested: true } }),
      ...heldOutReport(scored),
      ...(length && { lengthControl: lengthControlReport(scored, length) }),
      ...(fitted.length > 1 && { ensemble: { members: fitted.map(({ scored }) => ownReport(scored)), disagreement: meanOf(disagreements(rewards)) } }),
      ...labelerNoise(heldOut, training),
      disputes: disputesOf(known, { judged: heldOut, scored }),
      ...(settings.pipeline === 'end-to-end' && { pulls: hardestPulls(known, learned.map((_, i) => fitted.reduce((sum, { pulls }) => sum + pulls[i], 0))) }),
      heldOut: heldOut.map(({ comparisonId }) => comparisonId),
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

/** Judgements to learn from and judgements to be tried on, and how many the model cannot read in one piece. Throws {@link RewardTrainingError}. */
export function divide({ model, preferences, settings }: Learning): ReturnType<typeof splitByPrompt<Preference>> & { leftOut: number } {
  if (preferences.length === 0) throw new RewardTrainingError('There is no judgement to learn from. Judge some texts first.');
  const readable = preferences.filter((preference) => judgedResponses(preference).every((response) => fits(model, { prompt: preference.prompt, response })));
  if (readable.length === 0)
    throw new RewardTrainingError(`Every judged text is longer than the ${model.config.max_position_embeddings} tokens that the model reads, so there is nothing to learn from. Nothing was changed; judge or import shorter ones.`);
  const split = splitByPrompt(readable, settings.heldOutShare, new RandomStream(settings.seed).fork('split'));
  return { ...split, leftOut: preferences.length - readable.length };
}

/** What a model scores once it is fitted. */
export interface Trial {
  heldOut: readonly Preference[];
  /** What it was fitted to, where it is of interest how it judges that in the end. */
  learned: readonly Preference[];
  referenceTexts: readonly JudgedText[];
}

/** A model that was fitted to some judgements, not yet normalised, and the scores that it gave in the end. */
export interface Fitted {
  weights: Weights;
  /** Pairs that the held-out judgements imply. */
  scored: ScoredPair[];
  /** Pairs that what it learned from implies. */
  learned: ScoredPair[];
  /** Of each lesson, see pull.ts; end to end, lessons are the judgements. */
  pulls: Float64Array;
  referenceScores: Float32Array;
  lossCurve: RewardReport['lossCurve'];
  /** What was kept out of all these scores, where length was controlled. */
  length?: LengthTerm;
}

/** Fit a model to `train`, ranked first where the settings say so, and let it score what it is tried on. */
export async function fitModel(given: Learning, train: readonly Preference[], { heldOut, learned, referenceTexts }: Trial, member = 0): Promise<Fitted> {
  const { model, settings, onProgress } = given;
  const learning: Learning = { ...given, onProgress: onProgress && ((phase, done, total, loss) => onProgress(phase, done, total, loss, member)) };
  // Not seed + 1 and so on: ensembles of neighbouring seeds would share all members but one.
  const seeded = new RandomStream(settings.seed);
  const random = member === 0 ? seeded : seeded.fork(`member ${member}`);
  const start: Weights = new Map([...model.weights, ...initRewardHead(model.config.hidden_size, random.fork('head'))]);
  const { lessons, scale } = lessonsOf(train, settings);
  const thresholds = initThresholds(lessons.map(kindOf), settings);
  const parameters = tunedParameters(new Map([...start, ...thresholds]), model.config, settings.tune, 'score', random.fork('adapter'));
  const reward: RewardModel = { config: model.config, tokenizer: model.tokenizer, parameters };
  try {
    const fitting = await fit(reward, lessons, learning, random.fork('order'));
    const scored = await scorePairs(impliedPairs(heldOut), lengthIn(model.tokenizer), (texts) => scoreTexts(reward, texts, { onProgress: watch(learning, 'evaluate') }));
    const reviewed = await scorePairs(impliedPairs(learned), lengthIn(model.tokenizer), (texts) => scoreTexts(reward, texts, { onProgress: watch(learning, 'review') }));
    const referenceScores = await scoreTexts(reward, referenceTexts, { onProgress: watch(learning, 'normalise') });
    const fitted = { weights: tunedWeights(start, await toWeights(trainedOf(parameters)), settings.tune), scored, learned: reviewed, referenceScores, ...fitting };
    return scale === null ? fitted : inLogOdds(fitted, scale);
  } finally {
    disposeParameters(parameters);
  }
}

/** Draws which pairs are learned from where not all are. */
export function subsetStream(seed: number): RandomStream {
  return new RandomStream(seed).fork('subset');
}

/** Steps of training on these judgements. */
export function stepCount(settings: Pick<RewardSettings, 'epochs' | 'batchSize'>, judged: readonly Preference[]): number {
  return fitSteps(settings, countKinds(judged));
}

export type Watched = Pick<Learning, 'onProgress' | 'signal'>;

/** Progress of one phase, which is also where an abort is heard. */
export function watch({ onProgress, signal }: Watched, phase: 'train' | 'evaluate' | 'review' | 'normalise') {
  return async (done: number, total: number, loss?: number): Promise<void> => {
    await onProgress?.(phase, done, total, loss);
    signal?.throwIfAborted();
  };
}

/** Fit the scores of texts to judgements; returns the losses, how hard each judgement pulled, and what came of length where it is controlled. */
async function fit(
  { parameters, config, tokenizer }: RewardModel,
  judged: readonly Preference[],
  training: Learning,
  random: RandomStream,
): Promise<Pick<Fitted, 'lossCurve' | 'pulls' | 'length'>> {
  const { settings } = training;
  const length = settings.lengthControl ? new LengthControl(judged, lengthIn(tokenizer), settings) : null;
  const targets = targetsOf(judged);
  const examples = judged.map((preference, i): Example<ReadText> => ({
    ...targets[i],
    items: judgedResponses(preference).map((response, text) => ({ tokens: readingTokens({ config, tokenizer }, { prompt: preference.prompt, response }), z: length?.z[i][text] })),
  }));
  const scoring: Scoring<ReadText> = {
    parameters,
    score(texts) {
      const own = scoreSequences(parameters, config, texts.map(({ tokens }) => tokens));
      return length ? add(own, length.terms(texts.map(({ z }) => z!))) : own;
    },
    ...(length && { beside: { variable: length.gamma, step: (gradient, schedule) => length.step(gradient, schedule) } }),
  };
  try {
    const fitted = await fitScores(scoring, examples, countKinds(judged), settings, random, watch(training, 'train'));
    return { ...fitted, length: await length?.result() };
  } finally {
    length?.dispose();
  }
}

/** A text as token ids; and its standardised length, where length is controlled. */
interface ReadText {
  tokens: number[];
  z?: number;
}

/** Length of a text in tokens. */
export const lengthIn = (tokenizer: RewardModel['tokenizer']) => (text: string): number => tokenizer.encode(text).length;

/** Scores of pairs, each response scored once, and their lengths, in tokens where they are texts. */
export async function scorePairs(pairs: readonly PairPreference[], lengthOf: (response: string) => number, score: (texts: readonly JudgedText[]) => Promise<ArrayLike<number>>): Promise<ScoredPair[]> {
  const keyOf = (prompt: string, response: string) => JSON.stringify([prompt, response]);
  // A text of a ranking stands in many pairs.
  const texts = new Map(pairs.flatMap(({ prompt, responses }) => responses.map((response) => [keyOf(prompt, response), { prompt, response }] as const)));
  const scores = await score([...texts.values()]);
  const scoreOf = new Map([...texts.keys()].map((key, i) => [key, scores[i]]));
  return pairs.map((pair) => {
    const { prompt, responses: [first, second] } = pair;
    return {
      pair,
      scores: [scoreOf.get(keyOf(prompt, first))!, scoreOf.get(keyOf(prompt, second))!],
      lengths: [lengthOf(first), lengthOf(second)],
    };
  });
}

/**
 * What the accuracy on the pairs that these held-out judgements imply is to be
 * measured against, given how noisily they were judged. A simulated labeler
 * orders two texts of a ranking, and two that got different thumbs, with the odds
 * of a pair; of two ratings more is known than which is higher, so they leave the
 * ceiling open.
 */
export function labelerNoise(heldOut: readonly Preference[], { simulated, selfAgreement: counted }: Pick<Learning, 'simulated' | 'selfAgreement'>): Pick<RewardReport, 'ceiling' | 'selfAgreement'> {
  if (!simulated) return { ceiling: null, selfAgreement: counted ? { counted } : null };
  if (heldOut.some((judged) => kindOf(judged) === 'rating')) return { ceiling: null, selfAgreement: null };
  const { gold, temperature } = simulated;
  const decided = impliedPairs(heldOut).filter(({ verdict }) => LABELS[verdict] !== 0.5);
  const gaps = decided.map(({ prompt, responses }) => gold({ prompt, response: responses[0] }) - gold({ prompt, response: responses[1] }));
  const expected = expectedSelfAgreement(gaps, temperature);
  return { ceiling: bayesCeiling(gaps, temperature), selfAgreement: expected === null ? null : { expected } };
}
