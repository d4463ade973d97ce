import type { CommandEntry } from './commandTable';
import type { Room } from './router.svelte';

/** A room as the rail shows it; `icon` is a stroke on a 24-unit square, for the narrow bar. */
export interface RoomSign {
  room: Exclude<Room, 'welcome'>;
  title: string;
  /** What one does there, for a tooltip and the cheat sheet. */
  about: string;
  icon: string;
}

/** The loop, in its order. */
export const LOOP: readonly RoomSign[] = [
  { room: 'collect', title: 'Collect', about: 'Say which text is better', icon: 'M4 5h6.5v14H4zM13.5 5H20v14h-6.5zM6 9h2.5M15.5 9H18M6 12h2.5M15.5 12H18' },
  { room: 'reward', title: 'Reward', about: 'A second model learns your taste', icon: 'M4 19V5m0 14h16M7.5 15.5l4-5 3 2.5L19.5 7' },
  { room: 'optimise', title: 'Optimise', about: 'The first model learns to please it', icon: 'M12 4a8 8 0 1 1-7.4 5M4 4v5h5M10 9l5 3-5 3z' },
  { room: 'compare', title: 'Compare', about: 'What did that change?', icon: 'M12 4v16M12 7 5 9.5M12 7l7-2.5M2.5 14.5 5 9.5l2.5 5a2.7 2.7 0 0 1-5 0ZM16.5 9.5l2.5-5 2.5 5a2.7 2.7 0 0 1-5 0Z' },
];

export const LIBRARY: RoomSign = { room: 'library', title: 'Library', about: 'Models, datasets and runs', icon: 'M5 4v16M9.5 4v16M13 4.8l3.5-.9L20.5 19l-3.5.9z' };

export const SIGNS = [...LOOP, LIBRARY];

/** Where a command can be done, in words: a heading of the cheat sheet. */
export function placeOf({ group, scope }: Pick<CommandEntry, 'group' | 'scope'>): string {
  const place = group === 'everywhere' ? 'Everywhere' : group === 'welcome' ? 'Welcome' : SIGNS.find(({ room }) => room === group)!.title;
  return scope ? `${place}, ${scope}` : place;
}
