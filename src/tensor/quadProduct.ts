import type { TensorInfo } from '@tensorflow/tfjs-core';
import { launch } from './launch';

/*
 * Matrix products by quads: four neighbouring threads share what they load.
 * Where a load costs many times a multiplication (SwiftShader: about eight
 * times, checks of bounds included), a tile is as fast as its loads are few.
 */

/** out[z] = finish(op(a[z]) · op(b[z])), M × K times K × N; a stride of 0 repeats one matrix for every z. */
export interface Product {
  M: number;
  N: number;
  K: number;
  transposeA: boolean;
  transposeB: boolean;
  batch?: { count: number; strideA: number; strideB: number };
}

/** What is done to each sum before it is stored. */
export interface Finish {
  /** Names what `write` says, for the pipeline's key. */
  name: string;
  inputs: Readonly<Record<string, TensorInfo>>;
  /** WGSL statements that store `value` (f32) of `row`, `column` at `place` (i32), the flat index of the result. */
  write: string;
}

const PLAIN: Finish = { name: '', inputs: {}, write: 'out[place] = value;' };

/** Whether {@link quadProduct} knows this orientation. */
export const hasQuadProduct = ({ transposeA, transposeB }: Pick<Product, 'transposeA' | 'transposeB'>): boolean => !(transposeA && transposeB);

// Large tiles load less and take long to compile, so only large products have them.
const LARGE = 1 << 22;

/** Run the product; `outputs` are its result `out` and whatever else `finish` writes. */
export function quadProduct<Name extends string = 'out'>(
  a: TensorInfo,
  b: TensorInfo,
  product: Product,
  outputs: Record<Name, number[] | TensorInfo>,
  finish: Finish = PLAIN,
): Record<Name, TensorInfo> {
  const { M, N, K, transposeA, transposeB } = product;
  const { count, strideA, strideB } = product.batch ?? { count: 1, strideA: 0, strideB: 0 };
  const large = M * N * K >= LARGE;
  const kind = transposeB ? 'dots' : 'columns';
  const rows = transposeA ? 4 * fitting(M / 4, 2) : fitting(M, 8);
  // Columns of a thread; by `columns`, a quad has four times as many.
  const columns = transposeB ? fitting(N, large ? 8 : 4) : fitting(N / 4, large ? 8 : 4);
  const [quadsAcross, quadsDown] = [transposeB ? 4 : 1, 4];
  const width = (transposeB ? columns : 4 * columns) * quadsAcross;
  const height = rows * quadsDown;
  return launch({
    name: `quad product ${kind} ${transposeA} ${rows} ${columns} ${finish.name}`,
    inputs: { a, b, ...finish.inputs },
    outputs,
    constants: { M, N, K, strideA, strideB },
    workgroups: [Math.ceil(N / width), Math.ceil(M / height), count],
    source: () => {
      const tile = { rows, columns, quadsAcross, quadsDown, transposeA, edges: { M: M % height !== 0, N: N % width !== 0, K: K % 4 !== 0 } };
      return transposeB ? dots(tile, finish) : byColumns(tile, finish);
    },
  });
}

/** The smallest power of two that covers `size`, at most `largest`. */
function fitting(size: number, largest: number): number {
  let power = 1;
  while (power < size && power < largest) power *= 2;
  return power;
}

interface Tile {
  rows: number;
  columns: number;
  quadsAcross: number;
  quadsDown: number;
  transposeA: boolean;
  /** Dimensions that the tiles do not fill, where indices are pulled back inside and nothing beyond is stored. */
  edges: Record<'M' | 'N' | 'K', boolean>;
}

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);
const each = (n: number, text: (i: number) => string, separator = '\n  ') => upTo(n).map(text).join(separator);

const begin = ({ quadsAcross, quadsDown }: Tile) => `enable subgroups;
@compute @workgroup_size(4, ${quadsAcross}, ${quadsDown})
fn main(@builtin(workgroup_id) group : vec3<u32>, @builtin(local_invocation_id) local : vec3<u32>) {
  let lane = i32(local.x);
  let baseA = i32(group.z) * strideA;
  let baseB = i32(group.z) * strideB;
  let baseOut = i32(group.z) * M * N;`;

/**
 * Each thread has every fourth column, so that a row of b is read in one piece
 * by its quad; of a each thread reads a quarter, and hears the rest from its neighbours.
 */
