import { createRawSnippet } from 'svelte';
import { render } from 'svelte/server';
import { expect, test, vi } from 'vitest';
import SideBySide from '../../../src/app/compare/SideBySide.svelte';
import Written from '../../../src/app/controls/Written.svelte';
import SamplesPanel from '../../../src/app/optimise/SamplesPanel.svelte';

const samples = vi.hoisted(() => {
  // The rooms read settings of the browser when they are loaded, and there is none here.
  vi.stubGlobal('localStorage', { getItem: () => null });
  const token = { logProb: -1, referenceLogProb: -1 };
  return [[' slept', '.'], ['']].map((texts) => ({ prompt: 'A cat', response: texts.join(''), score: 0, kl: 0, tokens: texts.map((text) => ({ ...token, text })) }));
});
vi.mock('../../../src/app/optimise/runView.svelte', () => ({ runView: { samples: { iteration: 1, samples }, sampledIterations: [1], pinned: null } }));

const NOTHING = 'Nothing: the model stopped at once.';
const times = (body: string) => body.split(NOTHING).length - 1;

test('an empty response is said to be one, however others are shown', () => {
  const children = createRawSnippet(() => ({ render: () => '<b>tokens</b>' }));
  const shown = (text: string) => [render(Written, { props: { text } }).body, render(Written, { props: { text, children } }).body];
  expect(shown(' \n').map(times)).toEqual([1, 1]);
  expect(shown('slept.').map(times)).toEqual([0, 0]);
  expect(shown('slept.')[0]).toContain('slept.');
  expect(shown('slept.')[1]).toContain('<b>tokens</b>');
});

test('of an empty text in a file, no model is said to have stopped', () => {
  const { body } = render(Written, { props: { text: ' ', imported: true } });
  expect(times(body)).toBe(0);
  expect(body).toContain('empty in the file');
});

test('also side by side, and among the samples of a run', () => {
  const facts = { reward: 0, kl: 0, length: 1 };
  const comparing = { from: 'openings', count: 1, rows: [{ prompt: 'A cat', base: { ...facts, text: ' slept.' }, tuned: { ...facts, text: '' } }] };
  const command = { id: 'compare.write', title: 'Write', group: 'compare', run: () => undefined };
  expect(times(render(SideBySide, { props: { comparing, command } as never }).body)).toBe(1);
  expect(times(render(SamplesPanel, { props: {} }).body)).toBe(1);
});
