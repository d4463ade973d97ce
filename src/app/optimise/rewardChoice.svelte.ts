import type { RewardMix } from '../../lab/protocol';
import { randomSeed } from '../../feedback/identity';
import type { RunRecord } from '../../store/schema';
import { parseRule, type Expression } from '../../text/rule/parser';
import { RuleError } from '../../text/rule/ruleError';
import { isSound } from '../settings/fields';
import { MIX_FIELDS } from '../settings/mixFields';
import { lab } from '../shell/lab.svelte';
import { shelf } from '../shell/shelf.svelte';
import { EXAMPLE_RULES } from './exampleRules';
import { previewRule, type NoPreview, type RulePreview } from './rulePreview';

/** Who scores: a reward model, a rule of the person's own, or both. */
export type Judge = 'model' | 'rule' | 'both';

/** Texts of the base model that a rule is tried on: one batch. */
const TRIED = 32;

type Read = { rule: Expression; fault: null } | { rule: null; fault: RuleError };

/** What a run that is being put together is rewarded for. */
export class RewardChoice {
  #judge = $state<Judge>('model');
  #rule = $state<string>(EXAMPLE_RULES[0].rule);
  #weights = $state.raw<RewardMix['weights']>({ model: 1, length: 0, rule: 1 });
  #written = $state.raw<{ modelId: string; texts: readonly string[] } | null>(null);
  /** The model that writes just now, and why it last could not. */
  #writer = $state<string | null>(null);
  #failure = $state<string | null>(null);

  #read = $derived.by((): Read => {
    try {
      return { rule: parseRule(this.#rule), fault: null };
    } catch (error) {
      if (error instanceof RuleError) return { rule: null, fault: error };
      throw error;
    }
  });

  #preview = $derived<RulePreview | NoPreview | null>(this.#read.rule && this.#written && previewRule(this.#read.rule, this.#written.texts));

  /** Without a reward model there is only the rule. */
  get judge(): Judge {
    return shelf.rewardModels.length > 0 ? this.#judge : 'rule';
  }

  get usesModel(): boolean {
    return this.judge !== 'rule';
  }

  get usesRule(): boolean {
    return this.judge !== 'model';
  }

  get rule(): string {
    return this.#rule;
  }

  /** What is wrong with the rule, and where; null where it can be read. */
  get fault(): RuleError | null {
    return this.#read.fault;
  }

  get weights(): RewardMix['weights'] {
    return this.#weights;
  }

  /** What the rule makes of texts of the base model; null before they are written, and of a rule that cannot be read. */
  get preview(): RulePreview | NoPreview | null {
    return this.#preview;
  }

  /** How many texts the preview is of. */
  get tried(): number {
    return this.#written?.texts.length ?? 0;
  }

  get writing(): boolean {
    return this.#writer !== null;
  }

  get failure(): string | null {
    return this.#failure;
  }

  get sound(): boolean {
    return !this.usesRule || (this.fault === null && !(this.#preview && 'fault' in this.#preview) && (this.judge === 'rule' || isSound(MIX_FIELDS, this.#weights)));
  }

  /** As the run takes it; undefined where a reward model alone scores. */
  get mix(): RewardMix | undefined {
    if (this.judge === 'model') return undefined;
    return { weights: this.judge === 'rule' ? { model: 0, length: 0, rule: 1 } : { ...this.#weights }, rule: this.#rule };
  }

  choose(judge: Judge): void {
    this.#judge = judge;
  }

  write(rule: string): void {
    this.#rule = rule;
  }

  weigh(weights: RewardMix['weights']): void {
    this.#weights = weights;
  }

  /** As a run that is there has it. */
  fillLike({ rewardModelId, reward }: Pick<RunRecord, 'rewardModelId' | 'reward'>): void {
    this.#judge = !reward ? 'model' : rewardModelId === undefined ? 'rule' : 'both';
    if (!reward) return;
    const { weights, rule } = reward as RewardMix;
    this.#rule = rule;
    this.#weights = weights;
  }

  /** Let the base model write texts to try the rule on, unless it has. */
  async tryOn(modelId: string): Promise<void> {
    if (modelId === '' || this.#written?.modelId === modelId || this.#writer === modelId) return;
    this.#writer = modelId;
    this.#failure = null;
    try {
      const { texts } = await lab.ask('sampleReference', { modelId, count: TRIED, seed: randomSeed() });
      if (this.#writer === modelId) this.#written = { modelId, texts: texts.map(({ response }) => response) };
    } catch (error) {
      if (this.#writer === modelId) this.#failure = error instanceof Error ? error.message : String(error);
    } finally {
      if (this.#writer === modelId) this.#writer = null;
    }
  }
}
