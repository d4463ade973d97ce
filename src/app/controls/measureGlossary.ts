import type { Evaluation, RewardComparison, RewardReport, RewardSettings, TuningReport } from '../../lab/protocol';
import type { Definition } from './definitions';

/*
 * What the reports measure: of a reward model, of an evaluation, of a tuning
 * without a run. The names follow the reports' own fields, so that a field
 * without a definition does not compile, unless it is listed as no measure.
 */

/** Counts of what was there, lists, curves' supports and records: they say what they are where they stand. */
type NoMeasure =
  | 'trainPairs' | 'heldOutPairs' | 'heldOut' | 'texts' | 'disagreements' | 'simulatedPairs' | 'leftOut' | 'ties' | 'mistakes' | 'seconds' | 'samples'
  | 'trainExamples' | 'heldOutExamples' | 'trainTokens' | 'by' | 'source' | 'settings';

type KeysOf<T> = T extends unknown ? keyof T & string : never;

export type MeasureName =
  | `reward/${Exclude<keyof RewardReport & string, NoMeasure>}`
  | `comparison/${Exclude<keyof RewardComparison & string, NoMeasure>}`
  | `pipeline/${RewardSettings['pipeline']}` | `ranking/${RewardSettings['ranking']}`
  | `evaluation/${Exclude<keyof Evaluation & string, NoMeasure>}`
  | `preferences/${Exclude<KeysOf<Extract<TuningReport, { by: 'preferences' }>>, NoMeasure>}`
  | `examples/${Exclude<KeysOf<Extract<TuningReport, { by: 'examples' }>>, NoMeasure>}`
  | `token/${'logProb' | 'reference' | 'kl' | 'ratio' | 'value' | 'advantage' | 'reward'}`
  | 'compare/reward' | 'compare/kl' | 'compare/wins' | 'summary/goldGain';

const WILSON = 'interval: Wilson 1927; src/feedback/proportion.ts';
const REPORT = 'src/reward/report.ts';
const COMPARISON = 'src/reward/rewardComparison.ts';
const MARGIN = 'm = r(preferred) − r(other), raw scores';

