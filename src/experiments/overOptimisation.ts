import { bestOfNCurve } from '../rl/bestOfNCurve';
import { fitOverOptimisation, type OverOptimisationFit } from '../rl/overOptimisation';
import { acrossSeeds } from './acrossSeeds';
import { experiment } from './experiment';
import { goldAgainstProxy, type ScoredPoint } from './goldAgainstProxy';
import { fixed, LABELS, labelsOf, preset } from './recipe';
import { meanInWords } from './words';

/** Reward models from few judgements and from many: what is learned from few is easier to fool. */
const COUNTED = [256, LABELS];
const COUNTS = [1, 2, 4, 8, 16, 32];

interface Outcome {
  /** In standard deviations above the base model's mean, by the number of labels. */
  rl: ScoredPoint[][];
  bestOfN: ScoredPoint[][];
}

/** Gao et al.'s question: how far can a proxy be pushed before what it stands for falls? */
export const overOptimisation = experiment<Outcome>({
  name: 'over-optimisation',
  title: 'When does more reward stop being better?',
  question: 'Without a leash the reward goes on rising. Does the gold score that it stands for rise too, and where does it turn?',
  expectation:
    'The proxy rises with the distance; the gold score rises with it, lags behind, and falls: sooner where the reward model learned from fewer labels, and over a longer distance by PPO than by best-of-n. Gao et al. 2022 fit d(α − βd) to best-of-n and d(α − β log d) to RL, with d = √KL.',
  async measure(bench, seed) {
    const outcome: Outcome = { rl: [], bestOfN: [] };
    for (const count of COUNTED) {
      const labels = labelsOf(seed, count);
      const { history, evaluation } = await bench.run(labels, fixed(preset(bench, 'lean'), 0), {}, count === LABELS ? 'β = 0' : `β = 0, ${count} labels`);
      const gold = evaluation.gold!.base;
      const proxy = evaluation.reward!.base;
      outcome.rl.push(
        history.map(({ metrics }) => ({
          // An estimate of what cannot be negative can be.
          kl: Math.max(0, metrics['objective/kl']!),
          gold: (metrics.gold! - gold.mean) / gold.std,
          proxy: (metrics['objective/score_mean']! - proxy.mean) / proxy.std,
        })),
      );
      const curve = bestOfNCurve(await bench.samples(labels), COUNTS);
      outcome.bestOfN.push(curve.map(({ klBound, proxy: best, gold: found }) => ({ kl: klBound, gold: (found - curve[0].gold) / gold.std, proxy: (best - curve[0].proxy) / proxy.std })));
    }
    return outcome;
  },
  figure: (outcomes) => ({
    panels: COUNTED.flatMap((count, i) => [
      goldAgainstProxy(`PPO at β = 0, ${count} labels`, outcomes.map(({ rl }) => rl[i]).flat(), 'rl'),
      goldAgainstProxy(`Best of n, ${count} labels`, outcomes.map(({ bestOfN }) => bestOfN[i]).flat(), 'best-of-n'),
    ]),
  }),
  table: (outcomes) => ({
    columns: ['', 'α', 'β', 'gold turns at a KL of', 'highest gold of the fit, sd', 'proxy at the end, sd', 'gold at the end, sd'],
    rows: COUNTED.flatMap((count, i) => [
      row(`PPO, ${count} labels`, outcomes.map(({ rl }) => rl[i]), 'rl'),
      row(`best of n, ${count} labels`, outcomes.map(({ bestOfN }) => bestOfN[i]), 'best-of-n'),
    ]),
  }),
});

function row(label: string, seeds: readonly ScoredPoint[][], by: OverOptimisationFit['by']): string[] {
  const fits = seeds.map((points) => fitOverOptimisation(points, by));
  const peaks = fits.map(({ peak }, seed) => peak && peak.kl <= Math.max(...seeds[seed].map(({ kl }) => kl)) && peak).filter((peak) => peak !== null && peak !== false);
  const turned = `(${peaks.length} of ${fits.length} seeds)`;
  const ends = (value: (point: ScoredPoint) => number) => meanInWords(seeds.map((points) => acrossSeeds(points.slice(by === 'rl' ? -5 : -1).map(value)).mean));
  return [
    label,
    meanInWords(fits.map(({ alpha }) => alpha)),
    meanInWords(fits.map(({ beta }) => beta)),
    peaks.length === 0 ? `not within what was seen ${turned}` : `${meanInWords(peaks.map(({ kl }) => kl), 1)} ${turned}`,
    peaks.length === 0 ? '–' : meanInWords(peaks.map(({ gold }) => gold)),
    ends(({ proxy }) => proxy),
    ends(({ gold }) => gold),
  ];
}
