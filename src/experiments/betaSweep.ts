import { frontierBound } from '../rl/frontierBound';
import { acrossSeeds } from './acrossSeeds';
import { runsTable } from './comparedRuns';
import { experiment } from './experiment';
import type { FigurePoint } from './figure';
import { distance, fixed, goldGain, labelsOf, preset, rewardGain } from './recipe';
import type { FinishedRun } from './workbench';
import { decimal } from './words';

const COEFFICIENTS = [0, 0.1, 0.4, 1.6];

interface Outcome {
  runs: FinishedRun[];
  scores: number[];
}

const label = (beta: number) => `β = ${beta}`;

/** The price of distance, from none to so much that nothing moves. */
export const betaSweep = experiment<Outcome>({
  name: 'beta-sweep',
  title: 'What does the leash cost?',
  question: 'How much reward, and how much of what is really wanted, is bought with how much distance from the base model?',
  expectation:
    'The higher β, the nearer the policy stays and the less reward it has. No policy can lie above the line of π_ref·exp(r/β), the best there is at each distance; PPO should come near it while the distance is small (Ziegler et al. 2019, §2.2; Korbak et al. 2022).',
  async measure(bench, seed) {
    const runs: FinishedRun[] = [];
    for (const beta of COEFFICIENTS) runs.push(await bench.run(labelsOf(seed), fixed(preset(bench, 'lean'), beta), {}, label(beta)));
    return { runs, scores: (await bench.samples(labelsOf(seed))).map(({ score }) => score) };
  },
  figure(outcomes) {
    const points = (gain: (run: FinishedRun) => number): FigurePoint[] =>
      COEFFICIENTS.map((beta, i) => {
        const runs = outcomes.map((outcome) => outcome.runs[i]);
        const { mean, low, high } = acrossSeeds(runs.map(gain));
        return { x: Math.max(0, acrossSeeds(runs.map(({ evaluation }) => distance(evaluation))).mean), y: mean, low, high, label: label(beta) };
      });
    const x = { label: 'KL, nats a response (by its root)', scale: 'sqrt' as const, includes: [0] };
    // As PPO's points: above the base model, in its standard deviations, by each seed's own reward model.
    const best = frontierBound(outcomes.flatMap(({ scores }) => standardised(scores)));
    return {
      panels: [
        {
          title: 'Reward that was optimised',
          x,
          y: { label: 'sd above the base model', includes: [0] },
          series: [
            { label: 'no policy lies above', look: 1, as: 'dashes', points: best.map(({ kl, reward }) => ({ x: kl, y: reward })) },
            { label: 'PPO', look: 0, as: 'points', points: points(({ evaluation }) => rewardGain(evaluation)) },
          ],
        },
        { title: 'Gold score, which training never sees', x, y: { label: 'sd above the base model', includes: [0] }, series: [{ label: 'PPO', look: 0, as: 'points', points: points(({ evaluation }) => goldGain(evaluation)) }] },
      ],
    };
  },
  table: (outcomes) => runsTable(COEFFICIENTS.map((beta) => (beta === 0 ? 'β = 0' : `β = ${decimal(beta)}`)), outcomes.map(({ runs }) => runs)),
});

function standardised(scores: readonly number[]): number[] {
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const std = Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length);
  return scores.map((score) => (score - mean) / (std || 1));
}
