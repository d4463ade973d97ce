import { mul, sum, tensor1d, variableGrads, type Scalar } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { IMAGE_MODEL, initImageWeights, scoreImages } from '../../src/model/imageModel';
import { disposeParameters, toParameters } from '../../src/model/parameters';
import { batchOf, scorePixels, trainImageReward } from '../../src/reward/imageReward';
import { IMAGE_REWARD_DEFAULTS } from '../../src/reward/imageSettings';
import { RandomStream } from '../../src/tensor/random';
import { relativeError } from '../reference/parity';
import { judgedPictures } from '../../tools/imageLoop/spatialImages';
import { onBoth, startWebGpu } from './startWebGpu';

const RULE = 'larger on the left';

describe('a reward model of images', () => {
  it('has the scores and the gradients of the CPU backend', async () => {
    const weights = initImageWeights(IMAGE_MODEL, new RandomStream(1));
    const pictures = [...judgedPictures(RULE, 2, new RandomStream(2)).images.values()];
    const computed = async () => {
      const parameters = toParameters(weights);
      const { value, grads } = variableGrads(() => sum(mul(scoreImages(parameters, IMAGE_MODEL, batchOf(pictures, IMAGE_MODEL)), tensor1d([1, -2, 0.5, 3]))) as Scalar, [...parameters.values()]);
      const read = new Map<string, ArrayLike<number>>([['value', await value.data()]]);
      for (const [name, parameter] of parameters) read.set(name, await grads[parameter.name].data());
      return read;
    };
    const [{ gpu, cpu }] = await onBoth([computed]);
    for (const [name, numbers] of cpu) expect(relativeError(gpu.get(name)!, numbers), name).toBeLessThan(1e-3);
  });

  describe('on WebGPU', () => {
    beforeAll(async () => void (await startWebGpu()));

    it('is the same to the bit when it is trained again', async () => {
      const judged = judgedPictures(RULE, 20, new RandomStream(3));
      const train = () => trainImageReward({ ...judged, settings: { ...IMAGE_REWARD_DEFAULTS, epochs: 4, batchSize: 8 } });
      const [once, again] = [await train(), await train()];
      expect(again.weights).toEqual(once.weights);
      expect({ ...again.report, seconds: 0 }).toEqual({ ...once.report, seconds: 0 });
    });

    it('learns where things are, for pictures that it never saw', { timeout: 240_000 }, async () => {
      const random = new RandomStream(1);
      // Half the judgements and a quarter of the epochs that people would have, for a software adapter.
      const { weights, report } = await trainImageReward({ ...judgedPictures(RULE, 120, random), settings: { ...IMAGE_REWARD_DEFAULTS, epochs: 10, heldOutShare: 0 } });
      expect(report.trainPairs).toBe(120);
      const { preferences, images } = judgedPictures(RULE, 300, random);
      const parameters = toParameters(weights);
      const scores = await scorePixels({ parameters, config: IMAGE_MODEL }, preferences.flatMap(({ responses }) => responses.map((response) => images.get(response)!)));
      disposeParameters(parameters);
      const right = preferences.filter(({ verdict }, i) => (scores[2 * i] > scores[2 * i + 1] ? 'first' : 'second') === verdict).length;
      expect(right / 300).toBeGreaterThanOrEqual(0.9);
    });
  });
});