function byColumns(tile: Tile, finish: Finish): string {
  const { rows, columns, quadsDown, transposeA, edges } = tile;
  const row = (i: number | string) => (edges.M ? `min(row + ${i}, M - 1)` : `row + ${i}`);
  const inK = (k: string) => (edges.K ? `min(${k}, K - 1)` : k);
  const column = (j: number) => (edges.N ? `column${j}` : `column + ${4 * j}`);
  const row4 = (q: number) => each(columns, (j) => `let b${q}_${j} = b[baseB + ${inK(`(k + ${q})`)} * N + ${column(j)}];`, ' ');
  const fromA = transposeA
    ? // Four numbers of a column of a stand side by side in memory.
      upTo(4)
        .map((q) => each(rows / 4, (i) => `{ let x = a[baseA + ${inK(`(k + ${q})`)} * M + ${row(`${4 * i} + lane`)}]${edges.K ? ` * f32(k + ${q} < K)` : ''};
      ${upTo(4).map((r) => `{ let y = quadBroadcast(x, ${r}u); ${each(columns, (j) => `s${4 * i + r}_${j} += y * b${q}_${j};`, ' ')} }`).join(' ')} }`))
        .join('\n    ')
    : each(rows, (i) => `{ let x = a[baseA + (${row(i)}) * K + ${inK('(k + lane)')}]${edges.K ? ' * f32(k + lane < K)' : ''};
      ${upTo(4).map((q) => `{ let y = quadBroadcast(x, ${q}u); ${each(columns, (j) => `s${i}_${j} += y * b${q}_${j};`, ' ')} }`).join(' ')} }`);
  return `${begin(tile)}
  let column = i32(group.x) * ${4 * columns} + lane;
  let row = (i32(group.y) * ${quadsDown} + i32(local.z)) * ${rows};
  ${edges.N ? each(columns, (j) => `let column${j} = min(column + ${4 * j}, N - 1);`) : ''}
  ${each(rows, (i) => each(columns, (j) => `var s${i}_${j} = 0.0;`, ' '))}
  for (var k = 0; k < K; k += 4) {
    ${each(4, row4)}
    ${fromA}
  }
  ${each(rows, (i) => each(columns, (j) => store(tile, finish, `row + ${i}`, `column + ${4 * j}`, `s${i}_${j}`)))}
}`;
}

/** Both operands lie along k: each thread of a quad adds up every fourth product, and at the end the four sums are added. */
function dots(tile: Tile, finish: Finish): string {
  const { rows, columns, quadsAcross, quadsDown, edges } = tile;
  const total = (i: number, j: number) => `var t${j} = s${i}_${j} + quadSwapX(s${i}_${j}); t${j} += quadSwapY(t${j});`;
  const four = (i: number, j: number) => {
    const mine = upTo(4).map((q) => (j + q < columns ? `t${j + q}` : '0.0'));
    const sums = upTo(Math.min(4, columns - j)).map((q) => total(i, j + q)).join(' ');
    const value = `select(select(${mine[0]}, ${mine[1]}, lane == 1), select(${mine[2]}, ${mine[3]}, lane == 3), lane >= 2)`;
    const kept = columns - j < 4 ? `if (lane < ${columns - j}) ` : '';
    return `{ ${sums} let mine = ${value}; ${kept}{ ${store(tile, finish, `row + ${i}`, `column + ${j} + lane`, 'mine')} } }`;
  };
  return `${begin(tile)}
  let column = (i32(group.x) * ${quadsAcross} + i32(local.y)) * ${columns};
  let row = (i32(group.y) * ${quadsDown} + i32(local.z)) * ${rows};
  ${each(rows, (i) => `let rowOfA${i} = baseA + ${edges.M ? `min(row + ${i}, M - 1)` : `(row + ${i})`} * K;`)}
  ${each(columns, (j) => `let rowOfB${j} = baseB + ${edges.N ? `min(column + ${j}, N - 1)` : `(column + ${j})`} * K;`)}
  ${each(rows, (i) => each(columns, (j) => `var s${i}_${j} = 0.0;`, ' '))}
  for (var k = lane; k < K; k += 4) {
    ${each(columns, (j) => `let b${j} = b[rowOfB${j} + k];`, ' ')}
    ${each(rows, (i) => `{ let x = a[rowOfA${i} + k]; ${each(columns, (j) => `s${i}_${j} += x * b${j};`, ' ')} }`)}
  }
  ${each(rows, (i) => upTo(Math.ceil(columns / 4)).map((j) => four(i, 4 * j)).join(' '))}
}`;
}

function store({ edges }: Tile, { write }: Finish, row: string, column: string, value: string): string {
  const inside = [edges.M && `${row} < M`, edges.N && `${column} < N`].filter(Boolean).join(' && ');
  return `${inside ? `if (${inside}) ` : ''}{ let row = ${row}; let column = ${column}; let value = ${value}; let place = baseOut + row * N + column; ${write} }`;
}
