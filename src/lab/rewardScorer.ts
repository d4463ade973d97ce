import type { LanguageModel } from '../model/languageModel';
import { disposeParameters, toParameters, type Parameters } from '../model/parameters';
import { scoreTexts, type JudgedText } from '../reward/rewardModel';

/** A reward model on the device. Its head holds the normalisation, so scores are rewards. */
export class RewardScorer {
  private readonly parameters: Parameters;

  /** @param width see {@link scoreTexts} */
  constructor(private readonly model: LanguageModel, private readonly width?: number) {
    this.parameters = toParameters(model.weights);
  }

  score(texts: readonly JudgedText[]): Promise<Float32Array> {
    const { config, tokenizer } = this.model;
    return scoreTexts({ config, tokenizer, parameters: this.parameters }, texts, { width: this.width });
  }

  dispose(): void {
    disposeParameters(this.parameters);
  }
}
