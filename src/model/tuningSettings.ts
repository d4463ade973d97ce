/*
 * Which part of a model is trained; the one place for its defaults. The page
 * reads this file too, so it knows nothing of tensors.
 */

/** Matrices of a layer that can have an adapter, by their name in a Hub Llama checkpoint. */
export const LORA_TARGETS = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'] as const;
export type LoraTarget = (typeof LORA_TARGETS)[number];

/** Low-rank adaptation (Hu et al. 2021), see lora.ts. */
export interface LoraSettings {
  /** r: rows of A, columns of B. */
  rank: number;
  /** α: the update is scaled by α/r, so that its size does not depend on the rank. */
  alpha: number;
  /** Matrices that have an adapter, in every layer. */
  targets: readonly LoraTarget[];
}

/** What is not trained is frozen, and costs neither gradients nor optimiser state. The scalar head is always trained. */
export interface Tuning extends LoraSettings {
  /** 'last': the last layers, and what follows them. 'lora': an adapter alone. 'head': no layer. */
  what: 'all' | 'last' | 'lora' | 'head';
  /** How many layers are the last ones. */
  layers: number;
}

/**
 * Everything, as in Ziegler et al. 2019; the rest is what the other choices
 * begin with. α = 2r. Hu et al. 2021 adapt queries and values alone; every
 * matrix at a small rank does better (Dettmers et al. 2023, §4).
 */
export const TUNE_ALL: Tuning = { what: 'all', layers: 1, rank: 8, alpha: 16, targets: LORA_TARGETS };
