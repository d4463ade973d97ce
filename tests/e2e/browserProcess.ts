import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { chromium, type Browser, type BrowserContext } from '@playwright/test';
import { launchOptions } from '../../tools/chromium.ts';
import { MainThreadRecorder } from './mainThread';
import type { Site } from './site';

/** A Chromium with a profile on disk, started as a process of our own so that it can be killed as a power cut would. */
export class BrowserProcess {
  private constructor(
    private readonly process: ChildProcess,
    private readonly browser: Browser,
  ) {}

  /** `proxy` hears of every request that the browser makes. Throws where Chromium ends before it can be driven. */
  static async start(profile: string, proxy: Site): Promise<BrowserProcess> {
    const { executablePath, args } = launchOptions('software');
    const flags = [
      '--headless',
      '--remote-debugging-port=0',
      `--user-data-dir=${profile}`,
      `--proxy-server=${new URL(proxy.url).host}`,
      '--proxy-bypass-list=<-loopback>',
      '--window-size=1280,900',
    ];
    // A process group of its own: Chromium's children go with it.
    const child = spawn(executablePath, [...args, ...flags, 'about:blank'], { detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
    return new BrowserProcess(child, await chromium.connectOverCDP(await endpointOf(child)));
  }

  /** The profile's own context, with its storage. */
  get context(): BrowserContext {
    return this.browser.contexts()[0];
  }

  recordMainThread(): Promise<MainThreadRecorder> {
    return MainThreadRecorder.start(this.browser);
  }

  /** SIGKILL to the browser and all its children: nothing is flushed, nothing is said. */
  async kill(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const gone = once(this.process, 'exit');
    process.kill(-this.process.pid!, 'SIGKILL');
    await gone;
  }
}

/** The address that Chromium prints when its DevTools protocol listens. */
async function endpointOf(child: ChildProcess): Promise<string> {
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stderr! })) {
    said.push(line);
    const endpoint = /DevTools listening on (ws:\S+)/.exec(line)?.[1];
    if (!endpoint) continue;
    // An unread pipe would fill up and stop it.
    child.stderr!.resume();
    return endpoint;
  }
  throw new Error(`Chromium ended at its start:\n${said.join('\n')}`);
}
