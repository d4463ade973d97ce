import { enumerate, optimalPolicy, type EnumeratedPolicy } from '../rl/exactFrontier';
import { mixScores } from '../rl/rewardMix';
import { TRAINING_PROMPTS } from '../text/prompts';
import { acrossSeeds } from './acrossSeeds';
import { experiment } from './experiment';
import { fixed, preset } from './recipe';
import { decimal, meanInWords } from './words';
import type { Workbench } from './workbench';

const COEFFICIENTS = [0.25, 0.5, 1, 2];
/** Of the optimum's line. */
const GRID = Array.from({ length: 40 }, (_, i) => 0.12 * 1.12 ** i);

/** Long pieces of text are good ones: something to want of a single token. */
const REWARD = { weights: { model: 0, length: 0, rule: 1 }, rule: 'chars' };
const PROMPTS = TRAINING_PROMPTS.slice(0, 64);

interface Outcome {
  /** By β. */
  policies: EnumeratedPolicy[];
  /** π* at the same β. */
  best: EnumeratedPolicy[];
  reference: EnumeratedPolicy;
  line: EnumeratedPolicy[];
}

/** Responses of one token: the best policy is known exactly, and PPO can be held against it. */
export const frontier = experiment<Outcome>({
  name: 'frontier',
  title: 'Does PPO find the best policy there is?',
  question: 'Where a response is a single token, all of them can be counted, and so can the best policy at each price of distance. How near does PPO come?',
  expectation:
    'With a fixed β the best policy is π_ref·exp(r/β), up to a factor, and no policy has a higher E[r] − β·KL. PPO learns one set of weights for all prompts, and from samples: it should come near that line and can’t cross it.',
  async measure(bench, seed) {
    const arms: { policy: EnumeratedPolicy; best: EnumeratedPolicy; reference: EnumeratedPolicy; line: EnumeratedPolicy[] }[] = [];
    for (const beta of COEFFICIENTS) arms.push(await measureArm(bench, seed, beta));
    return { policies: arms.map(({ policy }) => policy), best: arms.map(({ best }) => best), reference: arms[0].reference, line: arms[0].line };
  },
  figure: (outcomes) => ({
    panels: [
      {
        title: 'Reward against distance, by enumeration',
        x: { label: 'KL, nats a token (by its root)', scale: 'sqrt', includes: [0] },
        y: { label: 'sd of the base model’s', includes: [0] },
        series: [
          { label: 'best possible', look: 1, as: 'line', points: GRID.map((_, i) => ({ x: over(outcomes, ({ line }) => line[i].kl), y: over(outcomes, ({ line }) => line[i].reward) })) },
          {
            label: 'PPO',
            look: 0,
            as: 'points',
            points: COEFFICIENTS.map((beta, i) => {
              const { mean, low, high } = acrossSeeds(outcomes.map(({ policies }) => policies[i].reward));
              return { x: over(outcomes, ({ policies }) => policies[i].kl), y: mean, low, high, label: `β = ${beta}` };
            }),
          },
        ],
      },
    ],
  }),
  table: (outcomes) => ({
    columns: ['β', 'KL, nats', 'KL of the best', 'reward, sd', 'reward of the best', 'share of the possible gain in E[r] − β·KL'],
    rows: COEFFICIENTS.map((beta, i) => {
      const value = ({ kl, reward }: EnumeratedPolicy) => reward - beta * kl;
      const share = ({ policies, best, reference }: Outcome) => (value(policies[i]) - value(reference)) / (value(best[i]) - value(reference));
      const words = (number: (outcome: Outcome) => number) => meanInWords(outcomes.map(number));
      return [decimal(beta), words(({ policies }) => policies[i].kl), words(({ best }) => best[i].kl), words(({ policies }) => policies[i].reward), words(({ best }) => best[i].reward), words(share)];
    }),
  }),
});

async function measureArm(bench: Workbench, seed: number, beta: number) {
  const { modelId: baseModelId } = bench.ground;
  const settings = { ...fixed(preset(bench, 'lean'), beta), responseLength: 1, cut: { at: 'eos' as const, afterTokens: 0 } };
  return bench.step(['frontier', seed, settings, REWARD], `PPO on single tokens at β = ${beta}, seed ${seed}`, async (onProgress) => {
    const { runId } = await bench.send('createRun', { name: `Single tokens, β = ${beta}, seed ${seed}`, baseModelId, reward: REWARD, settings, seed });
    const { run } = await bench.send('play', { runId }, onProgress);
    const { texts, probabilities: reference } = await bench.send('nextTokens', { modelId: baseModelId, prompts: PROMPTS }, onProgress);
    const { probabilities: policy } = await bench.send('nextTokens', { runId, prompts: PROMPTS }, onProgress);
    const rewards = mixScores(run.reward!, texts, []).map((score) => Math.min(settings.scoreClip, Math.max(-settings.scoreClip, score)));
    const best = (coefficient: number) => enumerate(optimalPolicy(reference, rewards, coefficient), reference, rewards);
    return { policy: enumerate(policy, reference, rewards), best: best(beta), reference: enumerate(reference, reference, rewards), line: GRID.map(best) };
  });
}

function over(outcomes: readonly Outcome[], value: (outcome: Outcome) => number): number {
  return acrossSeeds(outcomes.map(value)).mean;
}
