import { add, clone, matMul, mul, tanh, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { columnSum } from './columnSum';
import { withGradients } from './frozen';
import { asTensor, flatRange, launch } from './launch';
import { quadProduct, type Finish } from './quadProduct';
import { onGpu } from './storage';
import { variants } from './variants';

export interface LinearOptions {
  /** [out] */
  bias?: Tensor1D;
  /** [N, out], added last: a residual connection costs no launch of its own. */
  residual?: Tensor2D;
  /** Applied before the residual. */
  activation?: 'gelu';
}

// √(2/π) and the cubic's weight in the approximation of GELU by tanh.
const GELU_SCALE = Math.sqrt(2 / Math.PI);
const GELU_CUBIC = 0.044715;

/**
 * activation(x·Wᵀ + bias) + residual for x [N, in], W [out, in]: [N, out]. On
 * the GPU one launch; its gradient one for x and W each, and one more for each of
 * bias and activation. GELU is Hendrycks & Gimpel's (2016) approximation by tanh, as in GPT-2.
 */
export function linear(x: Tensor2D, weight: Tensor2D, { bias, residual, activation }: LinearOptions = {}): Tensor2D {
  return withGradients([x, weight, ...(bias ? [bias] : []), ...(residual ? [residual] : [])], (save) => {
    const { value, linearPart } = linearForward(x, weight, { bias, residual, activation });
    save([x, weight, ...(activation ? [linearPart!] : [])]);
    return {
      value,
      gradients: (dy, saved) => {
        const [x, weight, linearPart] = saved as Tensor2D[];
        const d = activation ? geluGradient(linearPart, dy) : dy;
        return [
          () => matMul(d, weight),
          () => matMul(d, x, true),
          ...(bias ? [() => columnSum(d)] : []),
          // Its own handle: tfjs disposes a gradient when it adds another to it.
          ...(residual ? [() => clone(dy)] : []),
        ];
      },
    };
  });
}

/** The value alone, and x·Wᵀ + bias where an activation follows; no gradient. */
export function linearForward(x: Tensor2D, weight: Tensor2D, { bias, residual, activation }: LinearOptions): { value: Tensor2D; linearPart?: Tensor2D } {
  if (onGpu() && variants().product === 'quads') {
    const [M, K] = x.shape;
    const N = weight.shape[0];
    const finish: Finish = {
      name: [bias && 'bias', activation, residual && 'residual'].filter(Boolean).join(' '),
      inputs: { ...(bias && { bias }), ...(residual && { residual }) },
      write: `
    let sum = value${bias ? ' + bias[column]' : ''};
    ${activation ? 'linearPart[place] = sum;' : ''}
    out[place] = ${activation ? GELU_WGSL('sum') : 'sum'}${residual ? ' + residual[place]' : ''};`,
    };
    const outputs = quadProduct<'out' | 'linearPart'>(x, weight, { M, N, K, transposeA: false, transposeB: true }, {
      out: [M, N],
      ...(activation && { linearPart: [M, N] }),
    } as Record<'out' | 'linearPart', number[]>, finish);
    return { value: asTensor(outputs.out), linearPart: activation && asTensor(outputs.linearPart) };
  }
  let value: Tensor2D = matMul(x, weight, false, true);
  if (bias) value = add(value, bias) as Tensor2D;
  const linearPart = value;
  if (activation) value = gelu(value);
  return { value: residual ? (add(value, residual) as Tensor2D) : value, linearPart };
}

const GELU_WGSL = (x: string) => `0.5 * ${x} * (1.0 + tanh(clamp(${GELU_SCALE} * (${x} + ${GELU_CUBIC} * ${x} * ${x} * ${x}), -20.0, 20.0)))`;

/** ½x(1 + tanh(√(2/π)(x + 0.044715x³))), any shape; no gradient of its own. */
function gelu(x: Tensor2D): Tensor2D {
  const inner = mul(GELU_SCALE, add(x, mul(GELU_CUBIC, mul(x, mul(x, x)))));
  return mul(mul(0.5, x), add(1, tanh(inner))) as Tensor2D;
}

/** dy·GELU′(x). */
function geluGradient(x: Tensor2D, dy: Tensor2D): Tensor2D {
  if (onGpu()) {
    const { workgroups, begin } = flatRange(x.size);
    return asTensor(
      launch({
        name: 'gelu gradient',
        inputs: { x, dy },
        outputs: { dx: x.shape },
        workgroups,
        source: () => `${begin}
  let v = x[index];
  let t = tanh(clamp(${GELU_SCALE} * (v + ${GELU_CUBIC} * v * v * v), -20.0, 20.0));
  dx[index] = dy[index] * (0.5 * (1.0 + t) + 0.5 * v * (1.0 - t * t) * ${GELU_SCALE} * (1.0 + ${3 * GELU_CUBIC} * v * v));
}`,
      }).dx,
    );
  }
  const t = tanh(mul(GELU_SCALE, add(x, mul(GELU_CUBIC, mul(x, mul(x, x))))));
  const slope = mul(GELU_SCALE, add(1, mul(3 * GELU_CUBIC, mul(x, x))));
  const derivative = add(mul(0.5, add(1, t)), mul(mul(0.5, x), mul(add(1, mul(-1, mul(t, t))), slope)));
  return mul(dy, derivative) as Tensor2D;
}
