/** A prompt or response that does not fit its place in a batch; `row` counts from 0. */
export class SequenceError extends Error {
  constructor(
    readonly row: number,
    reason: string,
  ) {
    super(`Sequence ${row + 1} cannot be used: ${reason}.`);
    this.name = 'SequenceError';
  }
}

/** B prompts padded on the left to P, each followed by its response padded on the right to T. */
export interface Batch {
  /** [B, P + T] token ids. */
  ids: Int32Array;
  /** [B, P + T], 1 for real tokens, 0 for padding on either side. */
  mask: Float32Array;
  /** [B, T], 1 for the tokens of the response. */
  responseMask: Float32Array;
  B: number;
  P: number;
  T: number;
}

/**
 * Lay prompts and responses out in one rectangle: responses of all rows then
 * begin in the same column, whatever the prompts' lengths. Widths default to
 * the longest; give them where shapes must not change from batch to batch.
 * Throws {@link SequenceError} for an empty prompt and for anything wider than its place.
 */
export function layOut(
  prompts: readonly (readonly number[])[],
  responses: readonly (readonly number[])[],
  padId: number,
  widths?: { prompt: number; response: number },
): Batch {
  const B = prompts.length;
  if (responses.length !== B) throw new RangeError(`${B} prompts were given with ${responses.length} responses.`);
  const P = widths?.prompt ?? longest(prompts);
  const T = widths?.response ?? longest(responses);
  const W = P + T;
  const ids = new Int32Array(B * W).fill(padId);
  const mask = new Float32Array(B * W);
  const responseMask = new Float32Array(B * T);
  for (let row = 0; row < B; row++) {
    const prompt = prompts[row];
    const response = responses[row];
    if (prompt.length === 0) throw new SequenceError(row, 'its prompt is empty');
    if (prompt.length > P) throw new SequenceError(row, `its prompt has ${prompt.length} tokens, and ${P} fit`);
    if (response.length > T) throw new SequenceError(row, `its response has ${response.length} tokens, and ${T} fit`);
    const start = row * W + P - prompt.length;
    ids.set(prompt, start);
    ids.set(response, row * W + P);
    mask.fill(1, start, row * W + P + response.length);
    responseMask.fill(1, row * T, row * T + response.length);
  }
  return { ids, mask, responseMask, B, P, T };
}

/** Length of the longest sequence; 0 of none. */
export function longest(sequences: readonly (readonly number[])[]): number {
  return sequences.reduce((width, sequence) => Math.max(width, sequence.length), 0);
}
