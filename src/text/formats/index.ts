import { anthropicHh } from './anthropicHh';
import { argilla } from './argilla';
import type { Format } from './format';
import { labelStudio } from './labelStudio';
import { openaiComparisons } from './openaiComparisons';
import { plainRecord } from './plainRecord';
import { promptOnly } from './promptOnly';
import { table } from './table';
import { trlPreference } from './trlPreference';
import { trlUnpaired } from './trlUnpaired';

/** The formats of others that the lab reads, and mostly writes; where several could be meant, the first that recognises a file is. */
export const FORMATS: readonly Format[] = [openaiComparisons, labelStudio, argilla, anthropicHh, trlPreference, trlUnpaired, plainRecord, promptOnly, table];
