const KEY = 'nudge.scheme';
const ORDER = ['system', 'light', 'dark'] as const;
export type Scheme = (typeof ORDER)[number];

/** Light, dark, or as the system says. */
class ColourScheme {
  #scheme = $state<Scheme>(ORDER.find((scheme) => scheme === localStorage.getItem(KEY)) ?? 'system');

  constructor() {
    this.#apply();
  }

  get scheme(): Scheme {
    return this.#scheme;
  }

  choose(scheme: Scheme): void {
    this.#scheme = scheme;
    localStorage.setItem(KEY, scheme);
    this.#apply();
  }

  #apply(): void {
    if (this.#scheme === 'system') delete document.documentElement.dataset.scheme;
    else document.documentElement.dataset.scheme = this.#scheme;
  }
}

export const colourScheme = new ColourScheme();
