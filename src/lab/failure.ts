import type { LabError } from './protocol';

/**
 * An error for the person at the screen: the message says what happened, what
 * was kept and what to do; the name is stable, for code that reacts to it.
 */
export class LabFailure extends Error implements LabError {
  constructor(name: FailureName | (string & {}), message: string) {
    super(message);
    this.name = name;
  }
}

/** Names that the lab itself gives; errors of the floors below keep their own. */
export type FailureName =
  | 'Cancelled'
  | 'Busy'
  | 'NotStarted'
  | 'NotFound'
  | 'BadCommand'
  | 'BadArchive'
  | 'BadReport'
  | 'ModelUnavailable'
  | 'NothingToLearnFrom'
  | 'NotAnImage'
  | 'BrokenImage'
  | 'ImageTooLarge'
  | 'RunEnded'
  | 'NoCheckpoint'
  | 'DeviceLost'
  | 'DeviceError'
  | 'TooLarge'
  | 'OutOfMemory'
  | 'WorkerFailed';

/** The work of a command was given up on request. */
export const cancelled = () => new LabFailure('Cancelled', 'Given up as you asked. What was already saved is kept.');

/** Something was asked of a device that is not there yet. */
export const notStarted = () => new LabFailure('NotStarted', 'The device is not started. Send the command "start" first, or reload the page.');
