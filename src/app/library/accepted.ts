import { MEDIA_TYPES } from '../../feedback/judgement';

/** What a file chooser offers where items come in. */
export const ACCEPTED = ['.jsonl', '.json', '.csv', '.tsv', '.gz', '.zip', ...MEDIA_TYPES].join(',');
