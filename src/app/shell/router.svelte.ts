/** The rooms of the lab, in the order of the loop; the welcome is its door, the library its shelf. */
export const ROOMS = ['welcome', 'collect', 'reward', 'optimise', 'compare', 'library'] as const;
export type Room = (typeof ROOMS)[number];

/** Where one is, as the address says it: `#/collect`, `#/collect/ID`. */
class Router {
  #room = $state<Room>('welcome');
  #detail = $state<string | null>(null);

  constructor() {
    this.#read();
    window.addEventListener('hashchange', () => this.#read());
  }

  get room(): Room {
    return this.#room;
  }

  /** What of the room is meant: the id of a comparison, a model, a run. */
  get detail(): string | null {
    return this.#detail;
  }

  /** The address carries a room; without one the shell decides where a person comes in. */
  get asked(): boolean {
    return /^#\/\w/.test(location.hash);
  }

  go(room: Room, detail?: string): void {
    location.hash = address(room, detail);
  }

  #read(): void {
    const [room, detail] = location.hash.replace(/^#\//, '').split('/');
    this.#room = ROOMS.find((name) => name === room) ?? 'welcome';
    this.#detail = detail ? decodeURIComponent(detail) : null;
  }
}

export function address(room: Room, detail?: string): string {
  return `#/${room}${detail ? `/${encodeURIComponent(detail)}` : ''}`;
}

export const router = new Router();
