import type { MetricName } from '../../lab/protocol';
import type { Definition } from './definitions';
import { bytes } from './wording';

/*
 * What is measured in each iteration, in the order of its steps. In the
 * formulas N is the number of texts of an iteration, t runs over their tokens
 * and Σ_t over those of one text; π is the policy that wrote them, π_ref the
 * base model, and ρ = π_now/π after a part of the update.
 */

type MetricDefinition = Definition & { format?: (value: number) => string };

const SCHULMAN_KL = 'Schulman, “Approximating KL Divergence”, 2020; src/rl/kl.ts';
const METRICS_FILE = 'src/rl/metrics.ts';
const CLIPPED = 'Schulman et al. 2017, eq. 7; src/tensor/clippedSurrogate.ts';

export const METRICS: Record<MetricName, MetricDefinition> = {
  episode: { title: 'Texts so far', about: 'Texts that the policy has written since the run began.', formula: 'iterations · N', source: 'src/rl/ppo.ts' },
  length_mean: { title: 'Length', about: 'Tokens in a text, on average.', formula: '1/N · Σ length', source: METRICS_FILE },
  length_max: { title: 'Longest text', about: 'Tokens in the longest text.', formula: 'max length', source: METRICS_FILE },
  eos_rate: { title: 'Ended', about: 'Share of texts that the model brought to an end itself.', formula: 'texts with an end-of-sequence token ÷ N', source: METRICS_FILE },
  distinct_2: { title: 'Distinct-2', about: 'Share of word pairs that are different. It falls when the model repeats itself.', formula: 'different pairs of neighbouring words ÷ all such pairs, over the N texts together', source: 'Li et al. 2016; src/text/diversity.ts' },
  repeat_ngram: { title: 'Repeated', about: 'Share of word triples that stood in the same text before.', formula: '1 − different triples ÷ all triples, counted text by text and added up', source: 'seq-rep-n of Welleck et al. 2020; src/text/diversity.ts' },
  'objective/entropy': { title: 'Entropy', about: 'How unsure the policy is of the next token, in nats. Near 0 it always writes the same.', formula: 'mean over all tokens of −Σ_v π(v)·log π(v), v over the vocabulary', source: 'Shannon 1948; src/tensor/tokenDistribution.ts' },
  'objective/kl': { title: 'KL', about: 'How far the policy has moved from the base model, in nats a text, measured on the texts it wrote.', formula: '1/N · Σ_texts Σ_t k1,  k1 = log π − log π_ref', source: `Ziegler et al. 2019, §2.2; ${SCHULMAN_KL}` },
  'objective/kl_k2': { title: 'KL, squared estimate', about: 'The same distance as half the squared log-ratio: never negative, and right for small distances only.', formula: '1/N · Σ_texts Σ_t k2,  k2 = ½ (log π − log π_ref)²', source: SCHULMAN_KL },
  'objective/kl_k3': { title: 'KL, steadier estimate', about: 'The same distance by an estimate that is never negative and varies less.', formula: '1/N · Σ_texts Σ_t k3,  k3 = π_ref/π − 1 − log(π_ref/π)', source: SCHULMAN_KL },
  'objective/kl_per_token': { title: 'KL a token', about: 'The same distance in nats a token, so that short and long texts compare.', formula: 'Σ k1 over all tokens ÷ number of tokens', source: METRICS_FILE },
  'objective/kl_coef': { title: 'β', about: 'What a nat of distance costs, in units of reward.', formula: 'β ← β · (1 + clip(KL/target − 1, ±0.2) · N/horizon) after each update, where it adapts', source: 'Ziegler et al. 2019, §2.2; src/rl/klController.ts' },
  'objective/score_mean': { title: 'Reward', about: 'What the reward model gives the texts, on average. 0 is the base model, 1 its spread.', formula: '1/N · Σ score,  score = gain · raw + bias', source: 'Ziegler et al. 2019; src/reward/rewardModel.ts, src/rl/scores.ts' },
  'objective/score_std': { title: 'Spread of the reward', about: 'Standard deviation of the reward over the texts.', formula: '√(1/N · Σ (score − mean)²)', source: METRICS_FILE },
  'objective/score_disagreement': { title: 'Judges’ disagreement', about: 'How far the members of the reward model are apart about a text, on average. It rises where the policy writes what they never learned to judge.', formula: '1/N · Σ_texts √(1/K · Σ_k (r_k − r_mean)²), each of the K members normalised', source: 'Coste et al. 2023, “Reward model ensembles help mitigate overoptimization”; src/reward/ensemble.ts' },
  score_clip_frac: { title: 'Clipped scores', about: 'Share of texts whose score was so extreme that it was cut off.', formula: 'texts with |score| > the limit ÷ N', source: 'src/rl/scores.ts' },
  gold: { title: 'Gold score', about: 'What the simulated labeler’s rule really gives, in its own units. Nobody trains on it.', formula: '1/N · Σ rule(text)', source: 'Gao et al. 2022; src/feedback/rules' },
  'objective/non_score_reward': { title: 'KL cost', about: 'What the distance from the base model costs, in units of reward.', formula: '−β · KL', source: 'Ziegler et al. 2019, §2.2; src/rl/rewards.ts' },
  'objective/rlhf_reward': { title: 'Reward less KL cost', about: 'What is raised: the reward less what the distance costs.', formula: '1/N · Σ_texts (score − β · Σ_t k1)', source: 'Ziegler et al. 2019, eq. 2; src/rl/rewards.ts' },
  'value/mean': { title: 'Expected score', about: 'What the value head expects the rest of a text to bring, on average over its tokens.', formula: 'mean of V over all tokens', source: METRICS_FILE },
  'value/explained_var': { title: 'Variance explained', about: 'How well the value head foresees the outcome. 1: entirely. 0: no better than the average. Below: worse.', formula: '1 − Var(R − V) / Var(R),  R = A + V', source: 'openai/baselines, explained_variance; src/rl/metrics.ts' },
  'adv/baseline': { title: 'Baseline', about: 'What REINFORCE expects of a text: a moving average of what the iterations before got.', formula: 'b ← d · b + (1 − d) · mean reward, d the memory of the average', source: 'Williams 1992; src/rl/algorithms.ts' },
  'adv/mean': { title: 'Mean advantage', about: 'How much better tokens turned out than expected, on average, before whitening.', formula: 'mean of A;  for PPO A_t = δ_t + γλ · A_{t+1},  δ_t = r_t + γ · V_{t+1} − V_t', source: 'Schulman et al. 2016, eq. 16; src/rl/advantages.ts' },
  'adv/std': { title: 'Spread of the advantage', about: 'Standard deviation of the advantages before whitening.', formula: '√(mean of (A − mean A)²) over all tokens', source: 'src/rl/advantages.ts' },
  'adv/whitened': { title: 'Whitened', about: '1: the advantages were shifted and scaled to mean 0 and spread 1. 0: they were not.', formula: '(A − mean A) / √(Var A + 10⁻⁸), from 8 tokens on', source: 'openai/lm-human-preferences, utils.whiten; src/rl/advantages.ts' },
  'loss/policy': { title: 'Policy loss', about: 'The clipped objective with its sign turned, averaged over the updates.', formula: 'mean of max(−A·ρ, −A·clip(ρ, 1 ± ε)) over tokens', source: CLIPPED },
  'loss/value': { title: 'Value loss', about: 'How far the value head’s expectations were from what came, squared.', formula: '½ · mean of max((V − R)², (V_old + clip(V − V_old, ±ε) − R)²)', source: 'openai/lm-human-preferences, train_policy.py; src/tensor/clippedSquaredError.ts' },
  'loss/kl': { title: 'KL in the loss', about: 'The distance from the base model as the loss measures it, in nats a token, before it is multiplied by β.', formula: 'mean of k2 or k3 over tokens, as the settings say', source: 'Shao et al. 2024, eq. 4; src/rl/kl.ts' },
  'loss/total': { title: 'Total loss', about: 'The losses with their weights: what the optimiser lowers.', formula: 'policy + c_V · value + β · KL in the loss − c_H · entropy, as far as there are such', source: 'Schulman et al. 2017, eq. 9; src/rl/update.ts' },
  'policy/approxkl_k2': { title: 'Movement, squared', about: 'How far the update moved the policy, as half the squared log-ratio, in nats a token.', formula: 'mean of ½ (log ρ)² over tokens', source: SCHULMAN_KL },
  'policy/approxkl_k3': { title: 'Movement', about: 'How far the update moved the policy, in nats a token.', formula: 'mean of ρ − 1 − log ρ over tokens', source: SCHULMAN_KL },
  'policy/clipfrac': { title: 'Clipped tokens', about: 'Share of tokens that had changed so much that PPO stopped their gain.', formula: 'tokens with |ρ − 1| > ε ÷ tokens', source: `openai/baselines, ppo2; ${CLIPPED}` },
  'value/clipfrac': { title: 'Clipped values', about: 'Share of tokens whose expected score was kept from changing further.', formula: 'tokens with |V − V_old| > ε ÷ tokens', source: 'openai/baselines, ppo2; src/tensor/clippedSquaredError.ts' },
  'policy/ratio_mean': { title: 'Mean ratio', about: 'How likely the tokens are after an update against before, on average. It stays near 1.', formula: 'mean of ρ over tokens', source: CLIPPED },
  'policy/ratio_max': { title: 'Largest ratio', about: 'The token that gained most: how many times as likely it became.', formula: 'max ρ over tokens', source: CLIPPED },
  'policy/first_minibatch_max_ratio_error': { title: 'Error of the first ratio', about: 'Before its first update the policy must find its own tokens exactly as likely as it wrote them. Anything but nearly 0 is a fault of the device or of the lab.', formula: 'max |ρ − 1| over the tokens of the first minibatch', source: 'Huang et al. 2023; src/rl/update.ts' },
  'policy/rollout_logprob_error': { title: 'Writing against reading', about: 'The model writes token by token from a memory of what it read, and learns from the whole text at once. Both must find a token equally likely; this is the largest difference, in nats. More than a thousandth is a fault of the device or of the lab.', formula: 'max |log π by the decoder − log π by the full pass|', source: METRICS_FILE },
  'policy/skipped_minibatches': { title: 'Skipped updates', about: 'Updates that were left out because they would have moved the policy too far at once.', formula: 'minibatches with mean ρ above the limit, or with a number that is not finite', source: 'Huang et al. 2023; src/rl/update.ts' },
  grad_norm: { title: 'Gradient', about: 'Length of the gradient before it is shortened.', formula: '√(Σ g²) over all that is trained, averaged over the updates', source: 'Pascanu et al. 2013; src/tensor/adamW.ts' },
  lr: { title: 'Learning rate', about: 'Size of the optimiser’s steps.', formula: 'first rate · (1 − iterations done ÷ iterations), where it falls', source: 'src/rl/schedule.ts' },
  'time/rollout': { title: 'Writing', about: 'Seconds for writing the texts.', formula: 'end − begin, by the clock', source: 'src/rl/ppo.ts' },
  'time/score': { title: 'Scoring', about: 'Seconds for the base model’s probabilities and the reward model’s scores.', formula: 'reference + score, by the clock', source: 'src/rl/ppo.ts' },
  'time/train': { title: 'Learning', about: 'Seconds for the updates.', formula: 'rewards + advantages + update, by the clock', source: 'src/rl/ppo.ts' },
  'gpu/bytes': { title: 'Device memory', about: 'Bytes of the graphics device that are allocated, in use or kept for reuse. 0 without WebGPU.', formula: 'Σ size of the buffers', source: 'src/tensor/backend.ts', format: bytes },
  'gpu/dispatches': { title: 'Dispatches', about: 'Programs that were sent to the graphics device in this iteration. 0 without WebGPU.', formula: 'count from the iteration’s begin to its end', source: 'src/tensor/backend.ts' },
};
