import { reshape, type Tensor1D, type Tensor2D, type Tensor4D } from '@tensorflow/tfjs-core';
import { linear } from '../tensor/linear';
import { rmsNorm } from '../tensor/norms';
import { patches, windowsAlong, type Window } from '../tensor/patches';
import type { RandomStream } from '../tensor/random';
import type { Parameters, Weights } from './parameters';
import { initRewardHead, scalarHead } from './scalarHead';
import { matrix, vector } from './transformer';

/*
 * A convolutional network that gives an image one score. Each layer is a
 * convolution over every second pixel (Springenberg et al. 2015), which halves
 * the image, GELU, and RMSNorm of each place's channels (Zhang & Sennrich 2019).
 * What remains is read place by place and not averaged, for where something
 * stands must count. N images, S pixels wide and high.
 */

/** Sizes and constants, which a stored model keeps beside its weights. */
export interface ImageModelConfig {
  /** S */
  image_size: number;
  /** Channels after each convolution. */
  channels: readonly number[];
  /** Numbers between the last convolution and the score. */
  hidden_size: number;
  rms_norm_eps: number;
}

/**
 * 89,000 parameters. On 240 judgements of a spatial rule, pixels of 32 × 32 were
 * enough; twice the channels, or a fourth layer, did no better for two to three times the work.
 */
export const IMAGE_MODEL: ImageModelConfig = { image_size: 32, channels: [16, 32, 64], hidden_size: 64, rms_norm_eps: 1e-5 };

/** Red, green and blue. */
export const COLOURS = 3;

const WINDOW: Window = { size: 3, stride: 2 };

/** Numbers that are left of an image after the last convolution. */
function numbersLeft({ image_size, channels }: ImageModelConfig): number {
  const side = channels.reduce((pixels) => windowsAlong(pixels, WINDOW), image_size);
  return side ** 2 * channels[channels.length - 1];
}

/** Fresh weights: matrices N(0, 2/in) (He et al. 2015), biases 0, norms 1; the head is {@link initRewardHead}. */
export function initImageWeights(config: ImageModelConfig, random: RandomStream): Weights {
  const { channels, hidden_size: D } = config;
  const weights: Weights = new Map();
  const constant = (name: string, size: number, value: number) => weights.set(name, { shape: [size], data: new Float32Array(size).fill(value) });
  const initLayer = (name: string, out: number, into: number) => {
    const std = Math.sqrt(2 / into);
    weights.set(`${name}.weight`, { shape: [out, into], data: Float32Array.from({ length: out * into }, () => std * random.normal()) });
    constant(`${name}.bias`, out, 0);
  };
  channels.forEach((out, i) => {
    initLayer(`conv.${i}`, out, WINDOW.size ** 2 * (i === 0 ? COLOURS : channels[i - 1]));
    constant(`conv.${i}.norm.weight`, out, 1);
  });
  initLayer('hidden', D, numbersLeft(config));
  return new Map([...weights, ...initRewardHead(D, random)]);
}

/** Scores [N] of images [N, S, S, 3], their colours from −1 to 1; differentiable in the parameters. */
export function scoreImages(parameters: Parameters, config: ImageModelConfig, images: Tensor4D): Tensor1D {
  const { channels, hidden_size: D, rms_norm_eps } = config;
  const N = images.shape[0];
  let x = images;
  channels.forEach((out, i) => {
    const [height, width] = [windowsAlong(x.shape[1], WINDOW), windowsAlong(x.shape[2], WINDOW)];
    const read = layer(parameters, `conv.${i}`, patches(x, WINDOW));
    x = reshape(rmsNorm(read, vector(parameters, `conv.${i}.norm`), rms_norm_eps), [N, height, width, out]);
  });
  const hidden = layer(parameters, 'hidden', reshape(x, [N, numbersLeft(config)]));
  return reshape(scalarHead(parameters, 'score', reshape(hidden, [N, 1, D])), [N]);
}

/** GELU(x·Wᵀ + b), [N, in] to [N, out]. */
function layer(parameters: Parameters, name: string, x: Tensor2D): Tensor2D {
  return linear(x, matrix(parameters, name), { bias: parameters.get(`${name}.bias`)! as unknown as Tensor1D, activation: 'gelu' });
}
