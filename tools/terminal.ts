import type { Progress } from '../src/lab/client';

/** Seconds as a person says them: 48 s, 3 min 20 s, 1 h 05 min. */
export function duration(seconds: number): string {
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, '0')} s`;
  return `${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, '0')} min`;
}

/** Lines that say how far the loop is: one that rewrites itself on a terminal, a few a minute in a log. */
export class ProgressLine {
  private lastShown = 0;
  private open = false;

  constructor(private readonly out: NodeJS.WriteStream = process.stdout) {}

  /** A line that stays. */
  say(line: string): void {
    this.clear();
    this.out.write(`${line}\n`);
  }

  /** A line that the next one replaces. */
  update(what: string, { done, total, secondsLeft, loss }: Progress): void {
    const now = Date.now();
    if (now - this.lastShown < (this.out.isTTY ? 100 : 20_000)) return;
    this.lastShown = now;
    const parts = [`  ${what}: ${done} of ${total}`];
    if (loss !== undefined) parts.push(`loss ${loss.toFixed(3)}`);
    if (secondsLeft !== undefined) parts.push(`${duration(secondsLeft)} left`);
    if (!this.out.isTTY) return void this.out.write(`${parts.join(', ')}\n`);
    this.clear();
    this.out.write(parts.join(', '));
    this.open = true;
  }

  private clear(): void {
    if (this.open) this.out.write('\r\u001b[2K');
    this.open = false;
  }
}
