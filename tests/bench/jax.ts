import { defaultDevice, getWebGPUDevice, init, jit, nn, numpy as np, tree, valueAndGrad } from '@jax-js/jax';
import type { Weights } from '../../src/model/parameters';
import { GPT_EPSILON, gptWeights, llamaConfig, llamaWeights, TRAINING, tokenBatch } from './models';
import type { Engine, ModelSize, Prepared, Work } from './work';

/*
 * The two architectures in jax-js, each training step one function under `jit`.
 * Its arrays are counted by hand: every use but the last is `x.ref`.
 */

export async function startJax(): Promise<Engine> {
  if (!('Iterator' in globalThis)) throw new Error('jax-js needs Node 22: it uses the methods of iterators.');
  const devices = await init('webgpu');
  if (!devices.includes('webgpu')) throw new Error('jax-js could not start its WebGPU backend.');
  defaultDevice('webgpu');
  const { adapterInfo } = getWebGPUDevice();
  return {
    adapter: adapterInfo.description || adapterInfo.vendor,
    async prepare(work) {
      if (work.kind === 'train') return training(work);
      throw new Error(`jax-js does no ${work.kind} here.`);
    },
  };
}

type Params = { [name: string]: np.Array };

/** Whole numbers and floats that a step does not change. */
type Batch = { ids: np.Array; targets: np.Array; cos: np.Array; sin: np.Array };

type Loss = (params: Params, batch: Batch) => np.Array;

/** By a product with the one-hot rows: the gradient of its gather is a scatter, which `jit` refuses. */
const embed = (table: np.Array, ids: np.Array) => np.matmul(nn.oneHot(ids, table.shape[0]), table);

const linear = (x: np.Array, weight: np.Array) => np.matmul(x, weight.transpose());

function gptLoss({ layers, heads, width, context: T }: ModelSize, B: number): Loss {
  return (p, { ids, targets, cos, sin }) => {
    cos.dispose();
    sin.dispose();
    const norm = (x: np.Array, name: string) => {
      const centred = x.ref.sub(np.mean(x, -1, { keepdims: true }));
      const variance = np.mean(np.square(centred.ref), -1, { keepdims: true });
      return centred.div(np.sqrt(variance.add(GPT_EPSILON))).mul(p[`${name}.weight`]).add(p[`${name}.bias`]);
    };
    const layer = (x: np.Array, name: string) => linear(x, p[`${name}.weight`]).add(p[`${name}.bias`]);
    let x = embed(p.wte.ref, ids).reshape([B, T, width]).add(p.wpe).reshape([B * T, width]);
    for (let i = 0; i < layers; i++) {
      const qkv = np.split(layer(norm(x.ref, `h.${i}.ln_1`), `h.${i}.attn.c_attn`), 3, 1);
      const [q, k, v] = qkv.map((part) => part.reshape([B, T, heads, width / heads]));
      const mixed = nn.dotProductAttention(q, k, v, { isCausal: true }).reshape([B * T, width]);
      x = x.add(layer(mixed, `h.${i}.attn.c_proj`));
      x = x.ref.add(layer(nn.gelu(layer(norm(x, `h.${i}.ln_2`), `h.${i}.mlp.c_fc`)), `h.${i}.mlp.c_proj`));
    }
    return crossEntropy(linear(norm(x, 'ln_f'), p.wte), targets);
  };
}

function llamaLoss(size: ModelSize, B: number): Loss {
  const { num_hidden_layers, rms_norm_eps } = llamaConfig(size);
  const { heads, width, context: T } = size;
  const S = width / heads;
  return (p, { ids, targets, cos, sin }) => {
    const norm = (x: np.Array, name: string) =>
      x.ref.div(np.sqrt(np.mean(np.square(x), -1, { keepdims: true }).add(rms_norm_eps))).mul(p[`${name}.weight`]);
    const layer = (x: np.Array, name: string) => linear(x, p[`${name}.weight`]);
    const rotate = (x: np.Array) => {
      const [a, b] = np.split(x, 2, 3);
      return np.concatenate([a.ref.mul(cos.ref).sub(b.ref.mul(sin.ref)), b.mul(cos.ref).add(a.mul(sin.ref))], 3);
    };
    let x = embed(p['model.embed_tokens.weight'].ref, ids);
    for (let i = 0; i < num_hidden_layers; i++) {
      const name = `model.layers.${i}`;
      const normed = norm(x.ref, `${name}.input_layernorm`);
      const [q, k, v] = ['q', 'k', 'v'].map((part, j) => layer(j < 2 ? normed.ref : normed, `${name}.self_attn.${part}_proj`).reshape([B, T, heads, S]));
      const mixed = nn.dotProductAttention(rotate(q), rotate(k), v, { isCausal: true }).reshape([B * T, width]);
      x = x.add(layer(mixed, `${name}.self_attn.o_proj`));
      const input = norm(x.ref, `${name}.post_attention_layernorm`);
      const gated = nn.silu(layer(input.ref, `${name}.mlp.gate_proj`)).mul(layer(input, `${name}.mlp.up_proj`));
      x = x.add(layer(gated, `${name}.mlp.down_proj`));
    }
    cos.dispose();
    sin.dispose();
    return crossEntropy(linear(norm(x, 'model.norm'), p['model.embed_tokens.weight']), targets);
  };
}

