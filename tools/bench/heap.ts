import type { CDPSession, Page } from 'playwright';

const EVERY_MS = 250;

/** Watches how much the scripts of a page and of its workers hold, in bytes. */
export class HeapRecorder {
  readonly #used = new Map<string, number>();
  #most = 0;
  #before = 0;
  #questions = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  private constructor(private readonly session: CDPSession) {}

  static async start(page: Page): Promise<HeapRecorder> {
    const session = await page.context().newCDPSession(page);
    const recorder = new HeapRecorder(session);
    const workers = new Set<string>();
    session.on('Target.attachedToTarget', ({ sessionId }) => workers.add(sessionId));
    session.on('Target.detachedFromTarget', ({ sessionId }) => {
      workers.delete(sessionId);
      recorder.#used.delete(sessionId);
    });
    session.on('Target.receivedMessageFromTarget', ({ sessionId, message }) => {
      const { result } = JSON.parse(message) as { result?: { usedSize?: number } };
      if (result?.usedSize !== undefined) recorder.#note(sessionId, result.usedSize);
    });
    await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
    const ask = () => {
      void session.send('Runtime.getHeapUsage').then(({ usedSize }) => recorder.#note('page', usedSize), () => undefined);
      const message = JSON.stringify({ id: ++recorder.#questions, method: 'Runtime.getHeapUsage' });
      for (const sessionId of workers) session.send('Target.sendMessageToTarget', { sessionId, message }).catch(() => undefined);
    };
    ask();
    recorder.#timer = setInterval(ask, EVERY_MS);
    // Until those that are there have answered.
    await new Promise((done) => setTimeout(done, EVERY_MS));
    recorder.#before = recorder.#most;
    return recorder;
  }

  #note(of: string, bytes: number): void {
    this.#used.set(of, bytes);
    this.#most = Math.max(this.#most, [...this.#used.values()].reduce((sum, used) => sum + used, 0));
  }

  /** @returns the most that they held at a time, beyond what they held before */
  async stop(): Promise<number> {
    clearInterval(this.#timer);
    await this.session.detach();
    return this.#most - this.#before;
  }
}
