import type { Comparison } from '../feedback/judgement';
import { JudgedQueue } from '../feedback/judgedQueue';
import { poolOf } from '../feedback/scheduling';
import { longest } from '../model/batch';
import type { LanguageModel } from '../model/languageModel';
import { memberCount } from '../model/members';
import { preferenceDisagreement } from '../reward/ensemble';
import { fits, readingTokens, SCORING_ROWS } from '../reward/rewardModel';
import { getDataset } from '../store/datasets';
import { loadJudgedDataset } from '../store/judgements';
import { releaseFreeBuffers } from '../tensor/storage';
import { Authors } from './authors';
import { LabFailure } from './failure';
import type { Desk } from './lab';
import { loadWriter } from './policy';
import { MOST_RANKED, type Commands, type Result } from './protocol';
import { RewardScorer } from './rewardScorer';
import type { Work } from './work';

type Shelves = Pick<Desk, 'database' | 'shelf'>;
type Ranked = Result<'rankOpen'>['ranked'];

/** The open items of a dataset, or so many of them, those first from which most is to be learned. What a model cannot read in one piece is left out. */
export async function rankOpen(desk: Shelves, args: Commands['rankOpen']['args'], work: Work): Promise<Result<'rankOpen'>> {
  const { datasetId, limit, rater } = args;
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_RANKED) throw new LabFailure('BadCommand', `${limit} items were to be ranked; it must be a whole number from 1 to ${MOST_RANKED}.`);
  const { seed } = await getDataset(desk.database, datasetId);
  const { comparisons, events } = await loadJudgedDataset(desk.database, datasetId);
  const pool = poolOf(new JudgedQueue(comparisons, events).openTo(rater), seed, limit);
  releaseFreeBuffers();
  const ranked = args.by === 'uncertain' ? await byDisagreement(desk, args.rewardModelId, pool, work) : await byMovement(desk, args, pool, work);
  return { ranked: ranked.sort((a, b) => b.value - a.value) };
}

/** How far a reward model's members are from one answer. */
async function byDisagreement({ shelf }: Shelves, rewardModelId: string, pool: readonly Comparison[], work: Work): Promise<Ranked> {
  const model = await shelf.reward(rewardModelId);
  if (memberCount(model.weights) < 2) throw new LabFailure('BadCommand', 'That reward model is one model alone, and there is nobody who could disagree. Train one of two or more members.');
  const items = readable(pool, model);
  const texts = items.flatMap(({ prompt, responses }) => responses.map((response) => ({ prompt, response })));
  const scorer = new RewardScorer(model, longest(texts.map((text) => readingTokens(model, text))));
  try {
    const rewards = await inBatches(texts, SCORING_ROWS, 'Asking the members of the reward model', work, async (batch) => {
      const members = await scorer.scoreByMember(batch);
      return batch.map((_, i) => members.map((scores) => scores[i]));
    });
    return items.map(({ id, responses }) => {
      const own = rewards.splice(0, responses.length);
      return { comparisonId: id, value: preferenceDisagreement(own[0].map((_, member) => own.map((ofText) => ofText[member]))) };
    });
  } finally {
    scorer.dispose();
  }
}

/** Rows of one forward pass; what is ranked may be as long as a model reads. */
const ROWS = 16;

/**
 * How far a policy has moved on these texts from the model that it came from:
 * |log π(y | x) − log π_ref(y | x)| a token, in nats, mean over the responses.
 * What has become much likelier or much less likely is what the reward has acted
 * on, so that is where it should be right.
 */
async function byMovement({ database, shelf }: Shelves, of: { runId: string } | { modelId: string }, pool: readonly Comparison[], work: Work): Promise<Ranked> {
  const writer = await loadWriter(database, shelf, of);
  const { base, tuned, guide, settings } = writer;
  if (tuned === base.weights && !guide) throw new LabFailure('BadCommand', 'That model has not moved from the one that it came from. Train it first, or choose another.');
  const items = readable(pool, base);
  const rows = items.flatMap(({ prompt, responses }) => {
    const promptTokens = [base.config.bos_token_id, ...base.tokenizer.encode(prompt)];
    return responses.map((response) => ({ promptTokens, tokens: base.tokenizer.encode(response) }));
  });
  const widths = { prompt: longest(rows.map(({ promptTokens }) => promptTokens)), response: Math.max(1, longest(rows.map(({ tokens }) => tokens))) };
  // Nothing is to be scored.
  const authors = await Authors.open(shelf, { ...writer, rewardModelId: undefined, reward: undefined, goldRule: undefined });
  try {
    const moved = await inBatches(rows, ROWS, 'Reading how far the policy has moved', work, async (batch) =>
      (await authors.distances(authors.tuned, batch, settings.temperature, widths)).map(({ kl }, i) => Math.abs(kl!) / Math.max(1, batch[i].tokens.length)),
    );
    return items.map(({ id, responses }) => ({ comparisonId: id, value: moved.splice(0, responses.length).reduce((sum, value) => sum + value, 0) / responses.length }));
  } finally {
    authors.dispose();
  }
}

const readable = (pool: readonly Comparison[], model: Pick<LanguageModel, 'config' | 'tokenizer'>) =>
  pool.filter(({ prompt, responses }) => responses.every((response) => fits(model, { prompt, response })));

/** Do something for each, so many at a time; the first of a batch that is not full fill it, so that the device meets one shape only. */
async function inBatches<T, R>(all: readonly T[], size: number, phase: string, work: Work, each: (batch: T[]) => Promise<R[]>): Promise<R[]> {
  const done: R[] = [];
  while (done.length < all.length) {
    const batch = all.slice(done.length, done.length + size);
    const results = await each([...batch, ...Array.from({ length: size - batch.length }, () => batch[0])]);
    done.push(...results.slice(0, batch.length));
    work.progress(phase, done.length, all.length);
    await work.breathe();
  }
  return done;
}
