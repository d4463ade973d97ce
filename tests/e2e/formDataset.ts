import type { Page } from '@playwright/test';
import type { Form } from '../../src/feedback/form';
import { TEMPLATES } from '../../src/feedback/formTemplates';
import type { Comparison, JudgementEvent } from '../../src/feedback/judgement';
import { writeDatasetFile } from '../../src/text/datasetFile';
import { expect } from './lab';

/* Datasets with a form, brought in as the lab's own file, and what the store keeps of judging them. */

export type TemplateName = (typeof TEMPLATES)[number]['name'];

export const template = (name: TemplateName): Form => TEMPLATES.find((form) => form.name === name) as unknown as Form;

/** An item by its place in the queue; every other one is shown from the last response to the first. */
export const item = (order: number, responses: string[], more: Partial<Comparison> = {}): Comparison => ({
  id: `p${order}`,
  datasetId: 'd',
  order,
  prompt: `Story ${order}.`,
  responses,
  swapped: order % 2 === 1,
  source: { kind: 'imported', file: 'mine' },
  created: 1,
  ...more,
});

/** Imports the items with their form through the page's file field, once its room is open. */
export async function openForm(page: Page, form: Form, comparisons: Comparison[], id = 'd'): Promise<void> {
  await page.goto('./#/collect');
  const file = writeDatasetFile({ dataset: { id, name: `${form.name} ${id}`, created: 1, seed: 1, form }, comparisons: comparisons.map((comparison) => ({ ...comparison, datasetId: id })), events: [] });
  // Before that the storage may not be open.
  await expect(page.getByRole('main').getByRole('heading', { level: 2 }).first()).toBeAttached();
  await page.locator('input[aria-label="Import a file"], input[aria-label="Import files"]').first().setInputFiles([{ name: 'items.nudge.jsonl', mimeType: 'application/jsonl', buffer: Buffer.from(file) }]);
  await page.getByRole('button', { name: `Import ${comparisons.length} item${comparisons.length === 1 ? '' : 's'}` }).click();
  await expect(page.getByText(`0 judged · ${comparisons.length} to go`)).toBeVisible();
}

/** Every event on the disk, by time: no two acts have the same. */
export async function storedEvents(page: Page): Promise<JudgementEvent[]> {
  const events = await page.evaluate(
    () =>
      new Promise<JudgementEvent[]>((resolve, reject) => {
        const request = indexedDB.open('nudge');
        request.onerror = () => reject(request.error);
        request.onsuccess = () => {
          const all = request.result.transaction('events').objectStore('events').getAll();
          all.onsuccess = () => {
            request.result.close();
            resolve(all.result);
          };
        };
      }),
  );
  return events.sort((a, b) => a.at - b.at);
}

/** What somebody said, without who, when and how long. */
export function said(event: JudgementEvent): Record<string, unknown> {
  const { id: _id, datasetId: _datasetId, at: _at, rater: _rater, ...rest } = event;
  if ('elapsed' in rest) delete rest.elapsed;
  return rest;
}
