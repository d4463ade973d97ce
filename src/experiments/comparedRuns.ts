import type { MetricName, PpoSettings, RewardSettings } from '../lab/protocol';
import { acrossSeeds } from './acrossSeeds';
import { experiment, type Experiment } from './experiment';
import type { Axis, FigurePanel, FigurePoint, Table } from './figure';
import { distance, goldGain, labelsOf, rewardGain } from './recipe';
import { meanInWords } from './words';
import type { FinishedRun, Labels, Workbench } from './workbench';

/** One of the runs that an experiment sets side by side. */
export interface Arm {
  label: string;
  settings: (bench: Workbench) => PpoSettings;
  /** Of its reward model, where it differs. */
  reward?: Partial<RewardSettings>;
  /** Of its labels, where they differ. */
  labels?: Partial<Labels>;
}

/** The runs of one seed, in the arms' order. */
export type RunsOutcome = FinishedRun[];

export interface MetricPanel {
  metric: MetricName;
  title: string;
  y: Axis;
}

/** Panels that several experiments show. */
export const PANELS = {
  reward: { metric: 'objective/score_mean', title: 'Reward', y: { label: 'standard deviations of the base model’s', includes: [0] } },
  gold: { metric: 'gold', title: 'Gold score, which training never sees', y: { label: 'the rule’s own scale' } },
  kl: { metric: 'objective/kl', title: 'Distance from the base model', y: { label: 'KL, nats a response', includes: [0] } },
  coefficient: { metric: 'objective/kl_coef', title: 'Price of the distance', y: { label: 'β, reward a nat', includes: [0] } },
  length: { metric: 'length_mean', title: 'Length', y: { label: 'tokens a response' } },
  distinct: { metric: 'distinct_2', title: 'Variety', y: { label: 'share of different word pairs', includes: [0] } },
} as const satisfies Record<string, MetricPanel>;

/** An experiment that sets runs side by side which differ in what their arms say, and in nothing else. */
export function comparedRuns({ arms, panels, ...about }: { arms: readonly Arm[]; panels: readonly MetricPanel[] } & Pick<Experiment, 'name' | 'title' | 'question' | 'expectation'>): Experiment {
  return experiment<RunsOutcome>({
    ...about,
    async measure(bench, seed) {
      const runs: RunsOutcome = [];
      for (const { label, settings, reward, labels } of arms) runs.push(await bench.run({ ...labelsOf(seed), ...labels }, settings(bench), reward, label));
      return runs;
    },
    figure: (outcomes) => ({ panels: panels.map((panel) => curves(panel, arms, outcomes)) }),
    table: (outcomes) => runsTable(arms.map(({ label }) => label), outcomes),
  });
}

/** A metric over the iterations, a line an arm: the mean of the seeds with its interval. */
function curves({ metric, title, y }: MetricPanel, arms: readonly Arm[], outcomes: readonly RunsOutcome[]): FigurePanel {
  return {
    title,
    x: { label: 'iteration' },
    y,
    series: arms.map(({ label }, look) => ({ label, look, as: 'line', points: meanCurve(metric, outcomes.map((runs) => runs[look])) })),
  };
}

function meanCurve(metric: MetricName, runs: readonly FinishedRun[]): FigurePoint[] {
  const longest = Math.max(...runs.map(({ history }) => history.length));
  return Array.from({ length: longest }, (_, i) => i + 1).flatMap((iteration) => {
    // A run that stopped early has no more to say; the mean goes on over the others.
    const values = runs.flatMap(({ history }) => history[iteration - 1]?.metrics[metric] ?? []);
    if (values.length === 0) return [];
    const { mean, low, high, n } = acrossSeeds(values);
    return [{ x: iteration, y: mean, ...(n > 1 && { low, high }) }];
  });
}

/** What each arm's policies are worth in the end, on held-out prompts. */
export function runsTable(labels: readonly string[], outcomes: readonly RunsOutcome[]): Table {
  return {
    columns: ['', 'gold, sd above the base model', 'reward, sd', 'KL, nats', 'distinct-2', 'stopped early'],
    rows: labels.map((label, arm) => {
      const runs = outcomes.map((outcome) => outcome[arm]);
      const over = (value: (run: FinishedRun) => number) => meanInWords(runs.map(value));
      return [
        label,
        over(({ evaluation }) => goldGain(evaluation)),
        over(({ evaluation }) => rewardGain(evaluation)),
        over(({ evaluation }) => distance(evaluation)),
        over(({ evaluation }) => evaluation.distinct2.tuned),
        `${runs.filter(({ note }) => note).length} of ${runs.length}`,
      ];
    }),
  };
}