function crossEntropy(logits: np.Array, targets: np.Array): np.Array {
  const [N, V] = logits.shape;
  return nn.logSoftmax(logits).mul(nn.oneHot(targets, V)).sum().mul(-1 / N);
}

function training({ architecture, size, batch: B }: Work & { kind: 'train' }): Prepared {
  const { learningRate, beta1, beta2, epsilon, maxGradNorm } = TRAINING;
  const loss = architecture === 'gpt' ? gptLoss(size, B) : llamaLoss(size, B);
  const lossAndGradient = valueAndGrad(loss);

  /** One whole step; `correction` is 1 − β1ᵗ and 1 − β2ᵗ. */
  const step = jit((params: Params, first: Params, second: Params, batch: Batch, correction: np.Array) => {
    const [value, gradients] = lossAndGradient(tree.ref(params), batch) as unknown as [np.Array, Params];
    const names = Object.keys(params);
    const squares = names.map((name) => np.square(gradients[name].ref).sum()).reduce((a, b) => a.add(b));
    const factor = np.minimum(1, np.trueDivide(maxGradNorm, np.sqrt(squares).add(1e-6)));
    const [c1, c2] = [correction.ref.slice(0), correction.slice(1)];
    const after: [Params, Params, Params] = [{}, {}, {}];
    for (const name of names) {
      const g = gradients[name].mul(factor.ref);
      const m = first[name].mul(beta1).add(g.ref.mul(1 - beta1));
      const v = second[name].mul(beta2).add(np.square(g).mul(1 - beta2));
      const change = m.ref.div(c1.ref).div(np.sqrt(v.ref.div(c2.ref)).add(epsilon)).mul(learningRate);
      after[0][name] = params[name].sub(change);
      after[1][name] = m;
      after[2][name] = v;
    }
    for (const x of [factor, c1, c2]) x.dispose();
    return [value, ...after] as [np.Array, Params, Params, Params];
  });

  const weights = architecture === 'gpt' ? gptWeights(size) : llamaWeights(size);
  let state: [Params, Params, Params] = [
    fromWeights(weights, (data) => data),
    fromWeights(weights, (data) => new Float32Array(data.length)),
    fromWeights(weights, (data) => new Float32Array(data.length)),
  ];
  const data = tokenBatch(size, B);
  const [cos, sin] = [Math.cos, Math.sin].map((value) => angles(size, value));
  let steps = 0;
  return {
    async run() {
      const t = ++steps;
      const batch = { ids: integers(data.ids), targets: integers(data.targets), cos: cos.ref, sin: sin.ref };
      const [value, ...after] = step(...state, batch, np.array(Float32Array.of(1 - beta1 ** t, 1 - beta2 ** t)));
      state = after;
      // All outputs of a step are submitted together, and the read comes after them.
      return { values: [...(await value.data())] };
    },
    dispose() {
      for (const params of state) tree.dispose(params);
      cos.dispose();
      sin.dispose();
    },
  };
}

const integers = (values: Int32Array) => np.array(values as Int32Array<ArrayBuffer>);

function fromWeights(weights: Weights, valuesOf: (data: Float32Array) => Float32Array): Params {
  return Object.fromEntries([...weights].map(([name, { shape, data }]) => [name, np.array(valuesOf(data) as Float32Array<ArrayBuffer>).reshape(shape)]));
}

/** cos or sin of each position's angles, [1, T, 1, S / 2]. */
function angles(size: ModelSize, value: (angle: number) => number): np.Array {
  const { rope_theta } = llamaConfig(size);
  const T = size.context;
  const half = size.width / size.heads / 2;
  return np.array(Float32Array.from({ length: T * half }, (_, n) => value(Math.floor(n / half) * rope_theta ** (-(n % half) / half)))).reshape([1, T, 1, half]);
}
