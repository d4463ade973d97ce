import { add, concat, customGrad, mul, sigmoid, split, sub, type GradSaveFunc, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import { asTensor, flatRange, launch } from './launch';
import { onGpu } from './storage';

/** silu(gate) · up with silu(x) = x·σ(x) (Shazeer 2020), of gate and up side by side, [N, 2·F]: [N, F]. One launch each way. */
export function swiGlu(gateUp: Tensor2D): Tensor2D {
  const op = customGrad((gateUp, save) => {
    (save as GradSaveFunc)([gateUp as Tensor]);
    return {
      value: forward(gateUp as Tensor2D),
      gradFunc: (dy: Tensor, [gateUp]: Tensor[]) => backward(gateUp as Tensor2D, dy as Tensor2D),
    };
  });
  return op(gateUp) as Tensor2D;
}

// exp overflows beyond 88, where σ has long been 0.
const SIGMA = '1.0 / (1.0 + exp(-max(x, -80.0)))';

function forward(gateUp: Tensor2D): Tensor2D {
  const [N, F] = [gateUp.shape[0], gateUp.shape[1] / 2];
  if (!onGpu()) {
    const [gate, up] = split(gateUp, 2, 1);
    return mul(mul(gate, sigmoid(gate)), up);
  }
  const { workgroups, begin } = flatRange(N * F);
  const source = () => `${begin}
  let at = index + (index / F) * F;
  let x = gateUp[at];
  out[index] = x * ${SIGMA} * gateUp[at + F];
}`;
  return asTensor(launch({ name: 'SwiGLU', inputs: { gateUp }, outputs: { out: [N, F] }, constants: { F }, workgroups, source }).out);
}

function backward(gateUp: Tensor2D, dy: Tensor2D): Tensor2D {
  const [N, F] = dy.shape;
  if (!onGpu()) {
    const [gate, up] = split(gateUp, 2, 1);
    const s = sigmoid(gate);
    const silu = mul(gate, s);
    return concat([mul(mul(dy, up), add(s, mul(silu, sub(1, s)))), mul(dy, silu)], 1) as Tensor2D;
  }
  const { workgroups, begin } = flatRange(N * F);
  const { gradient } = launch({
    name: 'SwiGLU gradient',
    inputs: { gateUp, dy },
    outputs: { gradient: [N, 2 * F] },
    constants: { F },
    workgroups,
    source: () => `${begin}
  let at = index + (index / F) * F;
  let x = gateUp[at];
  let s = ${SIGMA};
  gradient[at] = dy[index] * gateUp[at + F] * s * (1.0 + x * (1.0 - s));
  gradient[at + F] = dy[index] * x * s;
}`,
  });
  return asTensor(gradient);
}
