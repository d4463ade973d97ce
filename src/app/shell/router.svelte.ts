/** The rooms of the lab, in the order of the loop; the welcome is its door, the library its shelf. */
export const ROOMS = ['welcome', 'collect', 'reward', 'optimise', 'compare', 'library'] as const;
export type Room = (typeof ROOMS)[number];

/** Where one is, as the address says it: `#/collect`, `#/collect/ID`, and with what one came from `#/collect/ID/disputes`. */
class Router {
  #room = $state<Room>('welcome');
  #detail = $state<string | null>(null);
  #from = $state<string | null>(null);

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

  /** What one came from, where there is a way back to it. */
  get from(): string | null {
    return this.#from;
  }

  /** The address carries a room; without one the shell decides where a person comes in. */
  get asked(): boolean {
    return /^#\/\w/.test(location.hash);
  }

  go(room: Room, detail?: string, from?: string): void {
    location.hash = address(room, detail) + (from ? `/${encodeURIComponent(from)}` : '');
  }

  #read(): void {
    const [room, detail, from] = location.hash.replace(/^#\//, '').split('/');
    this.#room = ROOMS.find((name) => name === room) ?? 'welcome';
    this.#detail = detail ? decodeURIComponent(detail) : null;
    this.#from = from ? decodeURIComponent(from) : null;
  }
}

export function address(room: Room, detail?: string): string {
  return `#/${room}${detail ? `/${encodeURIComponent(detail)}` : ''}`;
}

export const router = new Router();
