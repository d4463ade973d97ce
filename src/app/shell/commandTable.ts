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
  'help': { group: 'everywhere', title: 'Help and keys', about: 'This list', keys: ['?'] },
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
  'collect.pick1': { group: 'collect', scope: 'a form', title: 'Option 1', about: 'The first option of the active question', keys: ['1'] },
  'collect.pick2': { group: 'collect', scope: 'a form', title: 'Option 2', keys: ['2'] },
  'collect.pick3': { group: 'collect', scope: 'a form', title: 'Option 3', keys: ['3'] },
  'collect.pick4': { group: 'collect', scope: 'a form', title: 'Option 4', keys: ['4'] },
  'collect.pick5': { group: 'collect', scope: 'a form', title: 'Option 5', keys: ['5'] },
  'collect.pick6': { group: 'collect', scope: 'a form', title: 'Option 6', keys: ['6'] },
  'collect.pick7': { group: 'collect', scope: 'a form', title: 'Option 7', keys: ['7'] },
  'collect.pick8': { group: 'collect', scope: 'a form', title: 'Option 8', keys: ['8'] },
  'collect.pick9': { group: 'collect', scope: 'a form', title: 'Option 9', keys: ['9'] },
  'collect.pick10': { group: 'collect', scope: 'a form', title: 'Option 10', keys: ['0'] },
  'collect.next': { group: 'collect', scope: 'a form', title: 'Next question', about: 'Go to the next question', keys: ['ArrowDown'] },
  'collect.previous': { group: 'collect', scope: 'a form', title: 'Previous question', about: 'Go to the question before', keys: ['ArrowUp'] },
  'collect.write': { group: 'collect', scope: 'a form', title: 'Write', about: 'Write in the field of the active question', keys: ['e'] },
  'collect.clear': { group: 'collect', scope: 'a form', title: 'Clear', about: 'Take back the answer to the active question', keys: ['Backspace'] },
  'collect.submit': { group: 'collect', scope: 'a form', title: 'Submit', about: 'Submit the form, and go on', keys: ['Enter'] },
  'collect.skip': { group: 'collect', title: 'Skip', about: 'Not now: skip it, and see it again later', keys: ['s'] },
  'collect.discard': { group: 'collect', title: 'Discard', about: 'Nothing can be learned from this one: leave it out for good', keys: ['x'] },
  'collect.flag': { group: 'collect', title: 'Flag', about: 'Mark it for a second look, or take the mark away', keys: ['f'] },
  'collect.remark': { group: 'collect', title: 'Add a comment', about: 'Say why, in a comment', keys: ['n'] },
  'collect.undo': { group: 'collect', title: 'Undo', about: 'Take back what you did last', keys: ['z'] },
  'collect.redo': { group: 'collect', title: 'Redo', about: 'Do again what you took back', keys: ['y'] },
  'collect.guidelines': { group: 'collect', title: 'Guidelines', about: 'How to judge: show it, or put it away', keys: ['g'] },
  'collect.focus': { group: 'collect', title: 'Focus', about: 'Nothing but the item on the screen, or everything again', keys: ['w'] },
  'collect.batch': { group: 'collect', title: 'Several at once', about: 'Several items on one page, or one at a time', keys: ['a'] },
  'collect.leaveAdjudication': { group: 'collect', title: 'Leave', about: 'Leave the settling of conflicts', keys: ['Escape'] },
  'collect.backToReward': { group: 'collect', title: 'Back to the reward model', about: 'Back to the list of the reward model that this was opened from', keys: ['d'] },

  'reward.train': { group: 'reward', title: 'Train reward model', keys: ['t'] },
  'reward.trainImages': { group: 'reward', title: 'Train an image reward model', keys: ['i'] },
  'reward.disputes': { group: 'reward', title: 'What it still disputes', about: 'The judgements that it contradicts', keys: ['d'] },
  'reward.pulls': { group: 'reward', title: 'What pulled hardest', about: 'The judgements that pulled hardest at it', keys: ['h'] },
  'reward.again1': { group: 'reward', title: 'Judge again, row 1', about: 'Judge again row 1 of the list', keys: ['1'] },
  'reward.again2': { group: 'reward', title: 'Judge again, row 2', about: 'Judge again row 2 of the list', keys: ['2'] },
  'reward.again3': { group: 'reward', title: 'Judge again, row 3', about: 'Judge again row 3 of the list', keys: ['3'] },
  'reward.again4': { group: 'reward', title: 'Judge again, row 4', about: 'Judge again row 4 of the list', keys: ['4'] },
  'reward.again5': { group: 'reward', title: 'Judge again, row 5', about: 'Judge again row 5 of the list', keys: ['5'] },
  'reward.again6': { group: 'reward', title: 'Judge again, row 6', about: 'Judge again row 6 of the list', keys: ['6'] },
  'reward.again7': { group: 'reward', title: 'Judge again, row 7', about: 'Judge again row 7 of the list', keys: ['7'] },
  'reward.again8': { group: 'reward', title: 'Judge again, row 8', about: 'Judge again row 8 of the list', keys: ['8'] },
  'reward.again9': { group: 'reward', title: 'Judge again, row 9', about: 'Judge again row 9 of the list', keys: ['9'] },

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
