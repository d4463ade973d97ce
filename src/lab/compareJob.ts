import { ruleById } from '../feedback/rules';
import { generate } from '../model/decoding';
import { disposeParameters, toParameters, type Parameters } from '../model/parameters';
import { encodePrompts, roomBefore } from '../rl/promptTokens';
import { cutText } from './cutText';
import type { Desk } from './lab';
import { sequenceKl, tokenLikelihoods } from './likelihood';
import { loadCompared } from './policy';
import type { Commands, ComparedText, Result } from './protocol';
import { openScorer } from './runScorer';
import type { Work } from './work';

/** Base and tuned policy on the same prompts, by the same draws. Texts are cut as they were in training. Throws PromptTooLongError. */
export async function compareTexts({ database, shelf }: Desk, { prompts, options, ...policy }: Commands['compare']['args'], work: Work): Promise<Result<'compare'>> {
  const { base, tuned, rewardModelId, reward, goldRule, settings: { cut, ensemble } } = await loadCompared(database, shelf, policy);
  const { config } = base;
  const gold = goldRule === undefined ? undefined : ruleById(goldRule);
  const promptTokens = encodePrompts(base, prompts, roomBefore(options.maxNewTokens, config));
  const scorer = await openScorer(shelf, { rewardModelId, reward }, ensemble);
  const reference = toParameters(base.weights);
  const changed = toParameters(tuned);

  const written = async (parameters: Parameters): Promise<ComparedText[]> => {
    const { responses } = await generate(parameters, config, promptTokens, { ...options, counter: 0 });
    await work.breathe();
    const texts = responses.map((tokens) => cutText(base, tokens, cut));
    const rewards = await scorer?.score(texts.map((response, i) => ({ prompt: prompts[i], response })));
    const rows = responses.map((tokens, i) => ({ promptTokens: promptTokens[i], tokens }));
    // A temperature of 0 draws nothing, and then the plain probabilities are compared.
    const temperature = options.temperature || 1;
    const ours = await tokenLikelihoods(parameters, config, rows, temperature);
    const theirs = parameters === reference ? ours : await tokenLikelihoods(reference, config, rows, temperature);
    return texts.map((text, i) => ({
      text,
      reward: rewards?.[i] ?? null,
      kl: sequenceKl(ours[i], theirs[i]),
      length: responses[i].length,
      ...(gold && { gold: gold.gold(text) }),
    }));
  };
  try {
    const before = await written(reference);
    const after = await written(changed);
    return { rows: prompts.map((prompt, i) => ({ prompt, base: before[i], tuned: after[i] })) };
  } finally {
    disposeParameters(reference);
    disposeParameters(changed);
    scorer?.dispose();
  }
}
