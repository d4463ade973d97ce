import { acrossSeeds } from './acrossSeeds';
import { experiment } from './experiment';
import type { FigurePoint, Series } from './figure';
import { labelsOf } from './recipe';
import { decimal, meanInWords } from './words';

/** Shares of the training pairs, besides all; the same pairs are held out from each. */
const SHARES = [1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2];
/** Pairs for the comparison of labelers, and how much noisier than the usual labeler each is. */
const NOISE_LABELS = 512;
const NOISES = [0, 1, 3];

interface Outcome {
  curve: { labels: number; accuracy: number }[];
  ceiling: number;
  noise: { accuracy: number; ceiling: number }[];
}

const NOISE_WORDS = ['a labeler without noise', 'the usual noise', 'three times the noise'];

/** What more judgements are worth, and what better ones. */
export const labelCurve = experiment<Outcome>({
  name: 'labels',
  title: 'How many judgements are enough?',
  question: 'How often does a reward model agree with the labeler on pairs that it never saw, by the number of judgements and by their noise?',
  expectation:
    'Accuracy rises with the logarithm of the number, more slowly towards the end, and stays under the ceiling that the labeler’s own noise allows, E[σ(|Δ|/T)]; above it there would be a leak. A noisier labeler lowers both.',
  async measure(bench, seed) {
    const labels = labelsOf(seed);
    const { ceiling, temperature } = await bench.labels(labels);
    const { points } = await bench.learningCurve(labels, SHARES);
    const { report: whole } = await bench.reward(labels);
    const curve = [...points, { labels: whole.trainPairs, accuracy: whole.accuracy }].map(({ labels, accuracy }) => ({ labels, accuracy: accuracy!.value }));
    const noise: Outcome['noise'] = [];
    for (const factor of NOISES) {
      const { report } = await bench.reward({ seed, count: NOISE_LABELS, temperature: factor === 1 ? 'calibrated' : factor * temperature });
      noise.push({ accuracy: report.accuracy!.value, ceiling: report.ceiling! });
    }
    return { curve, ceiling, noise };
  },
  figure(outcomes) {
    const accuracies = outcomes[0].curve.map((_, i) => mean(outcomes, ({ curve }) => curve[i].accuracy, acrossSeeds(outcomes.map(({ curve }) => curve[i].labels)).mean));
    const bars = (value: (noise: Outcome['noise'][0]) => number) => NOISES.map((factor, i) => mean(outcomes, ({ noise }) => value(noise[i]), factor));
    const ceilings: Series = { label: 'ceiling', look: 1, as: 'dashes', points: bars(({ ceiling }) => ceiling) };
    return {
      panels: [
        {
          title: 'By the number of judgements',
          x: { label: 'judged pairs to learn from', scale: 'log' },
          y: { label: 'right on held-out pairs', includes: [0.5] },
          series: [{ label: 'reward model', look: 0, as: 'line', points: accuracies }],
          marks: [{ at: 'y', value: acrossSeeds(outcomes.map(({ ceiling }) => ceiling)).mean, label: 'all that noise allows' }],
        },
        {
          title: `By the labeler’s noise, ${NOISE_LABELS} pairs`,
          x: { label: 'times the usual temperature', includes: [0] },
          y: { label: 'right on held-out pairs', includes: [0.5] },
          series: [{ label: 'reward model', look: 0, as: 'line', points: bars(({ accuracy }) => accuracy) }, ceilings],
        },
      ],
    };
  },
  table: (outcomes) => ({
    columns: ['', 'accuracy, %', 'ceiling, %'],
    rows: [
      ...outcomes[0].curve.map((_, i) => [
        `${decimal(acrossSeeds(outcomes.map(({ curve }) => curve[i].labels)).mean, 0)} pairs`,
        meanInWords(outcomes.map(({ curve }) => 100 * curve[i].accuracy), 1),
        meanInWords(outcomes.map(({ ceiling }) => 100 * ceiling), 1),
      ]),
      ...NOISES.map((_, i) => [
        `${NOISE_LABELS} pairs, ${NOISE_WORDS[i]}`,
        meanInWords(outcomes.map(({ noise }) => 100 * noise[i].accuracy), 1),
        meanInWords(outcomes.map(({ noise }) => 100 * noise[i].ceiling), 1),
      ]),
    ],
  }),
});

function mean(outcomes: readonly Outcome[], value: (outcome: Outcome) => number, x: number): FigurePoint {
  const { mean, low, high } = acrossSeeds(outcomes.map(value));
  return { x, y: mean, low, high };
}
