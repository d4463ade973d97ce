import type { JudgedDataset } from '../../store/judgements';
import type { ImportedItem, LeftOut } from './item';
import type { FileRecord } from './record';
import type { Survey } from './survey';
import type { Written } from './writing';

/** One way in which others keep judged texts. What all have in common stands in reading.ts and writing.ts; what is its own, in its file. */
export interface Format {
  id: string;
  title: string;
  about: string;
  /** How such files' names end, the usual ending first. */
  extensions: string[];
  /** How records stand in a file: as JSON, one a line or all in one list; or as the rows of a table. */
  container: 'json' | 'csv';
  /** Whether a file whose first records are these is of the format. */
  recognises(first: readonly unknown[]): boolean;
  /** Tells the survey what a record answers; absent where that needs no knowledge of the other records. */
  hear?(record: FileRecord, survey: Survey): void;
  /**
   * The item of a record; of a whole conversation, one for each of its answers.
   * @throws FileError that names the place
   */
  read(record: FileRecord, survey: Survey): ImportedItem | LeftOut | readonly ImportedItem[];
  write?(dataset: JudgedDataset, options?: WriteOptions): Written;
}

export interface WriteOptions {
  /** Where single answers are written: a pair as two of them, the preferred one good and the other not. */
  pairsToo?: boolean;
}
