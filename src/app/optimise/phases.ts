import type { Phase } from '../../lab/protocol';

/** The phases of an iteration in their order, each in a sentence. */
export const PHASES: readonly { phase: Phase; title: string; about: string }[] = [
  { phase: 'rollout', title: 'Write', about: 'The policy continues a batch of story openings, one token after the other, each drawn by chance.' },
  { phase: 'reference', title: 'Reference', about: 'The base model reads the same texts: how likely would it have been to write each token? The difference is what the leash charges for.' },
  { phase: 'score', title: 'Score', about: 'The reward model reads each text, up to its end, and gives it one score.' },
  { phase: 'rewards', title: 'Rewards', about: 'Each token pays β times its log-ratio, unless the leash is in the loss; the last one receives the score.' },
  { phase: 'advantages', title: 'Advantages', about: 'For each token: did things turn out better than expected – by the value head, or from what other texts scored?' },
  { phase: 'update', title: 'Update', about: 'Tokens with a positive advantage become a little more likely, the others a little less. What would move too far is clipped.' },
  { phase: 'kl-control', title: 'β', about: 'The leash is adjusted: tighter where the policy went too far, looser where it hardly moved.' },
];
