import { sum, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { asTensor, launch } from './launch';
import { onGpu } from './storage';

const COLUMNS = 16;
const SLICES = 16;

/** Σ over the rows of x [N, D]: [D]; the gradient of a bias. Always added in the same order. */
export function columnSum(x: Tensor2D): Tensor1D {
  if (!onGpu()) return sum(x, 0);
  const [N, D] = x.shape;
  return asTensor(
    launch({
      name: 'column sum',
      inputs: { x },
      outputs: { out: [D] },
      constants: { N, D },
      workgroups: [Math.ceil(D / COLUMNS)],
      source: () => columnSumSource('', { out: 'x[row * D + column]' }),
    }).out,
  );
}

/**
 * WGSL that adds up each expression over all rows into the array of its name:
 * SLICES threads of a workgroup take every SLICES-th row, then the first adds what they have.
 * @param perRow statements before the expressions; both see `row` and `column`
 */
export function columnSumSource(perRow: string, sums: Readonly<Record<string, string>>): string {
  const names = Object.keys(sums);
  return `
${names.map((name) => `var<workgroup> part_${name} : array<f32, ${COLUMNS * SLICES}>;`).join('\n')}
@compute @workgroup_size(${COLUMNS}, ${SLICES})
fn main(@builtin(workgroup_id) group : vec3<u32>, @builtin(local_invocation_id) local : vec3<u32>) {
  let wanted = i32(group.x) * ${COLUMNS} + i32(local.x);
  let column = min(wanted, D - 1);
  ${names.map((name) => `var sum_${name} = 0.0;`).join(' ')}
  for (var row = i32(local.y); row < N; row += ${SLICES}) {
    ${perRow}
    ${names.map((name) => `sum_${name} += ${sums[name]};`).join(' ')}
  }
  let thread = local.y * ${COLUMNS}u + local.x;
  ${names.map((name) => `part_${name}[thread] = sum_${name};`).join(' ')}
  workgroupBarrier();
  if (local.y > 0u || wanted >= D) { return; }
  for (var slice = 1u; slice < ${SLICES}u; slice++) {
    ${names.map((name) => `sum_${name} += part_${name}[slice * ${COLUMNS}u + local.x];`).join(' ')}
  }
  ${names.map((name) => `${name}[column] = sum_${name};`).join(' ')}
}`;
}
