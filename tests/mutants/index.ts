import type { Mutant } from '../../tools/mutants/mutant';
import { ADVANTAGES } from './advantages';
import { FORMATS } from './formats';
import { KL } from './kl';
import { MODEL } from './model';
import { OFFLINE } from './offline';
import { OPTIMISER } from './optimiser';
import { OWN_REWARD } from './ownReward';
import { PREFERENCES } from './preferences';
import { REWARD_MODEL } from './rewardModel';
import { UPDATE } from './update';

/** Every mistake that a test must notice, as the data flow: rollout, rewards, advantages, update, the models under them, learning from preferences and from texts that are there, rewards of a person's own, and what comes in and goes out. */
export const MUTANTS: readonly Mutant[] = [...KL, ...ADVANTAGES, ...UPDATE, ...OPTIMISER, ...MODEL, ...REWARD_MODEL, ...PREFERENCES, ...OFFLINE, ...OWN_REWARD, ...FORMATS];
