import { add, customGrad, mean, mul, rsqrt, square, sub, sum, type GradSaveFunc, type Tensor, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { columnSumSource } from './columnSum';
import { withGradients } from './frozen';
import { asTensor, launch } from './launch';
import { rowProgram } from './rowProgram';
import { onGpu } from './storage';

/*
 * Normalisation of rows x [N, D]: one launch forward; backward one for x and
 * one for the parameters. Gradients are in closed form, with u the normalised
 * row, g = weight · dy and s the scale: RMSNorm ∂x = s(g − u·mean(g·u)); LayerNorm
 * ∂x = s(g − mean(g) − u·mean(g·u)).
 */

/** weight · x / √(mean(x²) + ε) (Zhang & Sennrich 2019). weight [D]. */
export function rmsNorm(x: Tensor2D, weight: Tensor1D, epsilon: number): Tensor2D {
  return withGradients([x, weight], (save) => {
    save([x, weight]);
    return {
      value: rmsForward(x, weight, epsilon),
      gradients: (dy, [x, weight]) => rmsBackward(x as Tensor2D, weight as Tensor1D, dy, epsilon),
    };
  });
}

/** weight · (x − mean(x)) / √(variance(x) + ε) + bias, the variance biased (Ba et al. 2016). weight and bias [D]. */
export function layerNorm(x: Tensor2D, weight: Tensor1D, bias: Tensor1D, epsilon: number): Tensor2D {
  const op = customGrad((x, weight, bias, save) => {
    (save as GradSaveFunc)([x as Tensor, weight as Tensor]);
    return {
      value: layerForward(x as Tensor2D, weight as Tensor1D, bias as Tensor1D, epsilon),
      gradFunc: (dy: Tensor, [x, weight]: Tensor[]) => layerBackward(x as Tensor2D, weight as Tensor1D, dy as Tensor2D, epsilon),
    };
  });
  return op(x, weight, bias) as Tensor2D;
}

function rmsForward(x: Tensor2D, weight: Tensor1D, epsilon: number): Tensor2D {
  if (!onGpu()) return mul(mul(x, rmsScale(x, epsilon)), weight);
  const [N, D] = x.shape;
  const program = rowProgram(N);
  return asTensor(
    launch({
      name: `RMSNorm ${program.name}`,
      inputs: { x, weight },
      outputs: { out: [N, D] },
      constants: { D, epsilon },
      workgroups: program.workgroups,
      source: () => `${program.begin}
  var squares = 0.0;
  ${program.over('D', 'let v = x[row * D + i]; squares += v * v;')}
  ${program.total('squares')}
  let scale = inverseSqrt(squares / f32(D) + epsilon);
  if (${program.inside}) { ${program.over('D', 'out[row * D + i] = x[row * D + i] * scale * weight[i];')} }
}`,
    }).out,
  );
}

function rmsBackward(x: Tensor2D, weight: Tensor1D, dy: Tensor2D, epsilon: number): [dx: () => Tensor2D, dWeight: () => Tensor1D] {
  if (!onGpu()) {
    const scale = rmsScale(x, epsilon);
    const unit = mul(x, scale);
    const g = mul(dy, weight);
    return [() => mul(sub(g, mul(unit, mean(mul(g, unit), -1, true))), scale), () => sum(mul(dy, unit), 0)];
  }
  const [N, D] = x.shape;
  const program = rowProgram(N);
  const { dx, scale } = launch({
    name: `RMSNorm gradient ${program.name}`,
    inputs: { x, weight, dy },
    outputs: { dx: [N, D], scale: [N] },
    constants: { D, epsilon },
    workgroups: program.workgroups,
    source: () => `${program.begin}
  var squares = 0.0;
  var along = 0.0;
  ${program.over('D', 'let v = x[row * D + i]; squares += v * v; along += v * weight[i] * dy[row * D + i];')}
  ${program.total('squares', 'along')}
  let s = inverseSqrt(squares / f32(D) + epsilon);
  let pull = along * s * s / f32(D);
  if (${program.inside}) { ${program.over('D', 'dx[row * D + i] = s * (weight[i] * dy[row * D + i] - x[row * D + i] * pull);')} }
  if (${program.first}) { scale[row] = s; }
}`,
  });
  // Tensors at once, so that what nobody asks for is freed.
  const [ofX, scales] = [asTensor<Tensor2D>(dx), asTensor(scale)];
  const ofWeight = () =>
    launch({
      name: 'RMSNorm gradient of the weight',
      inputs: { x, dy, scale: scales },
      outputs: { dWeight: [D] },
      constants: { N, D },
      workgroups: [Math.ceil(D / 16)],
      source: () => columnSumSource('let at = row * D + column;', { dWeight: 'dy[at] * x[at] * scale[row]' }),
    }).dWeight;
  return [() => ofX, () => asTensor(ofWeight())];
}

function layerForward(x: Tensor2D, weight: Tensor1D, bias: Tensor1D, epsilon: number): Tensor2D {
  if (!onGpu()) {
    const { unit } = standardised(x, epsilon);
    return add(mul(unit, weight), bias);
  }
  const [N, D] = x.shape;
  const program = rowProgram(N);
  return asTensor(
    launch({
      name: `LayerNorm ${program.name}`,
      inputs: { x, weight, bias },
      outputs: { out: [N, D] },
      constants: { D, epsilon },
      workgroups: program.workgroups,
      source: () => `${program.begin}
  var mean = 0.0;
  ${program.over('D', 'mean += x[row * D + i];')}
  ${program.total('mean')}
  mean /= f32(D);
  var squares = 0.0;
  ${program.over('D', 'let v = x[row * D + i] - mean; squares += v * v;')}
  ${program.total('squares')}
  let scale = inverseSqrt(squares / f32(D) + epsilon);
  if (${program.inside}) { ${program.over('D', 'out[row * D + i] = (x[row * D + i] - mean) * scale * weight[i] + bias[i];')} }
}`,
    }).out,
  );
}

function layerBackward(x: Tensor2D, weight: Tensor1D, dy: Tensor2D, epsilon: number): [Tensor2D, Tensor1D, Tensor1D] {
  if (!onGpu()) {
    const { unit, scale } = standardised(x, epsilon);
    const g = mul(dy, weight);
    const along = mul(unit, mean(mul(g, unit), -1, true));
    return [mul(sub(sub(g, mean(g, -1, true)), along), scale), sum(mul(dy, unit), 0), sum(dy, 0)];
  }
  const [N, D] = x.shape;
  const program = rowProgram(N);
  const { dx, means, scales } = launch({
    name: `LayerNorm gradient ${program.name}`,
    inputs: { x, weight, dy },
    outputs: { dx: [N, D], means: [N], scales: [N] },
    constants: { D, epsilon },
    workgroups: program.workgroups,
    source: () => `${program.begin}
  var mean = 0.0;
  ${program.over('D', 'mean += x[row * D + i];')}
  ${program.total('mean')}
  mean /= f32(D);
  var squares = 0.0;
  var level = 0.0;
  var along = 0.0;
  ${program.over('D', 'let v = x[row * D + i] - mean; let g = weight[i] * dy[row * D + i]; squares += v * v; level += g; along += g * v;')}
  ${program.total('squares', 'level', 'along')}
  let s = inverseSqrt(squares / f32(D) + epsilon);
  level /= f32(D);
  let pull = along * s * s / f32(D);
  if (${program.inside}) { ${program.over('D', 'dx[row * D + i] = s * (weight[i] * dy[row * D + i] - level - (x[row * D + i] - mean) * pull);')} }
  if (${program.first}) { means[row] = mean; scales[row] = s; }
}`,
  });
  const [mu, s] = [asTensor(means), asTensor(scales)];
  const { dWeight, dBias } = launch({
    name: 'LayerNorm gradient of the parameters',
    inputs: { x, dy, means: mu, scales: s },
    outputs: { dWeight: [D], dBias: [D] },
    constants: { N, D },
    workgroups: [Math.ceil(D / 16)],
    source: () => columnSumSource('let at = row * D + column;', { dWeight: 'dy[at] * (x[at] - means[row]) * scales[row]', dBias: 'dy[at]' }),
  });
  mu.dispose();
  s.dispose();
  return [asTensor(dx), asTensor(dWeight), asTensor(dBias)];
}

function rmsScale(x: Tensor2D, epsilon: number): Tensor2D {
  return rsqrt(add(mean(square(x), -1, true), epsilon)) as Tensor2D;
}

function standardised(x: Tensor2D, epsilon: number): { unit: Tensor2D; scale: Tensor2D } {
  const centred = sub(x, mean(x, -1, true));
  const scale = rsqrt(add(mean(square(centred), -1, true), epsilon)) as Tensor2D;
  return { unit: mul(centred, scale) as Tensor2D, scale };
}
