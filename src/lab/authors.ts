import { ruleById, type Rule } from '../feedback/rules';
import type { ModelConfig } from '../model/config';
import type { Guide } from '../model/critic';
import { disposeParameters, toParameters, type Parameters } from '../model/parameters';
import type { Writer } from '../rl/rollout';
import { sequenceKl, tokenLikelihoods, type Continuation } from './likelihood';
import type { ModelShelf } from './modelShelf';
import type { Compared } from './policy';
import { openScorer, type TextScorer } from './runScorer';

/** What writes, on the device: a model, perhaps with a critic to guide it, perhaps keeping only the best of several texts. */
export interface Author extends Writer {
  bestOf?: number;
}

/** How a text lies to the base model, in nats. */
export interface Distance {
  /** Σ (log π − log π_base) over the tokens; null of the best of several, for nobody knows how likely that was. */
  kl: number | null;
  /** −Σ log π_base */
  referenceNll: number;
}

/** A policy and the model that it came from, on the device, with what scores them. */
export class Authors {
  readonly base: Author;
  readonly tuned: Author;

  private constructor(
    { base: { config, tokenizer, weights }, tuned, guide, bestOf }: Compared,
    /** Null where nothing scores. */
    readonly scorer: TextScorer | null,
    /** Null where no rule gives a gold score. */
    readonly rule: Rule | null,
  ) {
    this.base = { config, tokenizer, parameters: toParameters(weights) };
    this.tuned = {
      ...this.base,
      ...(tuned !== weights && { parameters: toParameters(tuned) }),
      ...(guide && { guide: { critic: toParameters(guide.critic), beta: guide.beta } }),
      bestOf,
    };
  }

  /** Throws for a reward model or a rule that is not there. */
  static async open(shelf: ModelShelf, compared: Compared): Promise<Authors> {
    const { goldRule } = compared;
    const rule = goldRule === undefined ? null : ruleById(goldRule);
    return new Authors(compared, await openScorer(shelf, compared, compared.settings.ensemble), rule);
  }

  /** How far each of an author's texts lies from the base model; `widths` as in {@link tokenLikelihoods}. */
  async distances(author: Author, rows: readonly Continuation[], temperature: number, widths?: { prompt: number; response: number }): Promise<Distance[]> {
    const likelihoods = ({ parameters, config, guide }: { parameters: Parameters; config: ModelConfig; guide?: Guide }) => tokenLikelihoods(parameters, config, rows, temperature, widths, guide);
    const theirs = await likelihoods(this.base);
    const same = author.parameters === this.base.parameters && !author.guide;
    const ours = same ? theirs : await likelihoods(author);
    return theirs.map((logProbs, i) => ({
      kl: author.bestOf === undefined ? sequenceKl(ours[i], logProbs) : null,
      referenceNll: -logProbs.reduce((sum, logProb) => sum + logProb, 0),
    }));
  }

  dispose(): void {
    disposeParameters(this.base.parameters);
    disposeParameters(this.tuned.parameters);
    if (this.tuned.guide) disposeParameters(this.tuned.guide.critic);
    this.scorer?.dispose();
  }
}
