import { createSubscriber } from 'svelte/reactivity';

/** Colours of the theme that a chart may use, each with its fixed meaning. */
export type ColourName = 'base' | 'tuned' | 'human' | 'warning' | 'ink' | 'ink-soft' | 'line' | 'sheet';

/*
 * A canvas cannot follow CSS, so its colours are read from the theme's
 * registered properties, and read again when the scheme changes: by the
 * system, or by the page's own switch on the root element.
 */
const schemeChanges = createSubscriber((update) => {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const page = new MutationObserver(update);
  system.addEventListener('change', update);
  page.observe(document.documentElement, { attributes: true, attributeFilter: ['data-scheme', 'class'] });
  return () => {
    system.removeEventListener('change', update);
    page.disconnect();
  };
});

/** The resolved colour, `rgb(…)`; reactive to a change of scheme. */
export function colour(name: ColourName): string {
  schemeChanges();
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`);
}

/** The same colour, thinned; `opacity` from 0 to 1. */
export function thinned(resolved: string, opacity: number): string {
  const channels = resolved.match(/[\d.]+/g)?.slice(0, 3).join(' ') ?? '128 128 128';
  return `rgb(${channels} / ${opacity})`;
}
