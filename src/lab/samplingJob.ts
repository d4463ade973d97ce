import { MOST_RESPONSES } from '../feedback/judgement';
import { longest } from '../model/batch';
import { disposeParameters, toParameters } from '../model/parameters';
import { encodePrompts, roomBefore } from '../rl/promptTokens';
import { sampleResponses } from '../rl/rollout';
import type { Database } from '../store/database';
import { addComparisons, countComparisons, getDataset, type ComparisonDraft } from '../store/datasets';
import { RandomStream } from '../tensor/random';
import { TRAINING_PROMPTS } from '../text/prompts';
import { LabFailure } from './failure';
import type { ModelShelf } from './modelShelf';
import type { Commands, Result } from './protocol';
import type { Work } from './work';

/** Comparisons that are written together, in one batch and one transaction. */
const TOGETHER = 32;

/**
 * Let a model write comparisons, pairs unless told otherwise, into a dataset's queue. A batch is drawn
 * from the seed and its place in the queue, and kept whole or not at all: what
 * was cut off and asked for again becomes what it would have been. `begin` is
 * how long the queue was when it was asked for. Throws `BadCommand`, and
 * PromptTooLongError before anything is written.
 */
export async function sampleComparisons(
  database: Database,
  shelf: ModelShelf,
  { datasetId, modelId, count, responses: responsesEach = 2, fillTo = Infinity, prompts: given, options, cut }: Commands['sampleComparisons']['args'],
  begin: number,
  work: Work,
): Promise<Result<'sampleComparisons'>> {
  const { maxNewTokens, temperature, seed, topK, topP } = options;
  if (topK !== undefined || topP !== undefined)
    throw new LabFailure('BadCommand', 'Pairs for judging are drawn from the whole distribution; top-k and top-p are for the playground only. Leave them out.');
  if (!(Number.isInteger(responsesEach) && responsesEach >= 1 && responsesEach <= MOST_RESPONSES))
    throw new LabFailure('BadCommand', `A comparison has from 1 to ${MOST_RESPONSES} responses, not ${responsesEach}. Ask for as many, two for pairs.`);
  const prompts: readonly string[] = given ?? TRAINING_PROMPTS;
  if (prompts.length === 0) throw new LabFailure('BadCommand', 'There is no prompt to continue. Give at least one.');
  await getDataset(database, datasetId);
  const { config, tokenizer, weights } = await shelf.language(modelId);
  const promptLength = longest(encodePrompts({ config, tokenizer }, prompts, roomBefore(maxNewTokens, config)));
  const settings = { promptLength, responseLength: maxNewTokens, temperature, cut };

  const kept = await countComparisons(database, datasetId);
  const end = Math.min(begin + count, fillTo);
  const parameters = toParameters(weights);
  try {
    for (let at = kept; at < end; ) {
      // Batches end at multiples of their size, wherever this call began.
      const until = Math.min(end, at - (at % TOGETHER) + TOGETHER);
      const orders = Array.from({ length: until - at }, (_, i) => at + i);
      const each = orders.map((order) => prompts[order % prompts.length]);
      const { responses } = await sampleResponses(
        { parameters, config, tokenizer },
        Array.from({ length: responsesEach }, () => each).flat(),
        settings,
        new RandomStream(seed).fork(`pairs ${at}`).state(),
      );
      const drafts = orders.map((_, i): ComparisonDraft => ({
        prompt: each[i],
        responses: Array.from({ length: responsesEach }, (_, response) => responses[response * orders.length + i].text),
        source: { kind: 'sampled', modelId, temperature, seed },
      }));
      await addComparisons(database, datasetId, drafts);
      at = until;
      work.progress('Writing pairs', at - begin, end - begin);
      await work.breathe();
    }
  } finally {
    disposeParameters(parameters);
  }
  return { added: Math.max(0, end - begin) };
}
