import type { LanguageModel } from '../model/languageModel';
import { unpackMembers } from '../model/members';
import { toParameters, type Parameters } from '../model/parameters';
import { aggregated, aggregateScale, disagreements, MEAN, type Aggregation } from '../reward/ensemble';
import type { Normalisation } from '../reward/normalisation';
import { scoreTexts, type JudgedText } from '../reward/rewardModel';

/** A reward model on the device, or several that score together. Their heads hold the normalisation, so scores are rewards. */
export class RewardScorer {
  /** By member; what a member shares with the first is there once. */
  private readonly members: Parameters[];
  private readonly scale: Normalisation;
  #disagreement: number | undefined;

  /** @param width see {@link scoreTexts} */
  constructor(
    private readonly model: LanguageModel,
    private readonly width?: number,
    private readonly aggregation: Aggregation = MEAN,
  ) {
    const { first, others, referenceScores } = unpackMembers(model.weights);
    const shared = toParameters(first);
    this.members = [shared, ...others.map((own) => new Map([...shared, ...toParameters(own)]))];
    this.scale = others.length === 0 ? { gain: 1, bias: 0 } : aggregateScale(referenceScores, aggregation);
  }

  /** Mean over the texts scored last of the standard deviation of the members' rewards; undefined where one model scores. */
  get disagreement(): number | undefined {
    return this.#disagreement;
  }

  /** One reward for each text, of mean 0 and standard deviation 1 on the reference policy. */
  async score(texts: readonly JudgedText[]): Promise<Float32Array> {
    return this.aggregate(await this.scoreByMember(texts));
  }

  /** Each member's own rewards. */
  async scoreByMember(texts: readonly JudgedText[]): Promise<Float32Array[]> {
    const { config, tokenizer } = this.model;
    const scores: Float32Array[] = [];
    for (const parameters of this.members) scores.push(await scoreTexts({ config, tokenizer, parameters }, texts, { width: this.width }));
    return scores;
  }

  /** What {@link scoreByMember} gave as one reward for each text. */
  aggregate(members: readonly Float32Array[]): Float32Array {
    if (members.length === 1) return members[0];
    const spread = disagreements(members);
    this.#disagreement = spread.reduce((sum, value) => sum + value, 0) / spread.length;
    return aggregated(members, this.aggregation).map((reward) => this.scale.gain * reward + this.scale.bias);
  }

  dispose(): void {
    const owned = new Set(this.members.flatMap((parameters) => [...parameters.values()]));
    for (const parameter of owned) parameter.dispose();
    this.members.length = 0;
  }
}
