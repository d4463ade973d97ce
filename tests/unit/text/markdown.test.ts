import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEEPEST_MARKDOWN, LONGEST_MARKDOWN, readMarkdown, type Block, type Inline } from '../../../src/text/markdown';

const text = (words: string): Inline => ({ kind: 'text', text: words });
const paragraph = (...children: Inline[]): Block => ({ kind: 'paragraph', children });

/** All words of a tree, in their order. */
function words(tree: readonly (Block | Inline)[]): string {
  return tree.map((part) => ('text' in part ? part.text : 'children' in part ? words(part.children) : part.kind === 'list' ? part.items.map(words).join('') : '')).join('');
}

function levels(tree: readonly Block[]): number[] {
  return tree.flatMap((block) => (block.kind === 'heading' ? [block.level] : block.kind === 'quote' ? levels(block.children) : block.kind === 'list' ? block.items.flatMap(levels) : []));
}

/** How many lists, quotes, emphases lie within each other. */
function depth(tree: readonly (Block | Inline)[]): number {
  return Math.max(
    0,
    ...tree.map((part) => {
      if (part.kind === 'list') return 1 + Math.max(0, ...part.items.map(depth));
      if (part.kind === 'quote' || part.kind === 'emphasis' || part.kind === 'strong') return 1 + depth(part.children);
      return 'children' in part ? depth(part.children) : 0;
    }),
  );
}

test('every shape of guidelines is read', () => {
  const tree = readMarkdown(`# How to judge

Prefer the *kinder*, not the __longer__ one:  
read \`both\` to the end.

3. First
   - nested
4. Second

> Quoted
> twice.

***

    as it stands

~~~py
x = 1
~~~
`);
  expect(tree).toEqual([
    { kind: 'heading', level: 1, children: [text('How to judge')] },
    paragraph(
      text('Prefer the '),
      { kind: 'emphasis', children: [text('kinder')] },
      text(', not the '),
      { kind: 'strong', children: [text('longer')] },
      text(' one:'),
      { kind: 'break' },
      text('read '),
      { kind: 'code', text: 'both' },
      text(' to the end.'),
    ),
    { kind: 'list', start: 3, items: [[paragraph(text('First')), { kind: 'list', start: null, items: [[paragraph(text('nested'))]] }], [paragraph(text('Second'))]] },
    { kind: 'quote', children: [paragraph(text('Quoted\ntwice.'))] },
    { kind: 'rule' },
    { kind: 'code', text: 'as it stands' },
    { kind: 'code', text: 'x = 1' },
  ]);
});

test('named characters, escapes and the null character are read as CommonMark says', () => {
  expect(words(readMarkdown('&copy; &amp;lt; &#65; \\*not\\* \u0000'))).toBe('© &lt; A *not* \ufffd');
});

describe('headings', () => {
  test.each([
    ['# a\n## b\n# c', [1, 2, 1]],
    ['### a\n### b\n#### c', [1, 1, 2]],
    ['# a\n#### b\n## c\n### d', [1, 2, 2, 3]],
    ['## a\n# b\n###### c', [1, 1, 2]],
    ['> ## a\n\n# b\n\n- ### c', [1, 1, 2]],
  ])('%j stand at %j', (source, expected) => {
    expect(levels(readMarkdown(source))).toEqual(expected);
  });

  test('never leave a level out on the way down, and keep the order of two that follow each other', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 30 }), (given) => {
        const got = levels(readMarkdown(given.map((level) => `${'#'.repeat(level)} a`).join('\n')));
        expect(got).toHaveLength(given.length);
        expect(got[0]).toBe(1);
        for (let i = 1; i < got.length; i++) {
          expect(got[i] - got[i - 1]).toBeLessThanOrEqual(1);
          if (given[i] > given[i - 1]) expect(got[i]).toBe(got[i - 1] + 1);
          if (given[i] === given[i - 1]) expect(got[i]).toBe(got[i - 1]);
          if (given[i] < given[i - 1]) expect(got[i]).toBeLessThanOrEqual(got[i - 1]);
        }
      }),
    );
  });
});

describe('links and pictures', () => {
  const link = (address: string, ...children: Inline[]): Inline => ({ kind: 'link', children, address });

  test.each([
    ['[the *rules*](https://example.org/a "title")', [link('https://example.org/a', text('the '), { kind: 'emphasis', children: [text('rules')] })]],
    ['[click](javascript:alert(1))', [link('javascript:alert(1)', text('click'))]],
    ['[click](data:text/html,<script>)', [link('data:text/html,<script>', text('click'))]],
    ['<https://example.org/>', [text('https://example.org/')]],
    ['<me@example.org>', [text('me@example.org')]],
    ['[nothing]()', [text('nothing')]],
    ['![A drawing](https://example.org/track.png)', [text('A drawing')]],
    ['[![A drawing](x.png)](https://example.org/)', [link('https://example.org/', text('A drawing'))]],
    ['[unheard of][nowhere]', [text('[unheard of][nowhere]')]],
  ] as [string, Inline[]][])('%s', (source, children) => {
    expect(readMarkdown(source)).toEqual([paragraph(...children)]);
  });

  test('a name means its first definition, wherever it stands; names of the language are names like others', () => {
    const tree = readMarkdown('[a], [__proto__], [constructor], [toString]\n\n> - [a]: one\n\n[a]: two\n[__proto__]: three\n');
    expect(tree[0]).toEqual(paragraph(link('one', text('a')), text(', '), link('three', { kind: 'strong', children: [text('proto')] }), text(', [constructor], [toString]')));
  });

  test('an address hides nothing and has an end', () => {
    const [block] = readMarkdown(`[a](<https://example.org/\u202egpj.exe\u200b b>) [b](/${'x'.repeat(5000)})`);
    const [first, , second] = (block as { children: Inline[] }).children as { address: string }[];
    expect(first.address).toBe('https://example.org/%E2%80%AEgpj.exe%E2%80%8B%20b');
    expect(second.address.length).toBeLessThan(400);
  });
});

