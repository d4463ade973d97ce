import { bestOfNCurve } from '../rl/bestOfNCurve';
import { acrossSeeds } from './acrossSeeds';
import { experiment } from './experiment';
import { goldGain, labelsOf, preset, rewardGain } from './recipe';
import { decimal, meanInWords } from './words';
import { BEST_OF } from './workbench';

const RUNS = [
  { label: 'PPO', preset: 'lean' },
  { label: 'RLOO', preset: 'rloo' },
] as const;

/** What a way of tuning came to, in standard deviations above the base model. */
interface Result {
  label: string;
  gold: number;
  reward: number;
  /** Nats a response; of best-of-n the upper bound. */
  kl: number;
}

/** The same judgements, put to use in four ways. */
export const algorithms = experiment<Result[]>({
  name: 'algorithms',
  title: 'Which way makes the most of the same judgements?',
  question: 'PPO, RLOO, DPO and best-of-n learn from, or choose by, the same labels. Which gains most of what is really wanted, and how far from the base model does it go for it?',
  expectation:
    'PPO and RLOO come to much the same (Ahmadian et al. 2024). DPO needs neither samples nor a reward model while it learns, and is often a little behind for the same distance (Xu et al. 2024). Best-of-n, which trains nothing and pays at every text, is hard to beat for its distance (Gao et al. 2022).',
  async measure(bench, seed) {
    const labels = labelsOf(seed);
    const results: Result[] = [];
    for (const { label, preset: name } of RUNS) {
      const { evaluation } = await bench.run(labels, preset(bench, name), {}, label);
      results.push({ label, gold: goldGain(evaluation), reward: rewardGain(evaluation), kl: evaluation.kl });
    }
    const direct = await bench.direct(labels);
    results.push({ label: 'DPO', gold: goldGain(direct), reward: rewardGain(direct), kl: direct.kl });
    const [one, best] = bestOfNCurve(await bench.samples(labels), [1, BEST_OF]);
    const { gold, reward } = direct;
    results.push({ label: `best of ${BEST_OF}`, gold: (best.gold - one.gold) / gold!.base.std, reward: (best.proxy - one.proxy) / reward!.base.std, kl: best.klBound });
    return results;
  },
  figure: (outcomes) => ({
    panels: (['gold', 'reward'] as const).map((measured) => ({
      title: measured === 'gold' ? 'Gold score, which training never sees' : 'Reward of the reward model',
      x: { label: 'KL, nats a response (of best-of-n at most)', includes: [0] },
      y: { label: 'sd above the base model', includes: [0] },
      series: outcomes[0].map(({ label }, look) => ({
        label,
        look,
        as: 'points' as const,
        points: [...outcomes.map((results) => ({ x: results[look].kl, y: results[look][measured] })), { ...pooled(outcomes, look, measured), label }],
      })),
    })),
  }),
  table: (outcomes) => ({
    columns: ['', 'gold, sd above the base model', 'reward, sd', 'KL, nats'],
    rows: outcomes[0].map(({ label }, i) => {
      const over = (value: (result: Result) => number) => meanInWords(outcomes.map((results) => value(results[i])));
      const isBound = label.startsWith('best of');
      return [label, over(({ gold }) => gold), over(({ reward }) => reward), isBound ? `at most ${decimal(outcomes[0][i].kl)}` : over(({ kl }) => kl)];
    }),
  }),
});

function pooled(outcomes: readonly Result[][], i: number, measured: 'gold' | 'reward') {
  const { mean, low, high } = acrossSeeds(outcomes.map((results) => results[i][measured]));
  return { x: acrossSeeds(outcomes.map((results) => results[i].kl)).mean, y: mean, low, high };
}
