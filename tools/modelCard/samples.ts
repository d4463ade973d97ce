import { generate } from '../../src/model/decoding';
import { words } from '../../src/feedback/rules/words';
import type { LanguageModel } from '../../src/model/languageModel';
import type { Parameters } from '../../src/model/parameters';
import { HELD_OUT_PROMPTS } from '../../src/text/prompts';

export const SAMPLES = 50;
export const TEMPERATURE = 0.8;
export const SEED = 1;
export const MAX_NEW_TOKENS = 160;

export interface Sample {
  prompt: string;
  continuation: string;
  /** Whether the model ended the story itself. */
  ended: boolean;
}

/** One continuation of each of fifty story openings, all in one batch. */
export async function drawSamples(model: LanguageModel, parameters: Parameters): Promise<Sample[]> {
  const { config, tokenizer } = model;
  const openings = HELD_OUT_PROMPTS.slice(0, SAMPLES);
  if (openings.length < SAMPLES) throw new RangeError(`There are only ${openings.length} openings.`);
  const prompts = openings.map((opening) => [config.bos_token_id, ...tokenizer.encode(opening)]);
  const { responses } = await generate(parameters, config, prompts, { maxNewTokens: MAX_NEW_TOKENS, temperature: TEMPERATURE, seed: SEED, counter: 0 });
  return openings.map((prompt, i) => ({
    prompt,
    continuation: tokenizer.decode(responses[i]),
    ended: responses[i].at(-1) === config.eos_token_id,
  }));
}

/** The samples as Markdown: the opening in bold, then what the model wrote. */
export function samplesPage(title: string, samples: readonly Sample[]): string {
  const story = ({ prompt, continuation, ended }: Sample, i: number) => {
    const text = `**${literal(prompt)}**${literal(continuation)}${ended ? '' : ' […]'}`;
    return `### ${i + 1}\n\n${text.split('\n').map((line) => `> ${line}`).join('\n>\n')}\n`;
  };
  const ended = samples.filter((sample) => sample.ended).length;
  return `# ${samples.length} samples of ${title}

The first continuation of each of ${samples.length} story openings, unedited and unselected: temperature ${TEMPERATURE}, seed ${SEED}, at most ${MAX_NEW_TOKENS} tokens, drawn by this project's own decoder from the weights beside this page. The openings (bold) are ours and not from the training text. ${ended} of the ${samples.length} end by themselves; the others are cut off where […] stands.

${samples.map(story).join('\n')}`;
}

/** Words that the model wrote, and how many of them a text never uses. A word at which a sample was cut off may be half of one and counts as neither. */
export function countStrangeWords(samples: readonly Sample[], stories: readonly string[]): { all: number; strange: number } {
  const known = new Set(stories.flatMap(words));
  const written = samples.flatMap(({ continuation, ended }) => words(ended ? continuation : continuation.replace(/[\p{L}']+$/u, '')));
  return { all: written.length, strange: written.filter((word) => !known.has(word)).length };
}

/** Text that Markdown shows as it is. */
const literal = (text: string) => text.replace(/[\\`*_<>[\]#|~]/g, '\\$&');
