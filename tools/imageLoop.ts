import { parseArgs } from 'node:util';
import { proportion } from '../src/feedback/proportion';
import { disposeParameters, toParameters } from '../src/model/parameters';
import { scorePixels, trainImageReward } from '../src/reward/imageReward';
import { IMAGE_REWARD_DEFAULTS } from '../src/reward/imageSettings';
import { RandomStream } from '../src/tensor/random';
import { startDevice } from './device';
import { judgedPictures, SPATIAL_RULES, type SpatialRule } from './imageLoop/spatialImages';
import { runTool } from './runTool';

const HELP = `npm run loop:images -- [options]

Trains an image reward model on judged pairs of pictures, by a rule about where
things are, and tries it on pairs of new pictures: a row of a Markdown table for
each seed. In Node, on Dawn.

  --rule RULE    ${SPATIAL_RULES.map((rule) => `"${rule}"`).join(' or\n                 ')}
                                                        (both)
  --seeds N      seeds 1 to N                           (3)
  --labels N     judged pairs; a fifth is held out      (300)
  --pairs N      pairs of new pictures to be tried on   (500)
`;

const percent = (value: number) => (100 * value).toFixed(1);

/** `npm run loop:images`: how well judgements of images are learned from. */
async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args: process.argv.slice(2), options: { rule: text, seeds: text, labels: text, pairs: text, help: { type: 'boolean', short: 'h' } } });
  if (values.help) return console.log(HELP);
  if (values.rule !== undefined && !SPATIAL_RULES.includes(values.rule as SpatialRule)) throw new Error(`There is no rule "${values.rule}". There are: ${SPATIAL_RULES.join(', ')}.`);
  const rules = values.rule === undefined ? SPATIAL_RULES : [values.rule as SpatialRule];
  const [seeds, labels, pairs] = [whole('seeds', values.seeds ?? '3'), whole('labels', values.labels ?? '300'), whole('pairs', values.pairs ?? '500')];
  const { name, backend } = await startDevice();
  console.log(`${name} (${backend}), Node ${process.version}\n`);
  console.log('| rule | seed | judged pairs | right on held-out pairs [95 %] | right on pairs of new pictures [95 %] | seconds of training |');
  console.log('| --- | --- | --- | --- | --- | --- |');
  for (const rule of rules)
    for (let seed = 1; seed <= seeds; seed++) {
      const random = new RandomStream(seed).fork(rule);
      const { weights, config, report } = await trainImageReward({ ...judgedPictures(rule, labels, random), settings: { ...IMAGE_REWARD_DEFAULTS, seed } });
      const { preferences, images } = judgedPictures(rule, pairs, random);
      const parameters = toParameters(weights);
      const scores = await scorePixels({ parameters, config }, preferences.flatMap(({ responses }) => responses.map((response) => images.get(response)!)));
      disposeParameters(parameters);
      const right = preferences.filter(({ verdict }, i) => (scores[2 * i] > scores[2 * i + 1] ? 'first' : 'second') === verdict).length;
      const shown = [report.accuracy, proportion(right, pairs)].map((accuracy) => accuracy && `${percent(accuracy.value)} % [${percent(accuracy.low)}, ${percent(accuracy.high)}], ${accuracy.n} pairs`);
      console.log(`| ${[rule, seed, labels, ...shown, report.seconds.toFixed(1)].join(' | ')} |`);
    }
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name} must be a whole number of at least 1, not "${text}".`);
  return value;
}

await runTool(main);
