import {
  add,
  cast,
  customGrad,
  exp,
  gather,
  log,
  max,
  mul,
  neg,
  oneHot,
  range,
  reshape,
  sub,
  sum,
  zerosLike,
  type GradSaveFunc,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '@tensorflow/tfjs-core';
import { asTensor, flatRange, launch } from './launch';
import { rowProgram } from './rowProgram';
import { onGpu } from './storage';

export interface TokenDistribution {
  /** log softmax(logits)[token], [N]; ∂/∂logits = onehot − softmax. */
  logProbs: Tensor1D;
  /** H = −Σ p·log p in nats, [N]; ∂H/∂logits = −p·(log p + H). */
  entropy: Tensor1D;
}

/**
 * What softmax(logits) says of a token and of itself, by log-sum-exp: logits
 * [N, V] float32, tokens [N] int32. On the GPU one launch forward, without a
 * one-hot or a second [N, V]; backward one for each output that a loss uses.
 */
export function tokenDistribution(logits: Tensor2D, tokens: Tensor1D): TokenDistribution {
  if (!onGpu()) {
    const logSoftmax = detachedLogSoftmax(logits);
    return { logProbs: pick(logits, logSoftmax, tokens), entropy: entropyOf(logits, logSoftmax) };
  }
  const [N, V] = logits.shape;
  const program = rowProgram(N);
  // Not an operation that tfjs records; the two around its outputs bring the gradients.
  const { logProbs, entropy, logTotal } = launch({
    name: `token distribution ${program.name}`,
    inputs: { logits, tokens },
    outputs: { logProbs: [N], entropy: [N], logTotal: [N] },
    constants: { V },
    workgroups: program.workgroups,
    source: () => `${program.begin}
  var best = logits[row * V];
  ${program.over('V', 'best = max(best, logits[row * V + i]);')}
  ${program.largest('best')}
  var total = 0.0;
  var weighted = 0.0;
  ${program.over('V', 'let x = logits[row * V + i] - best; let p = exp(x); total += p; weighted += p * x;')}
  ${program.total('total', 'weighted')}
  if (${program.first}) {
    let logOfTotal = log(total);
    logProbs[row] = logits[row * V + tokens[row]] - best - logOfTotal;
    entropy[row] = logOfTotal - weighted / total;
    logTotal[row] = best + logOfTotal;
  }
}`,
  });
  const [chosen, spread, lse] = [logProbs, entropy, logTotal].map((info) => asTensor<Tensor1D>(info));
  const gradient = (name: string, inputs: Record<string, Tensor>, expression: string) => {
    const { workgroups, begin } = flatRange(N * V);
    const source = () => `${begin}
  let row = index / V;
  let x = logits[index] - lse[row];
  let p = exp(x);
  out[index] = dy[row] * ${expression};
}`;
    return asTensor(launch({ name, inputs: { logits, lse, ...inputs }, outputs: { out: [N, V] }, constants: { V }, workgroups, source }).out);
  };
  const withGradient = (value: Tensor1D, backward: (dy: Tensor) => Tensor) =>
    customGrad((_, save) => {
      (save as GradSaveFunc)([logits, tokens, spread, lse]);
      return { value, gradFunc: (dy: Tensor) => backward(dy) };
    })(logits) as Tensor1D;
  return {
    logProbs: withGradient(chosen, (dy) => gradient('gradient of a log-probability', { tokens, dy }, '(f32(index - row * V == tokens[row]) - p)')),
    entropy: withGradient(spread, (dy) => gradient('gradient of an entropy', { entropy: spread, dy }, '(-p * (x + entropy[row]))')),
  };
}

/*
 * Off the GPU the three below share one log-softmax and write each gradient in
 * its closed form over it: whichever output a loss leaves out costs nothing.
 */

/** log softmax of logits [N, V], cut off from the gradient: the ops that use it bring their own. */
function detachedLogSoftmax(logits: Tensor2D): Tensor2D {
  const cut = customGrad((x) => {
    const shifted = sub(x as Tensor2D, max(x as Tensor2D, -1, true));
    return { value: sub(shifted, log(sum(exp(shifted), -1, true))), gradFunc: () => zerosLike(x as Tensor2D) };
  });
  return cut(logits) as Tensor2D;
}

function pick(logits: Tensor2D, logSoftmax: Tensor2D, tokens: Tensor1D): Tensor1D {
  const [N, V] = logits.shape;
  const op = customGrad((_, save) => {
    (save as GradSaveFunc)([logSoftmax, tokens]);
    // One flat gather: with a batch dimension the wasm backend's reads past the tensor's end.
    const places = add(range(0, N * V, V, 'int32'), tokens);
    return {
      value: gather(reshape(logSoftmax, [N * V]), places) as Tensor1D,
      gradFunc: (dy: Tensor, [logSoftmax, tokens]: Tensor[]) =>
        // By way of integers: asked for floats, tfjs's wasm kernel writes an integer's bits.
        mul(sub(cast(oneHot(tokens as Tensor1D, V), 'float32'), exp(logSoftmax)), reshape(dy, [N, 1])),
    };
  });
  return op(logits) as Tensor1D;
}

function entropyOf(logits: Tensor2D, logSoftmax: Tensor2D): Tensor1D {
  const [N] = logits.shape;
  const op = customGrad((_, save) => {
    const entropy = neg(sum(mul(exp(logSoftmax), logSoftmax), -1));
    (save as GradSaveFunc)([logSoftmax, entropy]);
    return {
      value: entropy,
      gradFunc: (dy: Tensor, [logSoftmax, entropy]: Tensor[]) =>
        mul(mul(exp(logSoftmax), add(logSoftmax, reshape(entropy, [N, 1]))), neg(reshape(dy, [N, 1]))),
    };
  });
  return op(logits) as Tensor1D;
}
