import type { Response } from './rollout';

/** One token of a response under policy and reference. */
export interface TokenTrace {
  text: string;
  /** log π of the policy that wrote it. */
  logProb: number;
  referenceLogProb: number;
  /** log π after the iteration's update, at the same temperature; absent where there was none. */
  updatedLogProb?: number;
  /** Absent where there is no value function. */
  value?: number;
  /** As used in the update. */
  advantage: number;
  reward: number;
}

/** A rollout to be read. */
export interface RolloutSample {
  prompt: string;
  response: string;
  score: number;
  /** Σ (log π − log π_ref) over the response, in nats. */
  kl: number;
  gold?: number;
  tokens: TokenTrace[];
}

/** Per-token arrays are flat [B · T], see masked.ts; scores and gold [B]. */
export interface TraceInputs {
  responses: readonly Response[];
  scores: Float32Array;
  gold?: readonly number[];
  logProbs: Float32Array;
  values?: Float32Array;
  reference: Float32Array;
  /** Of the first rows, as many as are traced. */
  updated?: Float32Array;
  rewards: Float32Array;
  advantages: Float32Array;
}

/** The first `count` rollouts with every token's numbers; `decode` gives a token's own text. */
export function traceSamples(inputs: TraceInputs, count: number, decode: (token: number) => string): RolloutSample[] {
  const { responses, scores, gold, logProbs, values, reference, updated, rewards, advantages } = inputs;
  const T = reference.length / responses.length;
  return responses.slice(0, count).map(({ prompt, text, tokens }, row) => {
    const traces = tokens.map((token, t): TokenTrace => {
      const i = row * T + t;
      return {
        text: decode(token),
        logProb: logProbs[i],
        referenceLogProb: reference[i],
        ...(updated && { updatedLogProb: updated[i] }),
        ...(values && { value: values[i] }),
        advantage: advantages[i],
        reward: rewards[i],
      };
    });
    const kl = traces.reduce((sum, trace) => sum + trace.logProb - trace.referenceLogProb, 0);
    return { prompt, response: text, score: scores[row], kl, ...(gold && { gold: gold[row] }), tokens: traces };
  });
}