export const MEASURES: Record<MeasureName, Definition> = {
  'reward/accuracy': { title: 'Accuracy', about: 'How often the reward model prefers the same text as the judgement did, on pairs it was not trained on. A coin would reach 50 %.', formula: `pairs with m > 0 ÷ decided pairs, ${MARGIN}; an equal score counts half`, source: `${REPORT}; ${WILSON}` },
  'reward/logLoss': { title: 'Log-loss', about: 'How surprised it was by the judgements, on average. A coin: ln 2 ≈ 0.69; lower is better, and being sure and wrong costs most.', formula: `mean of −log σ(m), ${MARGIN}`, source: `Bradley and Terry 1952; ${REPORT}` },
  'reward/brier': { title: 'Brier score', about: 'The squared distance of what it claimed from what was so. A coin: 0.25; lower is better.', formula: 'mean of (1 − σ(m))²', source: `Brier 1950; ${REPORT}` },
  'reward/calibrationError': { title: 'Calibration error (ECE)', about: 'How far its certainty lies from its success, on average. 0: of what it is 70 % sure of, 70 % is so.', formula: 'Σ_bins n_bin/n · |mean claim − share that was so|, ten bins of equal width', source: 'Guo et al. 2017, eq. 3; src/reward/calibration.ts' },
  'reward/calibration': { title: 'Calibration', about: 'For pairs of which it was about equally sure: how sure it was, and how often it was so.', formula: 'per bin: mean of σ(r_left − r_right), share where left was preferred', source: 'Guo et al. 2017, §2; src/reward/calibration.ts' },
  'reward/meanMargin': { title: 'Mean margin', about: 'How much higher it scores the preferred text than the other, on average, in log-odds.', formula: `mean of m, ${MARGIN}`, source: REPORT },
  'reward/lengthCorrelation': { title: 'Correlation with length', about: 'Whether longer texts get higher scores: 1 always, 0 no matter, −1 the shorter the better.', formula: 'Pearson’s r of score and number of tokens, over all texts of the held-out pairs', source: `Singhal et al. 2023; ${REPORT}` },
  'reward/accuracyByLength': { title: 'Accuracy by length', about: 'The accuracy of four groups of pairs, from short to long: does it judge long texts as well as short ones?', formula: 'pairs with m > 0 ÷ pairs of the group', source: `${REPORT}; ${WILSON}` },
  'reward/leftSide': { title: 'Left side', about: 'How often the text on the left was preferred, and how often the model prefers it. A fair labeler: half.', formula: 'pairs where left won ÷ decided pairs', source: `${REPORT}; ${WILSON}` },
  'reward/ceiling': { title: 'Ceiling', about: 'What a perfect judge would reach against a simulated labeler that errs at random. Clearly above it, the split leaks.', formula: 'mean of σ(|Δ|/T), Δ the gap of the gold scores, T the labeler’s temperature', source: 'src/feedback/simulatedLabeler.ts' },
  'reward/selfAgreement': { title: 'Agreement with oneself', about: 'How often the labeler gives the same answer to a pair that comes twice: a model can hardly agree with the labeler more than that.', formula: 'pairs judged alike twice ÷ pairs judged twice; expected of a simulated labeler: mean of p² + (1 − p)², p = σ(Δ/T)', source: `src/feedback/selfAgreement.ts; ${WILSON}` },
  'reward/lossCurve': { title: 'Loss', about: 'How wrong its guesses are on what it learns from. On pairs, guessing costs ln 2 ≈ 0.69; on a ranking’s scores, always saying the average costs 1.', formula: 'mean of −log σ(r(preferred) − r(other)) + c · (r₁ + r₂)², step by step; of a ranking’s z-scores: mean of (r − z)²', source: 'Ouyang et al. 2022, eq. 1; Eisenstein et al. 2023; src/reward/training.ts' },
  'reward/gain': { title: 'Gain', about: 'What raw scores are multiplied by, so that the base model’s texts get a spread of 1.', formula: '1 / std of the raw scores of base-model samples', source: 'Ziegler et al. 2019; src/reward/training.ts' },
  'reward/bias': { title: 'Bias', about: 'What is added to scaled scores, so that the base model’s texts get 0 on average.', formula: '−gain · mean of the raw scores of base-model samples', source: 'Ziegler et al. 2019; src/reward/training.ts' },
  'comparison/accuracy': { title: 'Accuracy', about: 'How often each reward model prefers the text that the judgement preferred, on pairs that neither was trained on. A coin would reach 50 %.', formula: 'pairs with m > 0 ÷ decided pairs, m = r(preferred) − r(other); an equal score counts half', source: `${COMPARISON}; ${WILSON}` },
  'comparison/agreement': { title: 'Agreement', about: 'How often the two reward models prefer the same text, right or wrong.', formula: 'pairs with m_A · m_B > 0 ÷ decided pairs, m = r(preferred) − r(other); where just one scores both texts alike, half', source: `${COMPARISON}; ${WILSON}` },
  'comparison/disputed': { title: 'Disputed pairs', about: 'Of the pairs of which the two prefer different texts, how often the first one is right. Near half, neither is better than the other.', formula: 'pairs with m_A > 0 > m_B ÷ pairs with m_A · m_B < 0', source: `McNemar 1947; ${COMPARISON}; ${WILSON}` },
  'comparison/correlation': { title: 'Correlation of the scores', about: 'Whether texts that one model scores high are scored high by the other: 1 always in proportion, 0 no matter, −1 the other way round.', formula: 'Pearson’s r of r_A and r_B, over all texts of the pairs', source: `Pearson 1895; ${COMPARISON}` },
  'pipeline/end-to-end': { title: 'End to end', about: 'The reward model reads both texts of a judgement, and is corrected until it scores the preferred one higher.', formula: 'minimise the mean of −log σ(r(preferred) − r(other))', source: 'Ziegler et al. 2019, §2.1; Ouyang et al. 2022, eq. 1; src/reward/training.ts' },
  'pipeline/modular': { title: 'Modular', about: 'The judgements first give each judged text a score, without anybody reading it. The reward model then learns to guess that score from the words.', formula: 'rank: s = scores of the judged texts.  z = (s − mean) / std.  regress: minimise the mean of (r − z)²', source: 'src/reward/modular.ts' },
  'ranking/bradley-terry': { title: 'Bradley–Terry', about: 'Scores that make the judged pairs as likely as can be, if the chance to be preferred grows with the lead in score.', formula: 'minimise −Σ log σ(s(preferred) − s(other)) + ½λ · Σ s²', source: 'Bradley and Terry 1952; src/reward/ranking/bradleyTerryFit.ts' },
  'ranking/plackett-luce': { title: 'Plackett–Luce', about: 'Scores that make whole rankings as likely as can be, if the best is chosen first, then the best of the rest, and so on.', formula: 'minimise −Σ_i [s_i − log Σ_{j after or at i} exp s_j] + ½λ · Σ s²', source: 'Plackett 1975; Luce 1959; src/reward/ranking/plackettLuceFit.ts' },
  'ranking/elo': { title: 'Elo', about: 'Ratings as in chess: each judgement moves points from the loser to the winner, more of them the less it was expected.', formula: 's ← s + K · (outcome − 1/(1 + base^(−lead/400)))', source: 'Elo 1978; src/reward/ranking/elo.ts' },
  'evaluation/gold': { title: 'Gold score', about: 'The rule’s own score of texts on openings that training never saw. Nobody trains on it.', formula: 'mean of rule(text) ± 1.96 standard errors, prompts as clusters', source: 'Gao et al. 2022; src/lab/meanInterval.ts' },
  'evaluation/reward': { title: 'Reward', about: 'What the reward model gives texts on openings that training never saw. 0 is the base model, 1 its spread.', formula: 'mean of the score ± 1.96 standard errors, prompts as clusters', source: 'Miller 2024; src/lab/meanInterval.ts' },
  'evaluation/kl': { title: 'KL', about: 'How far the tuned model is from the base model, in nats a text, on its own texts. For a single text the figure may fall below 0, where the base model would have been likelier to write it.', formula: 'mean over texts of Σ_t (log π − log π_ref)', source: 'Schulman, “Approximating KL Divergence”, 2020; src/lab/likelihood.ts' },
  'evaluation/distinct2': { title: 'Distinct-2', about: 'Share of word pairs that are different. It falls when a model repeats itself; it depends on how many texts there are, so compare only equal numbers.', formula: 'different pairs of neighbouring words ÷ all such pairs, over all texts together', source: 'Li et al. 2016; src/text/diversity.ts' },
  'evaluation/referenceNll': { title: 'Oddness to the base model', about: 'How unlikely the base model finds the texts, in nats a token. Its own texts have its entropy; gibberish has much more.', formula: '−Σ log π_ref ÷ tokens, over all texts', source: 'src/lab/evaluateJob.ts' },
  'preferences/lossCurve': { title: 'Loss', about: 'How wrong it still is on the pairs that it learns from. Before the first step DPO’s is ln 2 ≈ 0.69.', formula: 'DPO: −log σ(β(Δ_c − Δ_r)).  IPO: (Δ_c − Δ_r − 1/(2β))².  KTO: each text for itself.  Δ = log π − log π_ref', source: 'Rafailov et al. 2023, eq. 7; Azar et al. 2023, eq. 17; Ethayarajh et al. 2024, eq. 8; src/rl/dpo.ts' },
  'preferences/heldOutCurve': { title: 'Held-out loss', about: 'The same loss on pairs that it never saw. Where it rises again, the training pairs are learned by heart.', formula: 'as the loss, on held-out prompts', source: 'src/rl/dpoTraining.ts' },
  'preferences/heldOutLoss': { title: 'Held-out loss', about: 'The loss on pairs that it never saw, after the last step.', formula: 'as the loss, on held-out prompts', source: 'src/rl/dpoTraining.ts' },
  'preferences/accuracy': { title: 'Held-out accuracy', about: 'How often the preferred text gained more likelihood than the other, on pairs that it never saw.', formula: 'pairs with β(Δ_c − Δ_r) > 0 ÷ pairs', source: `Rafailov et al. 2023, §4; ${WILSON}` },
  'preferences/meanMargin': { title: 'Mean margin', about: 'How much more the preferred text gained than the other, in units of the implied reward.', formula: 'mean of β(Δ_c − Δ_r)', source: 'Rafailov et al. 2023, §4; src/rl/dpoTraining.ts' },
  'preferences/kl': { title: 'KL', about: 'How far the tuned model’s own texts lie from the base model, in nats a text.', formula: 'mean over its samples of Σ_t (log π − log π_ref) ± 1.96 standard errors', source: 'Schulman, “Approximating KL Divergence”, 2020; src/rl/dpoTraining.ts' },
  'examples/lossCurve': { title: 'Loss', about: 'How unlikely it finds the examples that it learns from, in nats a token.', formula: '−Σ log π ÷ tokens that are learned, step by step', source: 'src/rl/sft.ts' },
  'examples/heldOutCurve': { title: 'Held-out loss', about: 'The same on examples that it never saw. Where it rises again, the others are learned by heart.', formula: 'as the loss, on held-out examples', source: 'src/rl/sft.ts' },
  'token/logProb': { title: 'log π', about: 'How likely the policy that wrote the text found this token, after all that stood before it. 0 is certainty; −2.3 is one in ten.', formula: 'log π(token | what stood before), of softmax(logits / τ)', source: 'src/model/logProbs.ts' },
  'token/reference': { title: 'log π_ref', about: 'How likely the base model finds the same token at the same place.', formula: 'log π_ref(token | what stood before), of softmax(logits / τ)', source: 'Ziegler et al. 2019, §2.2; src/model/logProbs.ts' },
  'token/kl': { title: 'KL (k1)', about: 'How much likelier the policy is to write this token than the base model, in nats. Its sum is the text’s KL; a single token’s may be negative.', formula: 'k1 = log π − log π_ref', source: 'Schulman, “Approximating KL Divergence”, 2020; src/rl/kl.ts' },
  'token/ratio': { title: 'ρ', about: 'How many times as likely this token became by the iteration’s update. At the rollout it is 1, for then the policy is the one that wrote; here stands what the update made of it.', formula: 'ρ = π_after / π = exp(log π_after − log π)', source: 'Schulman et al. 2017, §3; src/rl/ppo.ts' },
  'token/value': { title: 'V', about: 'What the value head expected, just before this token, the rest of the text to bring. Only PPO has it.', formula: 'V(what stood before)', source: 'Schulman et al. 2016; src/rl/languagePolicy.ts' },
  'token/advantage': { title: 'A', about: 'How much better the text turned out from here than expected, as the update used it: shifted and scaled where advantages are whitened, so that it is to be compared with the others, not added up.', formula: 'PPO: A_t = δ_t + γλ · A_{t+1},  δ_t = r_t + γ · V_{t+1} − V_t', source: 'Schulman et al. 2016, eq. 16; src/rl/advantages.ts' },
  'token/reward': { title: 'r', about: 'What this token earned: it pays for its distance from the base model, and the last one gets the text’s score.', formula: 'r_t = −β · k1_t, and the score is added at the last token', source: 'Ziegler et al. 2019, §2.2; src/rl/rewards.ts' },
  'compare/reward': { title: 'Reward', about: 'The score that the reward model gives to this text. 0 is what the base model gets on average; 1 is one standard deviation better.', formula: 'gain · raw + bias', source: 'Ziegler et al. 2019; src/reward/rewardModel.ts' },
  'compare/kl': { title: 'KL', about: 'How much likelier the tuned model is to write this text than the base model, in nats. It may be negative for a single text.', formula: 'Σ_t (log π − log π_ref)', source: 'Schulman, “Approximating KL Divergence”, 2020; src/lab/likelihood.ts' },
  'compare/wins': { title: 'Win rate', about: 'How often the tuned text was preferred, of the pairs where one was. No difference: half.', formula: 'wins ÷ (wins + losses)', source: WILSON },
  'summary/goldGain': { title: 'Gold, gained', about: 'How much the gold score rose from the first iteration, where the policy still is the base model.', formula: 'mean gold of the last quarter − gold of iteration 1', source: 'src/app/compare/runSummary.ts' },
};
