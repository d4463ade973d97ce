import type { PpoSettings } from './settings';

/** Learning rate of an iteration counted from 0: linear to 0 at the run's end, or constant in an open-ended run. */
export function scheduledLearningRate(
  { learningRate, learningRateSchedule, iterations }: Pick<PpoSettings, 'learningRate' | 'learningRateSchedule' | 'iterations'>,
  iteration: number,
): number {
  return learningRateSchedule === 'constant' ? learningRate : learningRate * Math.max(0, 1 - iteration / iterations);
}
