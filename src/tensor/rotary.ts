import { add, cast, concat, cumsum, customGrad, gather, mul, reshape, reverse, slice, tensor, type GradSaveFunc, type Tensor, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { asTensor, flatRange, launch } from './launch';
import { onGpu } from './storage';

/** cos and sin of each row's angles, [N, S / 2] each, for heads of size S. */
export type Angles = { cos: Tensor2D; sin: Tensor2D };

/**
 * Angles of each place of a mask [B, T] (1 = a real token, 0 = padding), from a
 * table [positions, S / 2]: a place's position is how many real tokens stand
 * before it, so left padding moves nothing. One launch.
 */
export function anglesOf(mask: Tensor2D, table: Angles): Angles {
  const [B, T] = mask.shape;
  const half = table.cos.shape[1];
  if (!onGpu()) {
    const positions = cast(reshape(cumsum(mask, 1, true), [B * T]), 'int32') as Tensor1D;
    return { cos: gather(table.cos, positions), sin: gather(table.sin, positions) };
  }
  const { workgroups, begin } = flatRange(B * T);
  const { cos, sin } = launch({
    name: 'rotary angles',
    inputs: { mask, cosines: table.cos, sines: table.sin },
    outputs: { cos: [B * T, half], sin: [B * T, half] },
    constants: { T, half },
    workgroups,
    source: () => `${begin}
  var position = 0.0;
  for (var i = (index / T) * T; i < index; i++) { position += mask[i]; }
  for (var i = 0; i < half; i++) {
    cos[index * half + i] = cosines[i32(position) * half + i];
    sin[index * half + i] = sines[i32(position) * half + i];
  }
}`,
  });
  return { cos: asTensor(cos), sin: asTensor(sin) };
}

/**
 * Rotary positions in the half-split form (Su et al. 2021; as the Hub's Llama):
 * within each head of a row of x [N, H·S], the pair (x_i, x_{i+S/2}) is turned
 * by the row's i-th angle. Only the first `columns` are: queries and keys, where
 * values stand beside them. The gradient turns back. One launch each way.
 */
export function rotate(x: Tensor2D, angles: Angles, columns = x.shape[1]): Tensor2D {
  const op = customGrad((x, save) => {
    (save as GradSaveFunc)([angles.cos, angles.sin]);
    return {
      value: turn(x as Tensor2D, angles, columns, 1),
      gradFunc: (dy: Tensor, [cos, sin]: Tensor[]) => turn(dy as Tensor2D, { cos: cos as Tensor2D, sin: sin as Tensor2D }, columns, -1),
    };
  });
  return op(x) as Tensor2D;
}

function turn(x: Tensor2D, { cos, sin }: Angles, columns: number, direction: 1 | -1): Tensor2D {
  const [N, D] = x.shape;
  const half = cos.shape[1];
  if (!onGpu()) {
    const heads = columns / (2 * half);
    const part = slice(x, [0, 0], [N, columns]);
    const pairs = reshape(part, [N, heads, 2, half]);
    const swapped = reshape(reverse(reshape(part, [N * heads, 2, half]), 1), [N, heads, 2, half]);
    const signs = tensor([-direction, direction], [1, 1, 2, 1]);
    const turned = add(mul(pairs, reshape(cos, [N, 1, 1, half])), mul(mul(swapped, signs), reshape(sin, [N, 1, 1, half])));
    return concat([reshape(turned, [N, columns]), slice(x, [0, columns], [N, D - columns])], 1) as Tensor2D;
  }
  const { workgroups, begin } = flatRange((N * D) / 2);
  const { out } = launch({
    name: 'rotary positions',
    inputs: { x, cos, sin },
    outputs: { out: [N, D] },
    constants: { D, half, columns, direction },
    workgroups,
    source: () => `${begin}
  let row = index / (D / 2);
  let place = index % (D / 2);
  let i = place % half;
  let column = (place / half) * 2 * half + i;
  let first = row * D + column;
  if (column >= columns) {
    out[first] = x[first];
    out[first + half] = x[first + half];
    return;
  }
  let c = cos[row * half + i];
  let s = f32(direction) * sin[row * half + i];
  out[first] = x[first] * c - x[first + half] * s;
  out[first + half] = x[first + half] * c + x[first] * s;
}`,
  });
  return asTensor(out);
}
