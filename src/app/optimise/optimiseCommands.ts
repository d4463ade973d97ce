import type { Command } from '../shell/commands.svelte';
import { shelf } from '../shell/shelf.svelte';
import { newRun } from './newRun.svelte';
import { playing } from './playing.svelte';
import { runView } from './runView.svelte';
import { tokenInspector } from './tokenInspector.svelte';

const group = 'optimise';

/** What can be done with the run that is looked at, and how there comes to be another. */
export const OPTIMISE_COMMANDS = {
  play: {
    id: 'optimise.play',
    title: 'Play',
    about: 'Play or pause the run',
    keys: ['p'],
    group,
    run: () => void (playing.here ? playing.pause() : playing.play()),
    enabled: () => (playing.here ? !playing.pausing : playing.canGo),
  },
  step: { id: 'optimise.step', title: 'Step', about: 'One iteration', keys: ['s'], group, run: () => void playing.step(), enabled: () => playing.canGo },
  slow: { id: 'optimise.slow', title: 'Slow motion', about: 'Rest before each phase of an iteration, or not', keys: ['w'], group, run: () => void playing.switchSlow(), enabled: () => !playing.pausing },
  back: {
    id: 'optimise.back',
    title: 'Back to the last good checkpoint',
    keys: ['b'],
    group,
    run: () => void playing.back(),
    enabled: () => playing.canGoBack,
  },
  inspect: { id: 'optimise.inspect', title: 'Token by token', about: 'The figures of every token of the first text that is shown', keys: ['i'], group, run: () => tokenInspector.open(), enabled: () => tokenInspector.ready },
  create: { id: 'optimise.new', title: 'New run', keys: ['n'], group, run: () => newRun.open(), enabled: () => shelf.loaded },
  like: {
    id: 'optimise.like',
    title: 'New run with these settings',
    about: 'A new run, filled in like the one that is looked at, to be changed',
    keys: [],
    group,
    run: () => runView.run && newRun.openLike(runView.run),
    enabled: () => runView.run !== null,
  },
  again: {
    id: 'optimise.again',
    title: 'Start again from this record',
    about: 'The same run once more, from its beginning: settings, seed, models, openings and device programs are those of its record',
    keys: [],
    group,
    run: () => void playing.again(),
    enabled: () => playing.canStartAgain,
  },
  stop: { id: 'optimise.stop', title: 'End the run', about: 'End the run for good; it can still be compared', keys: [], group, run: () => void playing.stop(), enabled: () => canStop() },
} as const satisfies Record<string, Command>;

function canStop(): boolean {
  const status = runView.run?.status;
  return playing.here || status === 'paused' || status === 'running';
}
