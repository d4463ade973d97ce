import type { Filling } from './filling.svelte';

/** What keys do in a field of a form: in a long one Enter writes a line, and with Ctrl it submits, as forms do everywhere; Escape leaves the field. */
export const fieldKeys = (filling: Filling) => (event: KeyboardEvent & { currentTarget: HTMLElement }) => {
  if (event.isComposing) return;
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey || event.currentTarget.tagName !== 'TEXTAREA')) {
    event.preventDefault();
    void filling.submit();
  } else if (event.key === 'Escape') event.currentTarget.blur();
};
