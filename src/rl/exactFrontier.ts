/*
 * The KL–reward frontier where a response is one token, so that everything can be
 * enumerated: π* ∝ π_ref·exp(r/β), prompt by prompt (Ziegler et al. 2019, §2.2;
 * Korbak et al. 2022). All arrays are [prompts][tokens], rewards [tokens].
 */

export interface EnumeratedPolicy {
  /** Nats a response, mean over the prompts. */
  kl: number;
  /** Expected reward, mean over the prompts. */
  reward: number;
}

/** KL from the reference and expected reward of a policy, by enumeration. */
export function enumerate(policy: readonly (readonly number[])[], reference: readonly (readonly number[])[], rewards: ArrayLike<number>): EnumeratedPolicy {
  const [kl, reward] = policy.reduce(
    ([nats, sum], row, prompt) => [
      nats + row.reduce((total, p, token) => (p === 0 ? total : total + p * Math.log(p / reference[prompt][token])), 0),
      sum + row.reduce((total, p, token) => total + p * rewards[token], 0),
    ],
    [0, 0],
  );
  return { kl: kl / policy.length, reward: reward / policy.length };
}

/** The policy that has the highest E[r] − β·KL. */
export function optimalPolicy(reference: readonly (readonly number[])[], rewards: ArrayLike<number>, beta: number): number[][] {
  const most = Array.from(rewards).reduce((a, b) => Math.max(a, b), -Infinity);
  return reference.map((row) => {
    const weights = row.map((p, token) => p * Math.exp((rewards[token] - most) / beta));
    const total = weights.reduce((a, b) => a + b, 0);
    return weights.map((weight) => weight / total);
  });
}
