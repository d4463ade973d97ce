import { minimum, reshape, sub, type Tensor2D } from '@tensorflow/tfjs-core';
import { linear } from '../tensor/linear';
import type { RandomStream } from '../tensor/random';
import type { ModelConfig } from './config';
import type { Parameters, Weights } from './parameters';
import { initValueHead, scalarHead } from './scalarHead';
import { matrix } from './transformer';

/*
 * A critic of a language model: a trunk of its own with two Q heads, their
 * targets, and one V head (Snell et al. 2022). Q(s, ·) has an entry for
 * each token that may follow the text s, and V(s) is what s itself is worth.
 */

/** How the names of the target heads begin: running averages of the Q heads, never trained themselves. */
export const TARGET = 'target.';
export const Q_HEADS = ['q1', 'q2'] as const;
export type QHead = (typeof Q_HEADS)[number];

/**
 * Fresh heads: V zero; Q ~ N(0, 1/(d + 1)²), so that a first Q is faint, about
 * 1/√d, and not zero, for two equal heads would stay equal; the targets are copies.
 */
export function initCriticHeads({ vocab_size: V, hidden_size: D }: ModelConfig, random: RandomStream): Weights {
  const heads = initValueHead(D, 'critic.v');
  for (const head of Q_HEADS) {
    const data = Float32Array.from({ length: V * D }, () => random.normal() / (D + 1));
    heads.set(`critic.${head}.weight`, { shape: [V, D], data });
    heads.set(`${TARGET}${head}.weight`, { shape: [V, D], data: data.slice() });
  }
  return heads;
}

/** Of a trained critic what {@link advantages} reads: its trunk, target heads and V. */
export function guidingWeights(critic: Weights): Weights {
  return new Map([...critic].filter(([name]) => !name.startsWith('critic.q')));
}

/** min(Q̂₁, Q̂₂) − V of each token that may come next, [N, V], by the target heads, from the critic's hidden states [N, D]. */
export function advantages(critic: Parameters, hidden: Tensor2D): Tensor2D {
  const [q1, q2] = Q_HEADS.map((head) => linear(hidden, matrix(critic, `${TARGET}${head}`)));
  const [N, D] = hidden.shape;
  const value = scalarHead(critic, 'critic.v', reshape(hidden, [N, 1, D]));
  return sub(minimum(q1, q2), value) as Tensor2D;
}

/** A critic beside a policy: each next token's logit is raised by `beta` times its advantage (Snell et al. 2022). */
export interface Guide {
  critic: Parameters;
  /** 0 changes nothing. */
  beta: number;
}
