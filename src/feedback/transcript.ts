import type { Turn } from './judgement';

/*
 * A conversation as one text: each turn opens with who speaks, after a blank
 * line, as in Anthropic's HH data (Bai et al. 2022, github.com/anthropics/hh-rlhf).
 */

const SPEAKERS: Record<Turn['role'], string> = { system: 'System', user: 'Human', assistant: 'Assistant' };

/** The text that a model reads before it answers these turns. */
export function transcript(turns: readonly Turn[]): string {
  return `${turns.map(({ role, text }) => `\n\n${SPEAKERS[role]}: ${text}`).join('')}\n\n${SPEAKERS.assistant}:`;
}

const OPENING = /\n\n(System|Human|Assistant):/g;

/**
 * The turns of a transcript that begins with a turn; null of any other text. A
 * speaker's name at the beginning of a paragraph opens a turn, whoever wrote it:
 * the format has no way to say that it is part of what was said.
 */
export function turnsOf(text: string): Turn[] | null {
  const openings = [...text.matchAll(OPENING)];
  if (openings.length === 0 || openings[0].index !== 0) return null;
  return openings.map((opening, i): Turn => {
    const said = text.slice(opening.index + opening[0].length, openings[i + 1]?.index);
    return { role: roleOf(opening[1]), text: said.startsWith(' ') ? said.slice(1) : said };
  });
}

function roleOf(speaker: string): Turn['role'] {
  return speaker === SPEAKERS.user ? 'user' : speaker === SPEAKERS.assistant ? 'assistant' : 'system';
}
