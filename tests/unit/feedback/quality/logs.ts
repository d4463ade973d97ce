import type { Comparison, JudgementEvent, PersonRater, Rater, Verdict } from '../../../../src/feedback/judgement';
import { recordAction, type Action } from '../../../../src/feedback/recording';

export const ann: PersonRater = { kind: 'person', name: 'Ann', id: 'a' };
export const bob: PersonRater = { kind: 'person', name: 'Bob', id: 'b' };
export const cid: PersonRater = { kind: 'person', name: 'Cid', id: 'c' };
export const key: Rater = { kind: 'key' };
export const rule: Rater = { kind: 'simulated', rule: 'cheerful', temperature: 0.1 };

export function comparison(id: string, fields: Partial<Comparison> = {}): Comparison {
  return { id, datasetId: 'd', order: 0, prompt: '', responses: ['one', 'two'], swapped: false, source: { kind: 'imported', file: 'f' }, created: 0, ...fields };
}

/** A verdict alone, or an action with all its fields. */
export type Said = [string, Rater, Verdict | { act: Action }];

/** Events in the order given. */
export function log(...said: Said[]): JudgementEvent[] {
  return said.map(([id, rater, what], i) => recordAction(comparison(id), rater, typeof what === 'object' && 'act' in what ? what.act : { kind: 'judged', verdict: what }, 1000 + i));
}

export const ranking = (...groups: number[][]): Verdict => ({ kind: 'ranking', groups });
export const rating = (value: number, response = 0): Verdict => ({ kind: 'rating', response, criterion: 'quality', scale: '1 to 5', value });
export const thumb = (up: boolean, response = 0): Verdict => ({ kind: 'thumb', response, up });
