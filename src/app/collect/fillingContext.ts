import { getContext, setContext } from 'svelte';
import type { Filling } from './filling.svelte';

const KEY = Symbol('filling');

/** Whose form the components below fill in: the queue's, or that of a preview. */
export const provideFilling = (filling: Filling): Filling => setContext(KEY, filling);

export const useFilling = (): Filling => getContext(KEY);
