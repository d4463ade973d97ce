/**
 * One PPO iteration in numbers, all over valid tokens only; names follow
 * openai/lm-human-preferences and TRL. A metric that is undefined for an
 * iteration (explained variance of constant returns) is absent.
 */
export type MetricName =
  | 'objective/kl'
  | 'objective/kl_k3'
  | 'objective/kl_per_token'
  | 'objective/kl_coef'
  | 'objective/score_mean'
  | 'objective/score_std'
  | 'objective/non_score_reward'
  | 'objective/rlhf_reward'
  | 'objective/entropy'
  | 'policy/approxkl_k2'
  | 'policy/approxkl_k3'
  | 'policy/clipfrac'
  | 'policy/ratio_mean'
  | 'policy/ratio_max'
  | 'policy/first_minibatch_max_ratio_error'
  | 'policy/skipped_minibatches'
  | 'loss/policy'
  | 'loss/value'
  | 'loss/total'
  | 'value/mean'
  | 'value/clipfrac'
  | 'value/explained_var'
  | 'adv/mean'
  | 'adv/std'
  | 'grad_norm'
  | 'lr'
  | 'length_mean'
  | 'length_max'
  | 'eos_rate'
  | 'distinct_2'
  | 'repeat_ngram'
  | 'gold'
  | 'score_clip_frac'
  | 'time/rollout'
  | 'time/score'
  | 'time/train'
  | 'gpu/bytes'
  | 'gpu/dispatches'
  | 'episode';

export type PpoMetrics = Partial<Record<MetricName, number>>;
