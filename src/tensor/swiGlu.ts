import { add, customGrad, mul, sigmoid, split, sub, type GradSaveFunc, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import { asTensor, flatRange, launch } from './launch';
import { onGpu } from './storage';

/** silu(gate) · up with silu(x) = x·σ(x), both [N, F] (Shazeer 2020). One launch each way. */
export function swiGlu(gate: Tensor2D, up: Tensor2D): Tensor2D {
  const op = customGrad((gate, up, save) => {
    (save as GradSaveFunc)([gate as Tensor, up as Tensor]);
    return {
      value: forward(gate as Tensor2D, up as Tensor2D),
      gradFunc: (dy: Tensor, [gate, up]: Tensor[]) => backward(gate as Tensor2D, up as Tensor2D, dy as Tensor2D),
    };
  });
  return op(gate, up) as Tensor2D;
}

/** The same of gate and up side by side, [N, 2·F] to [N, F]; no gradient. */
export function swiGluPacked(gateUp: Tensor2D): Tensor2D {
  const [N, F] = [gateUp.shape[0], gateUp.shape[1] / 2];
  if (!onGpu()) return forward(...(split(gateUp, 2, 1) as [Tensor2D, Tensor2D]));
  const { workgroups, begin } = flatRange(N * F);
  const source = () => `${begin}
  let at = index + (index / F) * F;
  let x = gateUp[at];
  out[index] = x * ${SIGMA} * gateUp[at + F];
}`;
  return asTensor(launch({ name: 'SwiGLU packed', inputs: { gateUp }, outputs: { out: [N, F] }, constants: { F }, workgroups, source }).out);
}

// exp overflows beyond 88, where σ has long been 0.
const SIGMA = '1.0 / (1.0 + exp(-max(x, -80.0)))';

function forward(gate: Tensor2D, up: Tensor2D): Tensor2D {
  if (!onGpu()) return mul(mul(gate, sigmoid(gate)), up);
  const { workgroups, begin } = flatRange(gate.size);
  const source = () => `${begin}
  let x = gate[index];
  out[index] = x * ${SIGMA} * up[index];
}`;
  return asTensor(launch({ name: 'SwiGLU', inputs: { gate, up }, outputs: { out: gate.shape }, workgroups, source }).out);
}

function backward(gate: Tensor2D, up: Tensor2D, dy: Tensor2D): [Tensor2D, Tensor2D] {
  if (!onGpu()) {
    const s = sigmoid(gate);
    const silu = mul(gate, s);
    return [mul(mul(dy, up), add(s, mul(silu, sub(1, s)))), mul(dy, silu)];
  }
  const { workgroups, begin } = flatRange(gate.size);
  const { dGate, dUp } = launch({
    name: 'SwiGLU gradient',
    inputs: { gate, up, dy },
    outputs: { dGate: gate.shape, dUp: gate.shape },
    workgroups,
    source: () => `${begin}
  let x = gate[index];
  let s = ${SIGMA};
  dGate[index] = dy[index] * up[index] * s * (1.0 + x * (1.0 - s));
  dUp[index] = dy[index] * x * s;
}`,
  });
  return [asTensor(dGate), asTensor(dUp)];
}
