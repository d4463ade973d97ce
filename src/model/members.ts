import type { Weights } from './parameters';

/** Most members of an ensemble of reward models. */
export const MOST_MEMBERS = 5;

/** [K, N]: the score of each member for each of N texts of the reference policy, on which any aggregate of them is normalised. */
const REFERENCE_SCORES = 'ensemble.reference_scores';

/** A tensor of the second member (1), the third (2) … */
const nameOf = (member: number, name: string) => `ensemble.${member}.${name}`;

/**
 * An ensemble as one set of weights. The first member stands under the plain
 * names, so that a reader that knows of no ensembles finds a whole reward model.
 * The others stand beside it with what differs from it: where only a head or an
 * adapter was trained, that is little.
 */
export interface Ensemble {
  first: Weights;
  /** What each other member has of its own; the rest is the first's. */
  others: Weights[];
  /** Of each member; none where there is only one. */
  referenceScores: Float32Array[];
}

/** The weights to keep; those of a single model are its own. */
export function packMembers([first, ...others]: readonly Weights[], referenceScores: readonly Float32Array[]): Weights {
  if (others.length === 0) return first;
  const packed: Weights = new Map(first);
  others.forEach((weights, i) => {
    for (const [name, tensor] of weights) if (!equal(tensor.data, first.get(name)!.data) || isHead(name)) packed.set(nameOf(i + 1, name), tensor);
  });
  const N = referenceScores[0].length;
  return packed.set(REFERENCE_SCORES, { shape: [referenceScores.length, N], data: Float32Array.from(referenceScores.flatMap((scores) => [...scores])) });
}

export function unpackMembers(weights: Weights): Ensemble {
  const first: Weights = new Map();
  const others: Weights[] = [];
  const referenceScores: Float32Array[] = [];
  for (const [name, tensor] of weights) {
    const [, member, own] = /^ensemble\.(\d)\.(.+)$/.exec(name) ?? [];
    if (member) (others[Number(member) - 1] ??= new Map()).set(own, tensor);
    else if (name !== REFERENCE_SCORES) first.set(name, tensor);
    else for (let k = 0; k < tensor.shape[0]; k++) referenceScores.push(tensor.data.subarray(k * tensor.shape[1], (k + 1) * tensor.shape[1]));
  }
  return { first, others, referenceScores };
}

/** How many models score together in a reward model. */
export function memberCount(weights: ReadonlyMap<string, unknown>): number {
  let members = 1;
  while (members < MOST_MEMBERS && weights.has(nameOf(members, 'score.weight'))) members++;
  return members;
}

/** The tensors that weights hold, or should hold, beside those of their first member, whose shapes are given. */
export function shapesBeside(weights: Weights, shapes: ReadonlyMap<string, number[]>): Map<string, number[]> {
  const beside = new Map<string, number[]>();
  const members = memberCount(weights);
  for (let member = 1; member < members; member++)
    for (const [name, shape] of shapes) if (isHead(name) || weights.has(nameOf(member, name))) beside.set(nameOf(member, name), shape);
  // A spread needs two texts.
  if (members > 1) beside.set(REFERENCE_SCORES, [members, Math.max(2, weights.get(REFERENCE_SCORES)?.shape[1] ?? 0)]);
  return beside;
}

/** Every member has a head of its own, which also tells how many there are. */
const isHead = (name: string) => name.startsWith('score.');

function equal(a: Float32Array, b: Float32Array): boolean {
  return a === b || a.every((value, i) => value === b[i]);
}
