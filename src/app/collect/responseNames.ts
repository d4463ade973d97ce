/** What the responses are called, by where they stand on the screen. */
const NAMES = ['First', 'Second', 'Third', 'Fourth', 'Fifth', 'Sixth'] as const;

/** Of a single one there is nothing to tell it from. */
export const responseName = (place: number, of: number): string => (of === 1 ? 'The text' : NAMES[place]);
