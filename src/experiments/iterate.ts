import { runsTable, type RunsOutcome } from './comparedRuns';
import { experiment } from './experiment';
import { goldGain, labelsOf, preset } from './recipe';
import { acrossSeeds } from './acrossSeeds';

const ARMS = ['labels of the base model’s texts', 'half of the labels after a first run'];

/** Label what the tuned policy writes, train the reward model anew, and tune the base model again. */
export const iterate = experiment<RunsOutcome>({
  name: 'iterate',
  title: 'Should one label again after tuning?',
  question: 'The reward model was trained on the base model’s texts, and the policy has moved away from them. With the same number of labels, is it better to keep half of them for what a first policy writes?',
  expectation: 'A reward model that has seen the texts of a tuned policy judges them better, so that a second run gains more gold at the same distance (Ziegler et al. 2019, §2.3, “online data collection”; Stiennon et al. 2020; Bai et al. 2022, §4.5).',
  async measure(bench, seed) {
    const settings = preset(bench, 'lean');
    const once = labelsOf(seed);
    return [await bench.run(once, settings, {}, ARMS[0]), await bench.run({ ...once, policy: settings }, settings, {}, ARMS[1])];
  },
  figure: (outcomes) => ({
    panels: [
      {
        title: 'Gold score of the tuned policy',
        x: { label: 'KL, nats a response', includes: [0] },
        y: { label: 'sd above the base model', includes: [0] },
        series: ARMS.map((label, look) => {
          const runs = outcomes.map((outcome) => outcome[look]);
          const { mean, low, high } = acrossSeeds(runs.map(({ evaluation }) => goldGain(evaluation)));
          const each = runs.map(({ evaluation }) => ({ x: evaluation.kl, y: goldGain(evaluation) }));
          return { label, look, as: 'points' as const, points: [...each, { x: acrossSeeds(each.map(({ x }) => x)).mean, y: mean, low, high }] };
        }),
      },
    ],
  }),
  table: (outcomes) => runsTable(ARMS, outcomes),
});
