import { ruleById, type Rule } from '../feedback/rules';
import { longest } from '../model/batch';
import type { LanguageModel } from '../model/languageModel';
import { disposeParameters, toParameters, type Parameters } from '../model/parameters';
import { encodePrompts, roomBefore } from '../rl/promptTokens';
import { sampleResponses, type Response } from '../rl/rollout';
import { RandomStream } from '../tensor/random';
import { sequenceKl, tokenLikelihoods } from './likelihood';
import type { ModelShelf } from './modelShelf';
import type { Compared } from './policy';
import type { SampleScores } from './protocol';
import { promptsOfIteration } from './runPrompts';
import { openScorer, type TextScorer } from './runScorer';

/** A text on a prompt that training never saw, and what it was found to be. */
export interface JudgedSample extends SampleScores {
  /** −Σ log π_base over the response, in nats. */
  referenceNll: number;
  tokens: number;
}

/** Samples policies on held-out prompts, all by the same draws, and judges what they write against the model that they came from. */
export class SampleJudge {
  /** The base model on the device, which can be judged as any policy is. */
  readonly reference: Parameters;
  private readonly settings: Compared['settings'];

  private constructor(
    private readonly base: LanguageModel,
    private readonly heldOut: readonly string[],
    settings: Compared['settings'],
    private readonly scorer: TextScorer | null,
    private readonly rule: Rule | null,
  ) {
    // A run on short prompts of its own may be judged on the lab's, which need not be as short.
    const longestPrompt = longest(encodePrompts(base, heldOut, roomBefore(settings.responseLength, base.config)));
    this.settings = { ...settings, promptLength: Math.max(settings.promptLength, longestPrompt) };
    this.reference = toParameters(base.weights);
  }

  /** Throws for a reward model or a rule that is not there, and PromptTooLongError. */
  static async open(shelf: ModelShelf, { base, heldOut, settings, goldRule, ...reward }: Omit<Compared, 'tuned'>): Promise<SampleJudge> {
    const rule = goldRule === undefined ? null : ruleById(goldRule);
    const scorer = await openScorer(shelf, reward, settings.ensemble);
    try {
      return new SampleJudge(base, heldOut, settings, scorer, rule);
    } catch (error) {
      scorer?.dispose();
      throw error;
    }
  }

  /** So many samples of a policy, which `seed` determines; `onBatch` is awaited after each batch, and told how many there are. */
  async samplesOf(policy: Parameters, { samples, seed }: { samples: number; seed: number }, onBatch: (done: number) => Promise<void>): Promise<JudgedSample[]> {
    const { base: { config, tokenizer }, settings, reference } = this;
    const widths = { prompt: settings.promptLength, response: settings.responseLength };
    const likelihoods = (parameters: Parameters, rows: readonly Response[]) => tokenLikelihoods(parameters, config, rows, settings.temperature, widths);
    const judged: JudgedSample[] = [];
    for (let batch = 0; judged.length < samples; batch++) {
      // Whole batches keep one shape on the device; what is too much of the last is left out.
      const prompts = promptsOfIteration(this.heldOut, seed, batch, settings.batchSize);
      const random = new RandomStream(seed).fork(`evaluation ${batch}`).state();
      const { responses } = await sampleResponses({ parameters: policy, config, tokenizer }, prompts, settings, random);
      const scores = await this.scorer?.score(responses.map(({ prompt, text }) => ({ prompt, response: text })));
      const ours = await likelihoods(policy, responses);
      const theirs = policy === reference ? ours : await likelihoods(reference, responses);
      responses.slice(0, samples - judged.length).forEach(({ prompt, text, tokens }, i) =>
        judged.push({
          prompt,
          response: text,
          score: scores?.[i] ?? null,
          gold: this.rule?.gold(text) ?? null,
          kl: sequenceKl(ours[i], theirs[i]),
          referenceNll: -theirs[i].reduce((sum, logProb) => sum + logProb, 0),
          tokens: tokens.length,
        }),
      );
      await onBatch(judged.length);
    }
    return judged;
  }

  dispose(): void {
    disposeParameters(this.reference);
    this.scorer?.dispose();
  }
}
