import type { DatasetEntry, DatasetFile } from '../../../src/text/datasetFile';

/** The records of a dataset as its file has them, a line each. */
export async function* entriesOf({ dataset, comparisons, events }: DatasetFile): AsyncGenerator<DatasetEntry> {
  let line = 1;
  yield { line, dataset };
  for (const comparison of comparisons) yield { line: ++line, comparison };
  for (const event of events) yield { line: ++line, event };
}

/** The dataset that records make. */
export async function datasetOf(entries: AsyncIterable<DatasetEntry>): Promise<DatasetFile> {
  const file = { comparisons: [], events: [] } as unknown as DatasetFile;
  for await (const entry of entries) {
    if ('dataset' in entry) file.dataset = entry.dataset;
    else if ('comparison' in entry) file.comparisons.push(entry.comparison);
    else file.events.push(entry.event);
  }
  return file;
}
