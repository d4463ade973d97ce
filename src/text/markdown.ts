import type { Definition, Nodes, PhrasingContent, RootContent } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';

/*
 * Guidelines are written in Markdown (CommonMark) and travel with a dataset,
 * so whoever made the dataset wrote them. What is read here is a tree of words
 * and a few shapes: nothing in it can run, fetch or lead away.
 */

export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'emphasis' | 'strong'; children: Inline[] }
  | { kind: 'code'; text: string }
  | { kind: 'break' }
  /** `address` is there to be read, not to be followed: see {@link readMarkdown}. */
  | { kind: 'link'; children: Inline[]; address: string };

export type Block =
  /** `level` counts from 1, and never leaves one out on the way down, whatever its author did. */
  | { kind: 'heading'; level: number; children: Inline[] }
  | { kind: 'paragraph'; children: Inline[] }
  /** `start` is the first number; null where the items have none. */
  | { kind: 'list'; start: number | null; items: Block[][] }
  | { kind: 'quote'; children: Block[] }
  | { kind: 'code'; text: string }
  | { kind: 'rule' };

/** Characters. A longer text is shown as it was written, all of it. */
export const LONGEST_MARKDOWN = 100_000;
/** Shapes within shapes; what lies deeper is shown as it was written. */
export const DEEPEST_MARKDOWN = 16;
/** Characters of an address: one definition can be referred to ten thousand times. */
const LONGEST_ADDRESS = 300;

/** CommonMark lets HTML through; here it is text like any other. */
const NEVER = ['htmlFlow', 'htmlText'];

/**
 * The parser's time grows with the square of these. Nobody writes so many of
 * them, so that in a text which holds more they are only what they look like.
 */
const AT_MOST: readonly { count: number; of: RegExp; constructs: readonly string[] }[] = [
  { count: 2500, of: /[*_]+/g, constructs: ['attention'] },
  { count: 2500, of: /\[/g, constructs: ['labelStartLink', 'labelStartImage'] },
  { count: 500, of: /^ {0,3}(=+|-+)[ \t]*$/gm, constructs: ['setextUnderline'] },
  { count: 2000, of: /^[ \t>]*([-+*]|\d{1,9}[.)])[ \t]/gm, constructs: ['list'] },
  // Three quotes or lists that begin within each other.
  { count: 500, of: /(?:(?:>|(?:[-+*]|\d{1,9}[.)])[ \t])[ \t]*){3}/g, constructs: ['blockQuote', 'list'] },
];

/**
 * Reads Markdown, in time about linear in its length. Any text can be read:
 * HTML is the text that it is written in, a picture the text that stands for
 * it, and what is past the limits above is shown as it was written.
 *
 * A link becomes its words and its address. The page's policy stops every
 * request to elsewhere but not a link that is clicked, which is why the lab
 * promises to have none (app/library/privacy.ts): it would tell whoever made
 * the dataset that somebody reads it, where and when. Whoever wants to go
 * there sees the address, and copies it.
 */
export function readMarkdown(text: string): Block[] {
  if (text.length > LONGEST_MARKDOWN) return [{ kind: 'code', text: inOrder(text) }];
  const tooMany = AT_MOST.flatMap(({ count, of, constructs }) => ((text.match(of)?.length ?? 0) > count ? constructs : []));
  const root = fromMarkdown(text, { extensions: [{ disable: { null: [...NEVER, ...tooMany] } }] });

  // The first definition of a name is the one that counts.
  const addresses = new Map([...definitions(root.children)].reverse().map(({ identifier, url }) => [identifier, url]));
  // The headings under which the next one may stand, by the levels that their author gave them.
  const above: number[] = [];

  function levelOf(given: number): number {
    while (above.length > 0 && above[above.length - 1] >= given) above.pop();
    return above.push(given);
  }

  const asWritten = ({ position }: Nodes) => inOrder(text.slice(position!.start.offset, position!.end.offset));

  function blocks(nodes: readonly RootContent[], depth: number): Block[] {
    return nodes.flatMap((node): Block[] => {
      switch (node.type) {
        case 'heading':
          return [{ kind: 'heading', level: levelOf(node.depth), children: inlines(node.children, depth) }];
        case 'paragraph':
          return [{ kind: 'paragraph', children: inlines(node.children, depth) }];
        case 'list':
          if (depth === DEEPEST_MARKDOWN) return [{ kind: 'code', text: asWritten(node) }];
          return [{ kind: 'list', start: node.ordered ? (node.start ?? 1) : null, items: node.children.map((item) => blocks(item.children, depth + 1)) }];
        case 'blockquote':
          if (depth === DEEPEST_MARKDOWN) return [{ kind: 'code', text: asWritten(node) }];
          return [{ kind: 'quote', children: blocks(node.children, depth + 1) }];
        case 'code':
          return [{ kind: 'code', text: inOrder(node.value) }];
        case 'thematicBreak':
          return [{ kind: 'rule' }];
        default:
          // A definition is seen where it is referred to; nothing else is left of CommonMark.
          return [];
      }
    });
  }

  function inlines(nodes: readonly PhrasingContent[], depth: number): Inline[] {
    return nodes.flatMap((node): Inline[] => {
      switch (node.type) {
        case 'text':
          return [{ kind: 'text', text: inOrder(node.value) }];
        case 'emphasis':
        case 'strong':
          if (depth === DEEPEST_MARKDOWN) return [{ kind: 'text', text: asWritten(node) }];
          return [{ kind: node.type, children: inlines(node.children, depth + 1) }];
        case 'inlineCode':
          return [{ kind: 'code', text: inOrder(node.value) }];
        case 'break':
          return [{ kind: 'break' }];
        case 'image':
        case 'imageReference':
          return node.alt ? [{ kind: 'text', text: inOrder(node.alt) }] : [];
        case 'link':
          return link(node.url, node.children, depth);
        case 'linkReference':
          return link(addresses.get(node.identifier) ?? '', node.children, depth);
        default:
          return [];
      }
    });
  }

  function link(url: string, words: readonly PhrasingContent[], depth: number): Inline[] {
    const children = inlines(words, depth);
    const [only] = words;
    const saysItself = words.length === 1 && only.type === 'text' && [only.value, `mailto:${only.value}`].includes(url);
    return saysItself || url === '' ? children : [{ kind: 'link', children, address: legible(url) }];
  }

  return blocks(root.children, 0);
}

function* definitions(nodes: readonly RootContent[]): Generator<Definition> {
  for (const node of nodes) {
    if (node.type === 'definition') yield node;
    else if (node.type === 'blockquote' || node.type === 'list' || node.type === 'listItem') yield* definitions(node.children);
  }
}

/**
 * Without the two characters that turn round the order of letters, so that one
 * text is read and another is there (bidirectional overrides, Unicode Standard
 * Annex 9). What scripts from right to left need is not among them.
 */
function inOrder(text: string): string {
  return text.replace(/[\u202d\u202e]/g, '');
}

/** An address as one can read it: nothing unseen in it, and not without end. */
function legible(url: string): string {
  const short = url.length > LONGEST_ADDRESS ? `${url.slice(0, LONGEST_ADDRESS)}…` : url;
  return short.replace(/[\p{Cc}\p{Cf}\p{Z}]/gu, encodeURIComponent);
}
