import { zeros, type Scalar, type Tensor2D } from '@tensorflow/tfjs-core';
import type { LowRankUpdate } from '../tensor/lowRank';
import type { RandomStream } from '../tensor/random';
import { blockDiagonal, stackRows } from '../tensor/stack';
import type { ModelConfig } from './config';
import { parameterShapes, type Parameters, type Weights } from './parameters';
import type { LoraSettings } from './tuningSettings';

/*
 * Low-rank adaptation (Hu et al. 2021): a frozen matrix W [out, in] acts as
 * W + (α/r)·B·A with A [r, in] and B [out, r], which alone are trained. Without
 * its adapter the model is the base, bit for bit. Names are those of PEFT.
 */

/** α/r stands among the parameters as a constant, so that whoever has the factors can apply them. */
const SCALING = 'lora.scaling';
const downName = (matrix: string) => `${matrix}.lora_A.weight`;
const upName = (matrix: string) => `${matrix}.lora_B.weight`;

/** Name and shape of the factors, as {@link parameterShapes} has those of the trunk. */
export function adapterShapes(config: ModelConfig, { rank, targets }: LoraSettings): Map<string, number[]> {
  const shapes = new Map<string, number[]>();
  for (const [name, [rows, columns]] of parameterShapes(config)) {
    const matrix = name.replace(/\.weight$/, '');
    if (!targets.some((target) => matrix.endsWith(`.${target}`))) continue;
    shapes.set(downName(matrix), [rank, columns]);
    shapes.set(upName(matrix), [rows, rank]);
  }
  return shapes;
}

/** A fresh adapter: A ~ N(0, 1/in), B = 0, so that it changes nothing yet (Hu et al. 2021, §4.1). */
export function initAdapter(config: ModelConfig, lora: LoraSettings, random: RandomStream): Weights {
  const weights: Weights = new Map([[SCALING, { shape: [], data: Float32Array.of(lora.alpha / lora.rank) }]]);
  for (const [name, shape] of adapterShapes(config, lora)) {
    const data = new Float32Array(shape[0] * shape[1]);
    if (name.endsWith(downName(''))) for (let i = 0; i < data.length; i++) data[i] = random.normal() / Math.sqrt(shape[1]);
    weights.set(name, { shape, data });
  }
  return weights;
}

/**
 * The adapter of matrices that read the same input and stand one below the
 * other, as one; undefined where none of them has any. `matrices` are their names without `.weight`.
 */
export function adapterOf(parameters: Parameters, matrices: readonly string[]): LowRankUpdate | undefined {
  const factor = (name: string) => parameters.get(name) as unknown as Tensor2D | undefined;
  const down = matrices.flatMap((matrix) => factor(downName(matrix)) ?? []);
  if (down.length === 0) return undefined;
  const up = matrices.map((matrix) => factor(upName(matrix)) ?? (zeros([factor(`${matrix}.weight`)!.shape[0], 0]) as Tensor2D));
  return { down: stackRows(down), up: matrices.length === 1 ? up[0] : blockDiagonal(up), scale: parameters.get(SCALING) as unknown as Scalar };
}

/** Values of W + (α/r)·B·A for the matrix `name` [out, in] of a checkpoint; W's own where `factors` holds no adapter of it. */
export function mergedMatrix(name: string, { shape, data }: { shape: number[]; data: Float32Array }, factors: Weights, { rank, alpha }: LoraSettings): Float32Array {
  const matrix = name.replace(/\.weight$/, '');
  const [down, up] = [factors.get(downName(matrix)), factors.get(upName(matrix))];
  if (!down || !up) return data;
  const columns = shape[1];
  return Float32Array.from(data, (weight, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    let update = 0;
    for (let k = 0; k < rank; k++) update += up.data[row * rank + k] * down.data[k * columns + column];
    return weight + (alpha / rank) * update;
  });
}
