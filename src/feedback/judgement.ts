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
  /** What a model reads; of a conversation, its transcript (transcript.ts). */
  prompt: string;
  /** From 1 to {@link MOST_RESPONSES}, in their stored order. One that is a picture, a sound or a film has its description for text, or none. */
  responses: string[];
  /** The conversation that the responses answer, as it is shown; absent where the prompt is plain text. */
  turns?: Turn[];
  /** Which conversation this is a moment of: its moments are comparisons of their own, and stand together. */
  conversationId?: string;
  /** Pictures, sounds and films that belong to the prompt, or are a response. */
  attachments?: Attachment[];
  /** The screen shows them from the last to the first: of a pair, `responses[1]` on the left. Drawn by the dataset's seeded generator when the comparison is made; recorded so that side bias can be measured. */
  swapped: boolean;
  source: ComparisonSource;
  created: number;
}

/** What one side said in a conversation. */
export interface Turn {
  role: 'system' | 'user' | 'assistant';
  text: string;
}

/** The kinds of files that an item may hold, as their first bytes say, whatever they are called. */
export const MEDIA_TYPES = ['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'audio/mpeg', 'audio/wav', 'audio/ogg', 'audio/mp4', 'video/mp4', 'video/webm'] as const;
export type MediaType = (typeof MEDIA_TYPES)[number];

/** A file that an item shows; its bytes are kept once, under their hash. */
export interface Attachment {
  /** Whose it is: the prompt's, or that of a place in `responses`. */
  of: 'prompt' | number;
  /** SHA-256 of its bytes, in hexadecimal. */
  mediaId: string;
  type: MediaType;
  /** What its file was called. */
  name: string;
}

export type ComparisonSource =
  | { kind: 'sampled'; modelId: string; temperature: number; seed: number }
  /** Written in a conversation between a person and a model. */
  | { kind: 'conversation'; modelId: string; temperature: number; seed: number }
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

/** One thing that can be said about the responses of a comparison, and learned from. */
export type Verdict = PairVerdict | RankingVerdict | RatingVerdict | ThumbVerdict | RewriteVerdict;

/** A stretch of a response that somebody marked. */
export interface Span {
  /** Place in `responses`. */
  response: number;
  /** UTF-16 code units of the response, the end not included. */
  from: number;
  to: number;
  label: string;
  reason?: string;
}

/** What was answered to one question of a form: a verdict, of which there may be several; marked spans; or the answer to a question about the item. */
export type Answer = { question: string } & ({ verdict: Verdict; strength?: Strength } | { spans: Span[] } | { value: string | number | string[] });

/** A form filled in: more than one verdict can say. */
export interface FilledForm {
  kind: 'form';
  answers: Answer[];
}

/** A labeler at a browser: `id` tells two of one name apart, and is absent where nobody has made a profile. */
export interface PersonRater {
  kind: 'person';
  name: string;
  id?: string;
}

export interface SimulatedRater {
  kind: 'simulated';
  rule: string;
  temperature: number;
  /** A weakness for length: what a word more is worth to it, in units of the gold score; absent where it has none. */
  lengthBias?: number;
}

/** Who judges. The key is no judge: its verdict is the answer that is known to be right, by which others are measured, and nobody learns from it. */
export type Rater = PersonRater | SimulatedRater | { kind: 'imported'; file: string } | { kind: 'key' };

/** How a comparison came to be the next to be judged: in the order of the queue, by chance, because the reward models disagreed most, or because the policy has moved most. */
export const CHOICES = ['order', 'random', 'uncertain', 'moved'] as const;
export type Choice = (typeof CHOICES)[number];

interface EventBase {
  /** Globally unique; merging two logs is the union of their events by id. */
  id: string;
  datasetId: string;
  comparisonId: string;
  /** Milliseconds since 1970. */
  at: number;
  rater: Rater;
}

/** What may be said with a judgement. */
export interface Remarks {
  /** In the words of the form's chips. */
  reasons?: string[];
  comment?: string;
}

export type JudgementEvent =
  | (EventBase &
      Remarks & {
        kind: 'judged';
        verdict: Verdict | FilledForm;
        /** Where one of a pair was preferred, and it was asked for. */
        strength?: Strength;
        /** Milliseconds from showing to judging. */
        elapsed?: number;
        /** Why it was asked for now; absent where the order of the queue decided. */
        choice?: Exclude<Choice, 'order'>;
        /** Asked again without saying so, to see whether the rater agrees with itself. */
        repeat?: true;
        /** Settles what others judged differently: it stands before theirs. */
        adjudicates?: true;
      })
  /** Not now. */
  | (EventBase & { kind: 'skipped' })
  /** Never: nothing can be learned from this item. */
  | (EventBase & Remarks & { kind: 'discarded' })
  /** Something about it wants a second look; it says nothing about the responses. */
  | (EventBase & Remarks & { kind: 'flagged' })
  | (EventBase & { kind: 'unflagged' })
  /** Takes back the latest event of this rater on this comparison that is not itself taken back. */
  | (EventBase & { kind: 'undone' });

/** What stands after all events of one comparison. */
export type ComparisonState =
  | { status: 'open' }
  | { status: 'skipped' }
  | { status: 'discarded' }
  | ({
      status: 'judged';
      verdict: Verdict | FilledForm;
      strength?: Strength;
      rater: Rater;
      at: number;
      /** How it came to be judged for the first time; absent where the order of the queue decided. */
      choice?: Exclude<Choice, 'order'>;
    } & Remarks);
