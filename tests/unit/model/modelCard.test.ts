import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openLanguageModel } from '../../../src/model/languageModel';
import { countParameters } from '../../../src/model/parameters';
import { modelCard } from '../../../tools/modelCard/card';
import { lossCurve } from '../../../tools/modelCard/lossCurve';
import { countStrangeWords, samplesPage } from '../../../tools/modelCard/samples';

const point = (tokens: number, train_nats: number, valid_nats: number) => ({ step: tokens / 100, tokens, train_nats, valid_nats, valid_bits_per_byte: 1 });

describe('lossCurve', () => {
  const svg = lossCurve('A <model>', [point(1e6, 3, 2.8), point(2e6, 2.5, 2.4), point(4e6, 2.1, 2.09)]);
  const path = (name: string) =>
    [...svg.match(new RegExp(`class="line ${name}" d="([^"]*)"`))![1].matchAll(/[ML]([\d.]+) ([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);

  it('draws each loss to scale, lower where it is smaller', () => {
    const [a, b, c] = path('validation');
    expect((c[0] - b[0]) / (b[0] - a[0])).toBeCloseTo(2, 2);
    expect((b[1] - a[1]) / (c[1] - b[1])).toBeCloseTo(0.4 / 0.31, 1);
    expect(a[1]).toBeLessThan(c[1]);
    expect(path('training')[0][1]).toBeLessThan(a[1]);
  });

  it('says the last losses at the ends of the lines, apart from each other, and escapes its title', () => {
    const heights = [...svg.matchAll(/class="label \w+" x="\d+" y="([\d.]+)">(\w+ [\d.]+)</g)].map(([, y, text]) => [Number(y), text] as const);
    expect(heights.map(([, text]) => text)).toEqual(['training 2.100', 'validation 2.090']);
    expect(Math.abs(heights[0][0] - heights[1][0])).toBeGreaterThanOrEqual(17.9);
    expect(svg).toContain('A &lt;model&gt;');
    expect(svg).not.toContain('NaN');
  });

  it('needs two measurements', () => {
    expect(() => lossCurve('x', [point(1, 1, 1)])).toThrow(/two measurements/);
  });
});

it('the page of samples shows text as it is, and where it was cut off', () => {
  const page = samplesPage('M', [
    { prompt: 'One *day*', continuation: ' came.\nThe end.', ended: true },
    { prompt: 'Two', continuation: ' went', ended: false },
  ]);
  expect(page).toContain('> **One \\*day\\*** came.\n>\n> The end.\n');
  expect(page).toContain('> **Two** went […]\n');
  expect(page).toContain('1 of the 2 end by themselves');
});

it('counts the words that a model made up, and no half word at the end', () => {
  const samples = [
    { prompt: 'One', continuation: " day Tom's grobble ran. A grobble!", ended: true },
    { prompt: 'Two', continuation: ' Toms ran to the tre', ended: false },
  ];
  expect(countStrangeWords(samples, ["One day Tom's dog ran to the tree.", 'A cat.'])).toEqual({ all: 10, strange: 3 });
});

describe('the cards of the shipped models', () => {
  const MODELS = 'public/models';
  const index = JSON.parse(readFileSync(join(MODELS, 'index.json'), 'utf8')) as { name: string; title: string; parameters: number; width: number; bytes: number }[];

  it.each(index)('say of $name what its folder records', ({ name, title, ...listed }) => {
    const file = (path: string) => readFileSync(join(MODELS, name, path));
    const weights = file('model.safetensors');
    const model = openLanguageModel({ config: String(file('config.json')), tokenizer: String(file('tokenizer.json')), weights });
    const record = JSON.parse(String(file('card.json')));
    const parameters = countParameters(model.weights.values());
    expect(listed).toMatchObject({ parameters, width: model.config.hidden_size, bytes: weights.byteLength });
    expect(String(file('README.md'))).toBe(modelCard({ title, config: model.config, parameters, bytes: weights.byteLength, record }));
  });

  it('are of every folder', () => {
    expect(index.map(({ name }) => name).sort()).toEqual(readdirSync(MODELS, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort());
  });
});
