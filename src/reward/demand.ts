import { backwardEffort, decodingEffort, forwardEffort, sumEffort, times, type Effort } from '../model/arithmetic';
import type { ModelConfig } from '../model/config';
import { memoryOf, modelBuffers, trainingBuffers, tunedModelBuffers, type Demand } from '../model/demand';
import { decodingBuffers, forwardBuffers, tensorBuffers, type Buffers } from '../model/footprint';
import { trainedShapes } from '../model/tuning';
import { shares, stepsOf, type KindCount } from './minibatches';
import { SCORING_ROWS, WIDTH_STEP } from './rewardModel';
import type { RewardSettings } from './settings';

/** Tokens that a batch is padded to whose longest text has `longest`. */
function paddedWidth(longest: number, config: ModelConfig): number {
  return Math.min(config.max_position_embeddings, Math.ceil(longest / WIDTH_STEP) * WIDTH_STEP);
}

/** One pass of scoring, of texts of at most `longest` tokens. */
export function scoringBuffers(config: ModelConfig, longest: number): Buffers {
  return forwardBuffers(config, SCORING_ROWS * paddedWidth(longest, config));
}

/** Scoring so many texts. */
export function scoringEffort(config: ModelConfig, texts: number, longest: number): Effort {
  return times(Math.ceil(texts / SCORING_ROWS), forwardEffort(config, SCORING_ROWS, paddedWidth(longest, config), 0));
}

export interface RewardWork {
  /** What was judged, by kind. */
  judged: readonly KindCount[];
  /** Tokens of the longest prompt with its response. */
  longest: number;
  /** How the base model writes what the scale is set on: rows of a batch, tokens of a prompt and of a response. */
  reference: { rows: number; promptLength: number; responseLength: number };
}

/** What training a reward model asks of a device (see training.ts): the base model's samples; for one member after the other, epochs over the judgements, the test, what was learned once more, the scale. */
export function rewardDemand(config: ModelConfig, settings: Pick<RewardSettings, 'tune' | 'members' | 'batchSize' | 'epochs' | 'heldOutShare' | 'normalisationSamples'>, work: RewardWork): Demand {
  const { tune, members, epochs, heldOutShare, normalisationSamples } = settings;
  const { rows, promptLength, responseLength } = work.reference;
  const heldOut = work.judged.map(({ judgements }) => Math.round(heldOutShare * judgements));
  const learned = work.judged.map(({ judgements, texts }, i) => ({ judgements: Math.max(1, judgements - heldOut[i]), texts }));
  const textsOf = (judgements: readonly number[]) => work.judged.reduce((sum, { texts }, i) => sum + judgements[i] * texts, 0);
  const texts = textsOf(shares(learned, settings.batchSize));
  const width = paddedWidth(work.longest, config);
  const trained = trainedShapes(config, tune, 'score');

  const base = modelBuffers(config, 'score');
  const tuned = tunedModelBuffers(config, tune, 'score');
  const memory = memoryOf(
    [],
    [
      [...base, ...decodingBuffers(config, rows, promptLength, responseLength)],
      // A step's gradients are free again once the next step's are there.
      [...tuned, ...trainingBuffers(config, texts * width, tune, 'score', 2)],
      [...tuned, ...scoringBuffers(config, work.longest)],
    ],
    tensorBuffers(new Map([...trained.values()].map((shape) => [shape.join(), shape]))),
  );
  const steps = epochs * stepsOf(learned, settings.batchSize);
  const sampled = times(Math.ceil(normalisationSamples / rows), decodingEffort(config, rows, promptLength, responseLength));
  const step = sumEffort(forwardEffort(config, texts, width, 0, tune), backwardEffort(config, texts, width, 0, tune));
  const scored = sumEffort(scoringEffort(config, textsOf(heldOut), work.longest), scoringEffort(config, textsOf(learned.map(({ judgements }) => judgements)), work.longest), scoringEffort(config, normalisationSamples, promptLength + responseLength));
  return { ...memory, effort: sumEffort(sampled, times(members, sumEffort(times(steps, step), scored))) };
}
