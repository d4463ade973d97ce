import { ruleById } from '../feedback/rules';
import { longest } from '../model/batch';
import { disposeParameters, toParameters, type Parameters } from '../model/parameters';
import { encodePrompts, roomBefore } from '../rl/promptTokens';
import { sampleResponses, type Response } from '../rl/rollout';
import { RandomStream } from '../tensor/random';
import { distinct2 } from '../text/diversity';
import { LabFailure } from './failure';
import type { Desk } from './lab';
import { sequenceKl, tokenLikelihoods } from './likelihood';
import { meanInterval } from './meanInterval';
import { loadCompared } from './policy';
import type { Commands, Evaluation } from './protocol';
import { RewardScorer } from './rewardScorer';
import { promptsOfIteration } from './runPrompts';
import type { Work } from './work';

/** What one policy's samples came to; without rewards where nobody scores. */
interface Judged {
  /** The prompt of each sample. */
  prompts: string[];
  gold: number[];
  rewards: number[];
  kl: number[];
  distinct2: number;
  referenceNll: number;
}

/**
 * Judge a policy and its base model on as many samples of prompts that
 * training never saw, by the same draws. Samples that share a prompt resemble
 * each other, so the intervals take the prompts for clusters.
 */
export async function evaluateRun({ database, shelf }: Desk, { samples, seed, ...compared }: Commands['evaluate']['args'], work: Work): Promise<Evaluation> {
  if (samples < 2) throw new LabFailure('BadCommand', 'At least two samples are needed to say how sure a mean is.');
  const { base, tuned, rewardModelId, goldRule, settings: trained, heldOut } = await loadCompared(database, shelf, compared);
  const gold = goldRule === undefined ? null : ruleById(goldRule);
  const { config, tokenizer } = base;
  // A run on short prompts of its own may be judged on the lab's, which need not be as short.
  const longestPrompt = longest(encodePrompts(base, heldOut, roomBefore(trained.responseLength, config)));
  const settings = { ...trained, promptLength: Math.max(trained.promptLength, longestPrompt) };
  const widths = { prompt: settings.promptLength, response: settings.responseLength };
  const scorer = rewardModelId === undefined ? null : new RewardScorer(await shelf.reward(rewardModelId), undefined, trained.ensemble);
  const reference = toParameters(base.weights);
  const policy = toParameters(tuned);

  const judge = async (parameters: Parameters, done: number): Promise<Judged> => {
    const written: Response[] = [];
    const [rewards, kl]: number[][] = [[], []];
    let nats = 0;
    let tokens = 0;
    for (let batch = 0; written.length < samples; batch++) {
      // Whole batches keep one shape on the device; what is too much of the last is left out.
      const prompts = promptsOfIteration(heldOut, seed, batch, settings.batchSize);
      const random = new RandomStream(seed).fork(`evaluation ${batch}`).state();
      const all = (await sampleResponses({ parameters, config, tokenizer }, prompts, settings, random)).responses;
      const responses = all.slice(0, samples - written.length);
      const scores = await scorer?.score(all.map(({ prompt, text }) => ({ prompt, response: text })));
      const ours = await tokenLikelihoods(parameters, config, all, settings.temperature, widths);
      const theirs = parameters === reference ? ours : await tokenLikelihoods(reference, config, all, settings.temperature, widths);
      responses.forEach((response, i) => {
        written.push(response);
        if (scores) rewards.push(scores[i]);
        kl.push(sequenceKl(ours[i], theirs[i]));
        for (const logProb of theirs[i]) nats -= logProb;
        tokens += theirs[i].length;
      });
      work.progress('Evaluating', done + written.length, 2 * samples);
      await work.breathe();
    }
    const texts = written.map(({ text }) => text);
    return { prompts: written.map(({ prompt }) => prompt), gold: gold ? texts.map((text) => gold.gold(text)) : [], rewards, kl, distinct2: distinct2(texts) ?? 0, referenceNll: nats / tokens };
  };
  try {
    const before = await judge(reference, 0);
    const after = await judge(policy, samples);
    const interval = ({ prompts }: Judged, values: number[]) => meanInterval(values, prompts);
    return {
      samples,
      gold: gold && { base: interval(before, before.gold), tuned: interval(after, after.gold) },
      reward: scorer && { base: interval(before, before.rewards), tuned: interval(after, after.rewards) },
      kl: meanInterval(after.kl).mean,
      distinct2: { base: before.distinct2, tuned: after.distinct2 },
      referenceNll: { base: before.referenceNll, tuned: after.referenceNll },
    };
  } finally {
    disposeParameters(reference);
    disposeParameters(policy);
    scorer?.dispose();
  }
}
