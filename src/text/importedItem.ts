import type { Attachment, FilledForm, Rater, Strength, Turn, Verdict } from '../feedback/judgement';

/** One item of a file that is being imported, whatever the file's format, with what the file says was judged about it. */
export interface ImportedItem {
  /** Where the file has it, from 1, as editors count. */
  line: number;
  /** As `Comparison.prompt`: of a conversation, its transcript. */
  prompt: string;
  turns?: Turn[];
  responses: string[];
  attachments?: Attachment[];
  conversationId?: string;
  /** In the order in which it was said; without a rater, by the file; without a time, now. */
  judged?: { verdict: Verdict | FilledForm; strength?: Strength; rater?: Rater; at?: number; reasons?: string[]; comment?: string }[];
}
