/*
 * What a judgement is: an append-only log of events about comparisons. The
 * state of a comparison is derived from its events, never stored beside them,
 * so undo, timing, provenance and merging files need nothing more.
 */

/** Two responses to one prompt, in their stored order; `swapped` says whether the screen shows `responses[1]` on the left. */
export interface Comparison {
  id: string;
  datasetId: string;
  /** Place in the queue, from 0; dense within a dataset. */
  order: number;
  prompt: string;
  responses: [string, string];
  /** Drawn by the dataset's seeded generator when the comparison is made; recorded so that side bias can be measured. */
  swapped: boolean;
  source: ComparisonSource;
  created: number;
}

export type ComparisonSource =
  | { kind: 'sampled'; modelId: string; temperature: number; seed: number }
  | { kind: 'imported'; file: string };

/** In stored order, not in screen order: 'first' means responses[0] is better. */
export type Verdict = 'first' | 'second' | 'tie' | 'both-bad';

export type Rater = { kind: 'person'; name: string } | { kind: 'simulated'; rule: string; temperature: number } | { kind: 'imported'; file: string };

interface EventBase {
  /** Globally unique; merging two logs is the union of their events by id. */
  id: string;
  datasetId: string;
  comparisonId: string;
  /** Milliseconds since 1970. */
  at: number;
  rater: Rater;
}

export type JudgementEvent =
  | (EventBase & { kind: 'judged'; verdict: Verdict; /** Milliseconds from showing to judging. */ elapsed?: number })
  | (EventBase & { kind: 'skipped' })
  /** Takes back the latest event of this rater on this comparison that is not itself taken back. */
  | (EventBase & { kind: 'undone' });

/** What stands after all events of one comparison. */
export type ComparisonState = { status: 'open' } | { status: 'skipped' } | { status: 'judged'; verdict: Verdict; rater: Rater; at: number };
