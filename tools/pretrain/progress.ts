/** How often a line is written where the output is a file, in milliseconds. */
const QUIET_INTERVAL = 30_000;

/** One line on the terminal that is written over: step, loss, speed, time left. */
export class Progress {
  private readonly began = performance.now();
  private shown = -Infinity;

  constructor(
    private readonly steps: number,
    private readonly first: number,
    private readonly tokensPerStep: number,
  ) {}

  show(step: number, loss: number): void {
    const now = performance.now();
    const terminal = process.stdout.isTTY;
    if (!terminal && now - this.shown < QUIET_INTERVAL && step < this.steps) return;
    this.shown = now;
    const perStep = (now - this.began) / 1000 / Math.max(1, step - this.first);
    const line = `step ${step}/${this.steps}  loss ${loss.toFixed(4)}  ${Math.round(this.tokensPerStep / perStep)} tokens/s  ${duration(perStep * (this.steps - step))} left`;
    process.stdout.write(terminal ? `\r\x1b[2K${line}` : `${line}\n`);
  }

  /** A line that stays. */
  note(text: string): void {
    process.stdout.write(process.stdout.isTTY ? `\r\x1b[2K${text}\n` : `${text}\n`);
  }
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
