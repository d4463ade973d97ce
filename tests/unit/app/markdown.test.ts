import { fileURLToPath } from 'node:url';
import { render } from 'svelte/server';
import { build, type Rollup } from 'vite';
import { expect, test } from 'vitest';
import Markdown from '../../../src/app/controls/Markdown.svelte';
import config from '../../../vite.config';

/** Without the comments by which Svelte finds its blocks again, and classes. */
function shown(text: string, top?: number): string {
  return render(Markdown, { props: { text, top } }).body.replace(/<!--.*?-->/g, '').replace(/ (class|dir)="[^"]*"/g, '');
}

test('each shape has its element, and letters stay together', () => {
  expect(shown('Un*believ*able, **so** `x`\\\nnew')).toBe('<div><p>Un<em>believ</em>able, <strong>so</strong> <code>x</code><br/>new</p></div>');
  expect(shown('- a\n- b\n\n7. c')).toBe('<div><ul><li><p>a</p></li><li><p>b</p></li></ul><ol start="7"><li><p>c</p></li></ol></div>');
  expect(shown('> a\n\n---\n\n    b <i>')).toBe('<div><blockquote><p>a</p></blockquote><hr/><pre><code>b &lt;i></code></pre></div>');
});

test('headings stand below the one that is above them, and there is none below the sixth', () => {
  const source = '# a\n## b\n### c\n#### d\n##### e';
  expect([...shown(source).matchAll(/<h(\d)>/g)].map(([, level]) => level)).toEqual(['3', '4', '5', '6', '6']);
  expect([...shown(source, 2).matchAll(/<h(\d)>/g)].map(([, level]) => level)).toEqual(['2', '3', '4', '5', '6']);
});

test('a link is words and an address; nothing of a text leads away, runs or fetches', () => {
  expect(shown('See [this](https://example.org/).')).toBe('<div><p>See this <span>(<bdi>https://example.org/</bdi>)</span>.</p></div>');
  const hostile = shown('<script>alert(1)</script>\n\n<img src=x onerror=y>\n\n[a](javascript:b)\n\n![c](https://d)\n\n<https://e>\n\n&lt;iframe&gt;');
  expect([...new Set([...hostile.matchAll(/<\/?(\w+)/g)].map(([, name]) => name))].sort()).toEqual(['bdi', 'div', 'p', 'span']);
});

test('as it is built for a browser, the parser asks nothing of innerHTML, which the policy of the page forbids', async () => {
  const input = fileURLToPath(new URL('../../../src/text/markdown.ts', import.meta.url));
  const built = async (resolve = config.resolve) => {
    const { output } = (await build({ configFile: false, logLevel: 'silent', resolve, build: { write: false, rollupOptions: { input, preserveEntrySignatures: 'strict' } } })) as Rollup.RollupOutput;
    return output.map((part) => ('code' in part ? part.code : '')).join('');
  };
  expect(await built()).not.toContain('innerHTML');
  // It would otherwise, or this test watched nothing.
  expect(await built({})).toContain('innerHTML');
});
