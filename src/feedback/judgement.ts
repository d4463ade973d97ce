/*
 * What a judgement is: an append-only log of events about comparisons. The
 * state of a comparison is derived from its events, never stored beside them,
 * so undo, timing, provenance and merging files need nothing more.
 */

/** Responses to one prompt that are judged together: two for a verdict on a pair, one for a rating or a thumb, more for a ranking. */
export interface Comparison {
  id: string;
  datasetId: string;
  /** Place in the queue, from 0; dense within a dataset. */
  order: number;
  prompt: string;
  /** From 1 to {@link MOST_RESPONSES}, in their stored order. */
  responses: string[];
  /** The screen shows them from the last to the first: of a pair, `responses[1]` on the left. Drawn by the dataset's seeded generator when the comparison is made; recorded so that side bias can be measured. */
  swapped: boolean;
  source: ComparisonSource;
  created: number;
}

export type ComparisonSource =
  | { kind: 'sampled'; modelId: string; temperature: number; seed: number }
  | { kind: 'imported'; file: string };

/** More cannot be overseen, and a group of more ties could not be learned from. */
export const MOST_RESPONSES = 6;

/** On two responses, in stored order, not in screen order: 'first' means responses[0] is better. */
export type PairVerdict = 'first' | 'second' | 'tie' | 'both-bad';

/** How much better the preferred of two is: slightly, clearly, or by far. */
export type Strength = 1 | 2 | 3;

/** An order of at least two responses, the best first. */
export interface RankingVerdict {
  kind: 'ranking';
  /** Places in `responses`; those of one group are tied. */
  groups: number[][];
}

/** The scales of ratings, each with its ends. */
export const SCALES = { '1 to 5': [1, 5], '1 to 10': [1, 10], '0 to 100': [0, 100] } as const;
export type Scale = keyof typeof SCALES;

/** A number for one response. */
export interface RatingVerdict {
  kind: 'rating';
  /** Place in `responses`, as below. */
  response: number;
  /** What was rated, in the words of the form. */
  criterion: string;
  scale: Scale;
  value: number;
}

/** One response is good, or it is not. */
export interface ThumbVerdict {
  kind: 'thumb';
  response: number;
  up: boolean;
}

/** One response written better: the edited text is preferred to the original. */
export interface RewriteVerdict {
  kind: 'rewrite';
  response: number;
  text: string;
}

/** Everything that can be said about the responses of a comparison. */
export type Verdict = PairVerdict | RankingVerdict | RatingVerdict | ThumbVerdict | RewriteVerdict;

export type Rater = { kind: 'person'; name: string } | SimulatedRater | { kind: 'imported'; file: string };

export interface SimulatedRater {
  kind: 'simulated';
  rule: string;
  temperature: number;
  /** A weakness for length: what a word more is worth to it, in units of the gold score; absent where it has none. */
  lengthBias?: number;
}

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
  | (EventBase & {
      kind: 'judged';
      verdict: Verdict;
      /** Where one of a pair was preferred, and it was asked for. */
      strength?: Strength;
      /** Milliseconds from showing to judging. */
      elapsed?: number;
    })
  | (EventBase & { kind: 'skipped' })
  /** Takes back the latest event of this rater on this comparison that is not itself taken back. */
  | (EventBase & { kind: 'undone' });

/** What stands after all events of one comparison. */
export type ComparisonState = { status: 'open' } | { status: 'skipped' } | { status: 'judged'; verdict: Verdict; strength?: Strength; rater: Rater; at: number };
