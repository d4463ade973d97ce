/** Something the person should know: what happened, what was kept, what to do. */
export interface PostedNotice {
  id: number;
  kind: 'warning' | 'info';
  title: string;
  text: string;
  action?: { label: string; run: () => void };
}

const INFO_STAYS_MS = 6000;

class Notices {
  #all = $state.raw<PostedNotice[]>([]);
  #next = 1;

  get all(): readonly PostedNotice[] {
    return this.#all;
  }

  /** Stays until dismissed; returns the number that dismisses it. */
  warn(title: string, text: string, action?: PostedNotice['action']): number {
    return this.#post({ kind: 'warning', title, text, action });
  }

  /** Goes by itself, unless it offers something to do. */
  tell(title: string, text = '', action?: PostedNotice['action']): void {
    const id = this.#post({ kind: 'info', title, text, action });
    if (!action) setTimeout(() => this.dismiss(id), INFO_STAYS_MS);
  }

  /** An error of the lab or the store; their messages are written for the person. `title` says what did not work. */
  report(title: string, error: unknown): void {
    const text = error instanceof Error || (typeof error === 'object' && error !== null && 'message' in error) ? String(error.message) : String(error);
    this.warn(title, text);
  }

  dismiss(id: number): void {
    this.#all = this.#all.filter((notice) => notice.id !== id);
  }

  #post(notice: Omit<PostedNotice, 'id'>): number {
    const id = this.#next++;
    // The same sentence twice helps nobody.
    this.#all = [...this.#all.filter(({ title, text }) => title !== notice.title || text !== notice.text), { ...notice, id }];
    return id;
  }
}

export const notices = new Notices();
