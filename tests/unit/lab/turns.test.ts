import { expect, it } from 'vitest';
import { Turns } from '../../../src/lab/turns';

it('lets one piece of work run at a time, in the order of asking, past failures', async () => {
  const turns = new Turns();
  const log: string[] = [];
  const work = (name: string) => async () => {
    log.push(`${name} begins`);
    await new Promise((resolve) => setTimeout(resolve, 2));
    log.push(`${name} ends`);
    if (name === 'b') throw new Error('b fails');
    return name;
  };
  const results = await Promise.allSettled(['a', 'b', 'c'].map((name) => turns.take(work(name))));
  expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

it('does not begin work that was given up while it waited', async () => {
  const turns = new Turns();
  const controller = new AbortController();
  let began = false;
  const first = turns.take(() => new Promise((resolve) => setTimeout(resolve, 2)));
  const second = turns.take(async () => (began = true), controller.signal);
  controller.abort(new Error('given up'));
  await first;
  await expect(second).rejects.toThrow('given up');
  expect(began).toBe(false);
});
