import { tensor1d, tensor2d, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { asTensor, launch } from './launch';
import { PCG_WGSL, foldToWord, pcgHash } from './pcg';
import { gpuBackend, hostValues, onGpu } from './storage';

/** What was drawn, once for the device to go on with and once to be read back. */
export interface Draw {
  /** [B] int32 */
  tokens: Tensor1D;
  /** [2, B]: the tokens again, as floats, so that one read brings them with their log-probabilities in nats. */
  record: Tensor2D;
}

/**
 * One draw a row from softmax(logits / temperature), by the Gumbel-max trick
 * (Gumbel 1954; Maddison et al. 2014): the argmax of logits + temperature · G,
 * with G = −log E and E exponential. The same launch adds up the softmax's
 * total, for the log-probability of what was drawn. Temperature 0 is the argmax itself, of log-probability 0.
 *
 * @param logits [B, V] float32, finite
 * @param counter which draw of the stream that `seed` names: the same (seed, counter) gives the same draw
 */
export function sampleCategorical(logits: Tensor2D, temperature: number, seed: number, counter: number): Draw {
  const draw = onGpu() ? drawOnGpu : drawOnHost;
  return draw(logits, temperature, foldToWord(seed), foldToWord(counter));
}

/*
 * E is wanted with a small relative error where it is small, for the smallest
 * wins. With v uniform, E = −log(1 − v): a series near 0, where a GPU's log
 * is allowed an error of 2⁻²¹; elsewhere the log of 1 − v, which is taken
 * from the complemented bits so that it is never 0.
 */
const SERIES_BELOW = 1 / 64;

function drawOnHost(logits: Tensor2D, temperature: number, seed: number, counter: number): Draw {
  const [rows, columns] = logits.shape;
  const values = hostValues(logits);
  const tokens = new Int32Array(rows);
  const record = new Float32Array(2 * rows);
  for (let row = 0; row < rows; row++) {
    const at = row * columns;
    let best = -3.4e38;
    let highest = -3.4e38;
    for (let column = 0; column < columns; column++) {
      const score = values[at + column] + temperature * gumbel(pcgHash(seed, counter, row, column));
      highest = Math.max(highest, values[at + column]);
      if (score > best) [best, tokens[row]] = [score, column];
    }
    record[row] = tokens[row];
    if (temperature === 0) continue;
    let total = 0;
    for (let column = 0; column < columns; column++) total += Math.exp((values[at + column] - highest) / temperature);
    record[rows + row] = (values[at + tokens[row]] - highest) / temperature - Math.log(total);
  }
  return { tokens: tensor1d(tokens, 'int32'), record: tensor2d(record, [2, rows]) };
}

function gumbel(bits: number): number {
  const v = (bits + 0.5) / 2 ** 32;
  return -Math.log(v < SERIES_BELOW ? -Math.log1p(-v) : -Math.log((2 ** 32 - 0.5 - bits) / 2 ** 32));
}

// One workgroup a row: each thread keeps the best of every 64th column, and a running total beside the highest; then the first puts the 64 together.
const THREADS = 64;

function drawOnGpu(logits: Tensor2D, temperature: number, seed: number, counter: number): Draw {
  const [rows, columns] = logits.shape;
  const { tokens, record } = launch<string>({
    name: 'categorical sample',
    inputs: { logits },
    outputs: { tokens: gpuBackend().makeTensorInfo([rows], 'int32'), record: [2, rows] },
    constants: { B: rows, V: columns },
    // A float holds no 32 bits, but it holds 16.
    settings: { temperature, seedHigh: seed >>> 16, seedLow: seed & 0xffff, counterHigh: counter >>> 16, counterLow: counter & 0xffff },
    workgroups: [rows],
    source: () => SOURCE,
  });
  return { tokens: asTensor(tokens), record: asTensor(record) };
}

const SOURCE = `
${PCG_WGSL}

var<workgroup> bestScore : array<f32, ${THREADS}>;
var<workgroup> bestColumn : array<i32, ${THREADS}>;
var<workgroup> highest : array<f32, ${THREADS}>;
var<workgroup> total : array<f32, ${THREADS}>;

fn gumbel(bits : u32) -> f32 {
  let v = (f32(bits) + 0.5) * ${2 ** -32};
  let complement = (f32(~bits) + 0.5) * ${2 ** -32};
  let series = v * (1.0 + v * (0.5 + v * (${1 / 3} + v * 0.25)));
  return -log(select(-log(complement), series, v < ${SERIES_BELOW}));
}

fn word(high : f32, low : f32) -> u32 {
  return u32(high) * 65536u + u32(low);
}

@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group : vec3<u32>, @builtin(local_invocation_index) thread : u32) {
  let row = i32(group.x);
  let seed = word(settings.seedHigh, settings.seedLow);
  let counter = word(settings.counterHigh, settings.counterLow);
  let greedy = settings.temperature == 0.0;
  let sharpness = select(1.0 / settings.temperature, 1.0, greedy);
  var best = -3.4e38;
  var chosen = 0;
  var most = -1e30;
  var sum = 0.0;
  for (var column = i32(thread); column < V; column += ${THREADS}) {
    let logit = logits[row * V + column];
    let score = logit + settings.temperature * gumbel(pcgHash(vec4<u32>(seed, counter, u32(row), u32(column))));
    if (score > best) {
      best = score;
      chosen = column;
    }
    let higher = max(most, logit);
    sum = sum * exp(max((most - higher) * sharpness, -80.0)) + exp(max((logit - higher) * sharpness, -80.0));
    most = higher;
  }
  bestScore[thread] = best;
  bestColumn[thread] = chosen;
  highest[thread] = most;
  total[thread] = sum;
  workgroupBarrier();
  if (thread > 0u) { return; }
  for (var other = 1; other < ${THREADS}; other++) {
    // Equal scores go to the lower column, as on the host.
    if (bestScore[other] > best || (bestScore[other] == best && bestColumn[other] < chosen)) {
      best = bestScore[other];
      chosen = bestColumn[other];
    }
    let higher = max(most, highest[other]);
    sum = sum * exp(max((most - higher) * sharpness, -80.0)) + total[other] * exp(max((highest[other] - higher) * sharpness, -80.0));
    most = higher;
  }
  tokens[row] = chosen;
  record[row] = f32(chosen);
  record[B + row] = select((logits[row * V + chosen] - most) * sharpness - log(sum), 0.0, greedy);
}
`;
