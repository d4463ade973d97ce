import { describe, expect, it } from 'vitest';
import type { Comparison, JudgementEvent, Rater, Verdict } from '../../../src/feedback/judgement';
import { raterKey, standingEvents } from '../../../src/feedback/judgementState';
import { proportion } from '../../../src/feedback/proportion';
import { recordAction } from '../../../src/feedback/recording';
import { consistency, selfAgreement } from '../../../src/feedback/selfAgreement';
import { finished } from '../../../src/feedback/steps';

const me: Rater = { kind: 'person', name: 'me' };
const you: Rater = { kind: 'person', name: 'you' };
const rule: Rater = { kind: 'simulated', rule: 'cheerful', temperature: 0.1 };

/** 'again' marks a blind repeat. */
type Act = [string, Rater, Verdict | 'undo', 'again'?];

function log(...acts: Act[]): JudgementEvent[] {
  const events: JudgementEvent[] = [];
  for (const [id, rater, verdict, again] of acts)
    events.push(recordAction({ id, datasetId: 'd' } as Comparison, rater, verdict === 'undo' ? { kind: 'undone' } : { kind: 'judged', verdict, ...(again && { repeat: true }) }, 1000, events));
  return events;
}

describe('how often people agree with themselves', () => {
  it('counts the pairs that one person was asked about twice', () => {
    // me: a alike, b not; you: a alike. c came once.
    const events = log(['a', me, 'first'], ['b', me, 'second'], ['c', me, 'first'], ['a', me, 'first', 'again'], ['b', me, 'first', 'again'], ['a', you, 'second'], ['a', you, 'second', 'again']);
    expect(selfAgreement(events)).toEqual(proportion(2, 3));
    expect(selfAgreement([...events].reverse())).toEqual(proportion(2, 3));
  });

  it('is not known from a correction, which is no repeat', () => {
    expect(selfAgreement(log(['a', me, 'first'], ['a', me, 'first']))).toBeNull();
    // The repeat stands beside what was corrected before it, and a correction of the repeat changes nothing.
    expect(selfAgreement(log(['a', me, 'first'], ['a', me, 'second'], ['a', me, 'second', 'again']))).toEqual(proportion(1, 1));
    expect(selfAgreement(log(['a', me, 'first'], ['a', me, 'first', 'again'], ['a', me, 'second']))).toEqual(proportion(1, 1));
  });

  it('counts a pair once, and no tie', () => {
    expect(selfAgreement(log(['a', me, 'first'], ['a', me, 'first', 'again'], ['a', me, 'second', 'again']))).toEqual(proportion(1, 1));
    expect(selfAgreement(log(['a', me, 'first'], ['a', me, 'tie', 'again'], ['b', me, 'both-bad'], ['b', me, 'both-bad', 'again']))).toBeNull();
  });

  it('is not known from two people, from what was taken back, or from a rule', () => {
    expect(selfAgreement(log(['a', me, 'first'], ['a', you, 'first', 'again']))).toBeNull();
    expect(selfAgreement(log(['a', me, 'first'], ['a', me, 'undo'], ['a', me, 'second', 'again']))).toBeNull();
    expect(selfAgreement(log(['a', me, 'first'], ['a', me, 'second', 'again'], ['a', me, 'undo']))).toBeNull();
    expect(selfAgreement(log(['a', rule, 'first'], ['a', rule, 'first', 'again']))).toBeNull();
  });
});

describe('one person’s consistency', () => {
  const of = (rater: Rater, ...acts: Act[]) => finished(consistency(standingEvents(log(...acts)), raterKey(rater)));
  const rating = (value: number): Verdict => ({ kind: 'rating', response: 0, criterion: 'quality', scale: '0 to 100', value });

  it('counts every answer, ties and ratings too, of this person alone', () => {
    // tie then first: not the same. 40 then 60 of 100: within a quarter of the scale. 40 then 66: not.
    expect(
      of(me, ['a', me, 'tie'], ['a', me, 'first', 'again'], ['b', me, 'tie'], ['b', me, 'tie', 'again'], ['c', me, rating(40)], ['c', me, rating(60), 'again'], ['d', me, rating(40)], ['d', me, rating(66), 'again'], ['a', you, 'first'], ['a', you, 'second', 'again']),
    ).toEqual(proportion(2, 4));
  });

  it('is not known of someone who was asked nothing twice, or whose answers cannot be compared', () => {
    expect(of(you, ['a', me, 'tie'], ['a', me, 'tie', 'again'])).toBeNull();
    expect(of(me, ['a', me, { kind: 'rewrite', response: 0, text: 'x' }], ['a', me, { kind: 'rewrite', response: 0, text: 'y' }, 'again'])).toBeNull();
  });
});
