import { command } from '../shell/commands.svelte';
import { shelf } from '../shell/shelf.svelte';
import { newRun } from './newRun.svelte';
import { playing } from './playing.svelte';
import { runView } from './runView.svelte';
import { tokenInspector } from './tokenInspector.svelte';

/** What can be done with the run that is looked at, and how there comes to be another. */
export const OPTIMISE_COMMANDS = {
  play: command('optimise.play', () => void (playing.here ? playing.pause() : playing.play()), () => (playing.here ? !playing.pausing : playing.canGo)),
  step: command('optimise.step', () => void playing.step(), () => playing.canGo),
  slow: command('optimise.slow', () => void playing.switchSlow(), () => !playing.pausing),
  back: command('optimise.back', () => void playing.back(), () => playing.canGoBack),
  inspect: command('optimise.inspect', () => tokenInspector.open(), () => tokenInspector.ready),
  create: command('optimise.new', () => newRun.open(), () => shelf.loaded),
  like: command('optimise.like', () => runView.run && newRun.openLike(runView.run), () => runView.run !== null),
  again: command('optimise.again', () => void playing.again(), () => playing.canStartAgain),
  stop: command('optimise.stop', () => void playing.stop(), () => canStop()),
};

function canStop(): boolean {
  const status = runView.run?.status;
  return playing.here || status === 'paused' || status === 'running';
}
