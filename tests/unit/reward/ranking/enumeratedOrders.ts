import type { Ranking } from '../../../../src/reward/ranking/rankingTerms';

/** −log-likelihood of a ranking, averaged over every order that its ties allow, each one item after the other. */
export function meanSurprise({ groups, rest = [] }: Ranking, scores: readonly number[]): number {
  const orders = groups.reduce<number[][]>((begun, group) => begun.flatMap((order) => permutations(group).map((next) => [...order, ...next])), [[]]);
  const surprises = orders.map((order) => {
    const left = [...order, ...rest];
    return order.reduce((sum, item) => {
      const chance = Math.exp(scores[item]) / left.reduce((all, other) => all + Math.exp(scores[other]), 0);
      left.splice(left.indexOf(item), 1);
      return sum - Math.log(chance);
    }, 0);
  });
  return surprises.reduce((a, b) => a + b, 0) / surprises.length;
}

function permutations(items: readonly number[]): number[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item) => permutations(items.filter((other) => other !== item)).map((others) => [item, ...others]));
}
