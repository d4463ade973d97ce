import type { Evaluation, PpoMetrics, PpoSettings, Proportion, RewardReport, RewardSettings } from '../../src/lab/protocol';
import type { LoopOptions } from './options';

/** What a loop found; `report.json`. */
export interface LoopReport {
  version: string;
  backend: string;
  adapter: string;
  /** The browser or Node that computed it. */
  host: string;
  model: string;
  rule: string;
  seed: number;
  beta: number | 'adaptive';
  /** Rank of the policy's adapter; 0 where all of it was trained. Absent in reports from before there was a choice. */
  lora?: number;
  iterations: number;
  /** Pairs judged by the simulated labeler. */
  labels: number;
  /** The labeler's temperature, and the best accuracy that its noise allows. */
  temperature: number;
  ceiling: number;
  heldOutPairs: number;
  accuracy: Proportion | null;
  gold: Evaluation['gold'];
  reward: Evaluation['reward'];
  evaluatedSamples: number;
  kl: {
    /** Nats a response; null where β is fixed. */
    target: number | null;
    /** Mean over the last quarter of the iterations, at the rollouts. */
    last_quarter: number;
    /** Of the evaluated samples. */
    evaluated: number;
  };
  /** β at the end. */
  final_beta: number;
  distinct_2: Evaluation['distinct2'];
  /** Nats a token that the base model finds in the samples of each policy. */
  reference_nll: Evaluation['referenceNll'];
  seconds: { sample: number; reward: number; ppo: number; evaluate: number };
  /** The earlier loop whose labels and reward model served again. */
  reusedReward: string | null;
  /** Why the run ended before its iterations were done, if it did. */
  note?: string;
  settings: { ppo: PpoSettings; reward: RewardSettings };
  rewardReport: RewardReport;
  history: { iteration: number; metrics: PpoMetrics }[];
}

/** Mean of a metric over the last quarter of the iterations. */
export function lastQuarter(history: LoopReport['history'], metric: keyof PpoMetrics): number {
  const tail = history.slice(-Math.max(1, Math.round(history.length / 4)));
  return tail.reduce((sum, { metrics }) => sum + (metrics[metric] ?? NaN), 0) / tail.length;
}

/** The report in the few lines that a person reads first. */
export function summary(report: LoopReport): string[] {
  const { accuracy, gold, kl, distinct_2, reference_nll } = report;
  const lines = [];
  if (accuracy)
    lines.push(
      `Reward model: ${percent(accuracy.value)} of ${accuracy.n} held-out pairs [${percent(accuracy.low)}, ${percent(accuracy.high)}]; the labeler's noise allows ${percent(report.ceiling)}.`,
    );
  if (gold) {
    const gain = (gold.tuned.mean - gold.base.mean) / gold.base.std;
    lines.push(
      `Gold score:   ${fixed(gold.base.mean)} [${fixed(gold.base.low)}, ${fixed(gold.base.high)}] → ${fixed(gold.tuned.mean)} [${fixed(gold.tuned.low)}, ${fixed(gold.tuned.high)}], ${fixed(gain)} standard deviations of the base model's, on ${gold.tuned.n} held-out samples.`,
    );
  }
  lines.push(
    `KL:           ${fixed(kl.last_quarter)} nats a response in the last quarter${kl.target === null ? '' : `, target ${kl.target}`}; β ended at ${fixed(report.final_beta, 3)}.`,
    `Text:         distinct-2 ${fixed(distinct_2.base, 3)} → ${fixed(distinct_2.tuned, 3)}; ${fixed(reference_nll.base)} → ${fixed(reference_nll.tuned)} nats a token under the base model.`,
  );
  if (report.note) lines.push(`Note:         ${report.note}`);
  return lines;
}

/** The options that must agree before labels and reward model of another loop may serve again. */
export function sameReward(report: LoopReport, options: LoopOptions): boolean {
  return report.model === options.model && report.rule === options.rule && report.seed === options.seed;
}

const fixed = (value: number, digits = 2) => value.toFixed(digits);
const percent = (value: number) => `${(value * 100).toFixed(1)} %`;
