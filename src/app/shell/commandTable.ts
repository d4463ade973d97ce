import type { Room } from './router.svelte';

/** What a command is before there is a page: its words, its place and the keys it has until a person changes them. */
export interface CommandEntry {
  /** On its button, and in the cheat sheet where `about` is absent. */
  title: string;
  about?: string;
  /** The room in which it can be done, or every room. */
  group: 'everywhere' | Room;
  /** Within a room: forms of judging that are never on screen together may use the same keys. In plain words, for the cheat sheet prints it. */
  scope?: string;
  /** As KeyboardEvent.key names them; letters in lower case. Two that could mean two things at once fail the build: see clashes.ts. */
  keys: readonly string[];
}

/** Every command there is, in the order of the cheat sheet. A command that is not here cannot be made. */
const table = {
  'help': { group: 'everywhere', title: 'Keys and help', about: 'This list', keys: ['?'] },
  'go.collect': { group: 'everywhere', title: 'Collect', about: 'Go to Collect', keys: ['c'] },
  'go.reward': { group: 'everywhere', title: 'Reward', about: 'Go to Reward', keys: ['r'] },
  'go.optimise': { group: 'everywhere', title: 'Optimise', about: 'Go to Optimise', keys: ['o'] },
  'go.compare': { group: 'everywhere', title: 'Compare', about: 'Go to Compare', keys: ['m'] },
  'go.library': { group: 'everywhere', title: 'Library', about: 'Go to Library', keys: ['l'] },

  'trial.first': { group: 'welcome', title: 'First is better', keys: ['1', 'ArrowLeft'] },
  'trial.second': { group: 'welcome', title: 'Second is better', keys: ['2', 'ArrowRight'] },

  'collect.first': { group: 'collect', scope: 'two texts', title: 'First is better', keys: ['1', 'ArrowLeft'] },
  'collect.second': { group: 'collect', scope: 'two texts', title: 'Second is better', keys: ['2', 'ArrowRight'] },
  'collect.tie': { group: 'collect', scope: 'two texts', title: 'Tie', about: 'Equally good', keys: ['t'] },
  'collect.bothBad': { group: 'collect', scope: 'two texts', title: 'Both bad', keys: ['b'] },
  'collect.skip': { group: 'collect', title: 'Skip', about: 'Skip this pair', keys: ['s'] },
  'collect.undo': { group: 'collect', title: 'Undo', about: 'Take back the latest judgement', keys: ['z'] },

  'reward.train': { group: 'reward', title: 'Train reward model', keys: ['t'] },

  'optimise.play': { group: 'optimise', title: 'Play', about: 'Play or pause the run', keys: ['p'] },
  'optimise.step': { group: 'optimise', title: 'Step', about: 'One iteration', keys: ['s'] },
  'optimise.slow': { group: 'optimise', title: 'Slow motion', about: 'Rest before each phase of an iteration, or not', keys: ['w'] },
  'optimise.back': { group: 'optimise', title: 'Back to the last good checkpoint', keys: ['b'] },
  'optimise.inspect': { group: 'optimise', title: 'Token by token', about: 'The figures of every token of the first text that is shown', keys: ['i'] },
  'optimise.new': { group: 'optimise', title: 'New run', keys: ['n'] },
  'optimise.like': { group: 'optimise', title: 'New run with these settings', about: 'A new run, filled in like the one that is looked at, to be changed', keys: [] },
  'optimise.again': { group: 'optimise', title: 'Start again from this record', about: 'The same run once more, from its beginning: settings, seed, models, openings and device programs are those of its record', keys: [] },
  'optimise.stop': { group: 'optimise', title: 'End the run', about: 'End the run for good; it can still be compared', keys: [] },

  'compare.write': { group: 'compare', title: 'Let both write', keys: ['w'] },
  'compare.first': { group: 'compare', title: 'First is better', keys: ['1', 'ArrowLeft'] },
  'compare.second': { group: 'compare', title: 'Second is better', keys: ['2', 'ArrowRight'] },
  'compare.tie': { group: 'compare', title: 'Tie', keys: ['t'] },
  'compare.undo': { group: 'compare', title: 'Undo', keys: ['z'] },
} satisfies Record<string, CommandEntry>;

export type CommandId = keyof typeof table;
export const COMMAND_TABLE: Readonly<Record<CommandId, CommandEntry>> = table;
export const COMMAND_IDS = Object.keys(table) as CommandId[];
