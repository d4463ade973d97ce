import { expect, test } from 'vitest';
import { nextStep, type LoopFacts } from '../../../src/app/shell/nextStep';

const beginning: LoopFacts = { comparisons: 0, judged: 0, rewardModel: false, imageModel: false, run: null, working: null };
const at = (facts: Partial<LoopFacts>) => nextStep({ ...beginning, ...facts });

test('a newcomer is led to judge, and is told how much is left', () => {
  expect(at({})).toEqual({ room: 'collect', label: 'Get pairs to judge' });
  expect(at({ comparisons: 16 })).toEqual({ room: 'collect', label: 'Judge the first' });
  expect(at({ comparisons: 16, judged: 5 })).toEqual({ room: 'collect', label: 'Judge 7 more' });
  expect(at({ comparisons: 16, judged: 11 })).toEqual({ room: 'collect', label: 'Judge 1 more' });
});

test('twelve judgements open the reward room, a reward model opens the next', () => {
  expect(at({ judged: 12 }).room).toBe('reward');
  expect(at({ judged: 12, rewardModel: true }).room).toBe('optimise');
});

test('a model of pictures is looked at, for nothing can be tuned with it', () => {
  expect(at({ judged: 12, imageModel: true })).toEqual({ room: 'reward', label: 'See how it ranks the pictures' });
  expect(at({ judged: 12, imageModel: true, rewardModel: true }).room).toBe('optimise');
});

test('a run leads on until there is something to compare', () => {
  const judged = { judged: 40, rewardModel: true };
  for (const status of ['ready', 'running', 'paused', 'failed'] as const) expect(at({ ...judged, run: { status, name: 'a' } }).room, status).toBe('optimise');
  for (const status of ['finished', 'stopped'] as const) expect(at({ ...judged, run: { status, name: 'a' } }).room, status).toBe('compare');
});

test('training that goes on comes first', () => {
  expect(at({ judged: 40, rewardModel: true, run: { status: 'finished', name: 'a' }, working: 'trainReward' }).room).toBe('reward');
  expect(at({ judged: 40, working: 'trainImageReward' })).toEqual({ room: 'reward', label: 'Watch the reward model learn' });
});
