import type { Browser, CDPSession } from '@playwright/test';

/** The part of a trace event that is read here; times in microseconds. */
interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  ts: number;
  dur?: number;
  /** Time on the processor; absent of a task that had begun before the record did. */
  tdur?: number;
  args?: { name?: string };
}

/** A command of the test, carried out by the page's main thread. */
const OWN_DOING = 'DevToolsSession::DispatchProtocolCommandImpl';

/** The longest task of the pages' main threads, in milliseconds. */
export interface LongestTask {
  /** By the processor's clock: what the page itself is to blame for. */
  processor: number;
  /** By the wall clock, with all the time that other processes took away from it. */
  wall: number;
}

/**
 * Records the tasks of the pages' main threads. The browser's own `longtask`
 * entries know the wall clock only, and on two cores that are busy with a
 * software GPU a task of one millisecond may take a hundred; a trace has both.
 * What the test itself runs in the page, to find a button or to read a text, is left out.
 */
export class MainThreadRecorder {
  private readonly events: TraceEvent[] = [];

  private constructor(private readonly session: CDPSession) {
    // A long record holds far more than what is read of it.
    session.on('Tracing.dataCollected', ({ value }) => this.events.push(...(value as unknown as TraceEvent[]).filter(({ name }) => name === 'RunTask' || name === 'thread_name' || name === OWN_DOING)));
  }

  static async start(browser: Browser): Promise<MainThreadRecorder> {
    const recorder = new MainThreadRecorder(await browser.newBrowserCDPSession());
    await recorder.session.send('Tracing.start', {
      traceConfig: { includedCategories: ['disabled-by-default-devtools.timeline', 'devtools'] },
      transferMode: 'ReportEvents',
    });
    return recorder;
  }

  /** Ends the record. Throws where it holds no task at all: then nothing was measured. */
  async stop(): Promise<LongestTask> {
    const complete = new Promise((done) => this.session.once('Tracing.tracingComplete', done));
    await this.session.send('Tracing.end');
    await complete;
    await this.session.detach();
    const thread = ({ pid, tid }: TraceEvent) => `${pid}:${tid}`;
    const mainThreads = new Set(this.events.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain').map(thread));
    const ownDoings = this.events.filter(({ name }) => name === OWN_DOING);
    const isOwn = (task: TraceEvent) => ownDoings.some((own) => thread(own) === thread(task) && own.ts >= task.ts && own.ts <= task.ts + task.dur!);
    const tasks = this.events.filter((event) => event.name === 'RunTask' && event.tdur !== undefined && mainThreads.has(thread(event)) && !isOwn(event));
    if (tasks.length === 0) throw new Error('The trace holds no task of a page.');
    const longest = (times: (number | undefined)[]) => times.reduce<number>((most, time) => Math.max(most, time ?? 0), 0) / 1000;
    return { processor: longest(tasks.map(({ tdur }) => tdur)), wall: longest(tasks.map(({ dur }) => dur)) };
  }
}
