import { add, clone, matMul, mul, type Scalar, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import { withGradients } from './frozen';
import { asTensor } from './launch';
import { linearForward } from './linear';
import { quadProduct, type Finish } from './quadProduct';
import { onGpu } from './storage';
import { variants } from './variants';

/** An update s·B·A of a matrix [out, in], by its factors (Hu et al. 2021, §4.1). */
export interface LowRankUpdate {
  /** A, [r, in]. */
  down: Tensor2D;
  /** B, [out, r]. */
  up: Tensor2D;
  /** s; a constant, which gets no gradient. */
  scale: Scalar;
}

/**
 * x·(W + s·B·A)ᵀ + residual for x [N, in], W [out, in]: [N, out], without ever
 * making B·A. On the GPU two launches beside that of x·Wᵀ; of the gradients,
 * ∂A = s·(∂y·B)ᵀ·x and ∂B = ∂yᵀ·(s·x·Aᵀ) cost three, and ∂x two. With B = 0 the value is exactly that of {@link linearForward}.
 */
export function adaptedLinear(x: Tensor2D, weight: Tensor2D, { down, up, scale }: LowRankUpdate, residual?: Tensor2D): Tensor2D {
  return withGradients([x, weight, down, up, ...(residual ? [residual] : [])], (save) => {
    const low = product(x, down, { transposeB: true, scale });
    save([x, weight, down, up, low, scale]);
    return {
      value: product(low, up, { transposeB: true, onto: linearForward(x, weight, { residual }).value }),
      gradients: (dy, saved) => {
        const [x, weight, down, up, low] = saved as Tensor2D[];
        const dLow = product(dy, up, { scale: saved[5] as Scalar });
        const gradients: (() => Tensor)[] = [
          () => product(dLow, down, { onto: matMul(dy, weight) }),
          () => matMul(dy, x, true),
          () => matMul(dLow, x, true),
          () => matMul(dy, low, true),
        ];
        // Its own handle: tfjs disposes a gradient when it adds another to it.
        if (residual) gradients.push(() => clone(dy));
        return gradients;
      },
    };
  });
}

/** W + s·B·A, [out, in]; no gradient. */
export function mergeLowRank(weight: Tensor2D, { down, up, scale }: LowRankUpdate): Tensor2D {
  return product(up, down, { scale, plus: weight });
}

interface ProductOptions {
  transposeB?: boolean;
  scale?: Scalar;
  plus?: Tensor2D;
  /** As `plus`, but its memory becomes the result's. */
  onto?: Tensor2D;
}

/** scale · a·op(b) + plus, [M, N]: one launch where the product has one. */
function product(a: Tensor2D, b: Tensor2D, { transposeB = false, scale, plus, onto }: ProductOptions): Tensor2D {
  if (onGpu() && variants().product === 'quads') {
    const [M, K] = a.shape;
    const N = b.shape[transposeB ? 0 : 1];
    const finish: Finish = {
      name: ['low rank', scale && 'scaled', plus && 'added', onto && 'onto'].filter(Boolean).join(' '),
      inputs: { ...(scale && { scale }), ...(plus && { plus }) },
      write: `out[place] = value${scale ? ' * scale[0]' : ''}${plus ? ' + plus[place]' : ''}${onto ? ' + out[place]' : ''};`,
    };
    const { out } = quadProduct(a, b, { M, N, K, transposeA: false, transposeB }, { out: onto ?? [M, N] }, finish);
    return onto ?? asTensor(out);
  }
  const scaled = scale ? mul(matMul(a, b, false, transposeB), scale) : matMul(a, b, false, transposeB);
  const added = plus ?? onto;
  return (added ? add(scaled, added) : scaled) as Tensor2D;
}