describe('what is hostile', () => {
  test.each(['<script>alert(1)</script>', '<img src=x onerror=alert(1)>', '<!-- hidden -->', 'a <b onclick="x()">c</b>', '<style>*{display:none}</style>', '<?php x ?>', '<![CDATA[x]]>'])('HTML is text: %s', (source) => {
    expect(readMarkdown(source)).toEqual([paragraph(text(source))]);
  });

  test('HTML keeps nothing out of sight and ends no paragraph', () => {
    expect(words(readMarkdown('<div>\n*a*\n\n</div>'))).toBe('<div>\na</div>');
  });

  test('characters that turn round the order of others are left out, marks of direction stay', () => {
    const turned = '\u202egood\u202c and \u202d`\u202ebad`\u202c \u2067\u05d0\u2069\u200f';
    expect(words(readMarkdown(turned))).toBe('good\u202c and bad\u202c \u2067\u05d0\u2069\u200f');
    expect(words(readMarkdown(`    ${turned}`))).not.toMatch(/[\u202d\u202e]/);
    expect(words(readMarkdown(turned + 'a'.repeat(LONGEST_MARKDOWN)))).not.toMatch(/[\u202d\u202e]/);
  });

  test('a text past the limit is shown whole, as it was written', () => {
    const long = '*a* words '.repeat(LONGEST_MARKDOWN / 10);
    expect(readMarkdown(long)[0]).toMatchObject({ kind: 'paragraph' });
    expect(readMarkdown(`${long}!`)).toEqual([{ kind: 'code', text: `${long}!` }]);
  });

  test('what lies too deep is shown as it was written', () => {
    const quotes = readMarkdown(`${'> '.repeat(DEEPEST_MARKDOWN + 3)}a`);
    expect(depth(quotes)).toBe(DEEPEST_MARKDOWN);
    expect(words(quotes)).toBe('> > > a');
    const lists = readMarkdown(Array.from({ length: 40 }, (_, i) => `${'  '.repeat(i)}- a${i}`).join('\n'));
    expect(depth(lists)).toBe(DEEPEST_MARKDOWN);
    expect(words(lists)).toContain('- a39');
    const emphases = readMarkdown(`${'*a **b '.repeat(40)}c${'** d*'.repeat(40)}`);
    expect(depth(emphases)).toBe(DEEPEST_MARKDOWN);
  });

  const fill = (part: string, length = LONGEST_MARKDOWN) => part.repeat(Math.floor(length / part.length));
  const nested = (count: number) => `${'*a **b '.repeat(count)}c${'** d*'.repeat(count)}`;
  // Of the processor, not of the clock, which others share. The parser alone took up to 150 seconds for some, and about one or two for what ordinary text of that length takes.
  test.each([
    ['quotes in quotes', fill('>')],
    ['quotes in quotes, on many lines', fill(`${'>'.repeat(49)}\n`)],
    ['lists in lists', fill(`${'1. '.repeat(49)}a\n`)],
    ['lists in lists, as many as are read', fill(`- 1. ${'a'.repeat(44)}\n`)],
    ['a list in a list in a list', Array.from({ length: 440 }, (_, i) => `${'  '.repeat(i % 220)}- a`).join('\n')],
    ['emphasis that never matches', fill('**a*b')],
    ['emphasis in emphasis', nested(600)],
    ['brackets in brackets', '['.repeat(50_000) + ']'.repeat(50_000)],
    ['links without an end', fill('[a](')],
    ['headings by underlining', fill('a\n=\n')],
    ['one definition, many references', `[a]: ${'x'.repeat(50_000)}\n\n${'[a]'.repeat(2000)}`],
    ['a million stars', '*'.repeat(1_000_000)],
    ['tags', fill('a <b c="')],
    ['comments', fill('<!-- ')],
    ['bidirectional overrides', fill('\u202e')],
  ])('%s: it is read, and soon', (_, source) => {
    const begun = process.cpuUsage();
    const tree = readMarkdown(source);
    const { user, system } = process.cpuUsage(begun);
    expect((user + system) / 1e6).toBeLessThan(8);
    expect(JSON.stringify(tree).length).toBeLessThan(5_000_000);
  });

  test('any text is read, and a tree holds no deeper than it may', () => {
    const marks = fc.array(fc.constantFrom('*', '_', '`', '>', '- ', '1. ', '#', '[', ']', '(', ')', '!', '<', '&', ';', '\n', '\n\n', '    ', '\t', '\\', '=', '---', '~~~', 'a', ' ', '\u202e', '__proto__', '[a]: b'), { maxLength: 200 });
    fc.assert(
      fc.property(fc.oneof(marks.map((list) => list.join('')), fc.string({ unit: 'binary', maxLength: 300 })), (source) => {
        const tree = readMarkdown(source);
        expect(depth(tree)).toBeLessThanOrEqual(DEEPEST_MARKDOWN);
        expect(JSON.stringify(tree)).not.toMatch(/[\u202d\u202e]/);
      }),
      { numRuns: 300 },
    );
  });
});
