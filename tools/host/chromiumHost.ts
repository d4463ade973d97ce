import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright';
import { build, preview, type PreviewServer } from 'vite';
import type { EventOf, Progress } from '../../src/lab/client';
import type { CommandName, Commands, Event, Result } from '../../src/lab/protocol';
import { launchOptions } from '../chromium';
import { portOf } from '../server';
import type { LabHost } from './labHost';

/*
 * A lab in a browser: the built page, its worker and its database, as
 * a visitor has them, driven through `window.nudge`. The page is built once
 * into the results' folder, so what is resumed runs the code that it began with,
 * and the profile beside it keeps the database.
 */

// The database belongs to an origin, so the origin must be the same after a restart, whatever port is free.
const ORIGIN = 'http://nudge.localhost';

type Message = { key: number; progress: Progress } | { event: Event };

/** What the page calls to reach this process. */
interface DrivenWindow extends Window {
  hostMessage(message: Message): Promise<void>;
}

class ChromiumHost implements LabHost {
  private readonly listeners: { type: Event['type']; listener: (event: never) => void }[] = [];
  private readonly progress = new Map<number, (progress: Progress) => void>();
  private nextKey = 1;
  private died: (error: Error) => void = () => undefined;
  private readonly death = new Promise<never>((_, reject) => (this.died = reject));

  constructor(
    readonly name: string,
    private readonly context: BrowserContext,
    private readonly page: Page,
    private readonly server: PreviewServer,
  ) {
    this.death.catch(() => undefined);
    page.on('crash', () => this.died(new Error('The page crashed. What was saved is kept: run the same command again.')));
    context.on('close', () => this.died(new Error('The browser closed. What was saved is kept: run the same command again.')));
  }

  receive(message: Message): void {
    if ('key' in message) return this.progress.get(message.key)?.(message.progress);
    for (const { type, listener } of this.listeners) if (type === message.event.type) listener(message.event as never);
  }

  async send<N extends CommandName>(type: N, args: Commands[N]['args'], onProgress?: (progress: Progress) => void): Promise<Result<N>> {
    const key = this.nextKey++;
    if (onProgress) this.progress.set(key, onProgress);
    // Bytes travel as base64: Playwright's own way spells every one of them out as JSON.
    // No function in the page's part has a name: the names that tsx keeps need a helper that a page lacks.
    const call = this.page.evaluate(
      async ({ key, type, args }) => {
        const given = JSON.parse(args, (_, value) =>
          typeof value === 'string' && value.startsWith('data:bytes,') ? Uint8Array.from(atob(value.slice(11)), (char) => char.charCodeAt(0)) : value,
        );
        const result = await window.nudge.send(type, given, (progress) => void (window as unknown as DrivenWindow).hostMessage({ key, progress }));
        return JSON.stringify(result, (_, value) => {
          if (!(value instanceof Uint8Array)) return value;
          const parts = [];
          for (let i = 0; i < value.length; i += 0x8000) parts.push(String.fromCharCode(...value.subarray(i, i + 0x8000)));
          return `data:bytes,${btoa(parts.join(''))}`;
        });
      },
      { key, type, args: JSON.stringify(args, (_, value) => (value instanceof Uint8Array ? `data:bytes,${Buffer.from(value).toString('base64')}` : value)) },
    );
    try {
      const text = await Promise.race([call, this.death]);
      return JSON.parse(text, (_, value) =>
        typeof value === 'string' && value.startsWith('data:bytes,') ? new Uint8Array(Buffer.from(value.slice(11), 'base64')) : value,
      );
    } catch (error) {
      throw new Error((error as Error).message.replace(/^page\.evaluate: /, '').replace(/\n\s+at [\s\S]*$/, ''), { cause: error });
    } finally {
      this.progress.delete(key);
    }
  }

  on<T extends Event['type']>(type: T, listener: (event: EventOf<T>) => void): void {
    this.listeners.push({ type, listener: listener as (event: never) => void });
  }

  async close(): Promise<void> {
    await this.context.close();
    await this.server.close();
  }
}

/** What Chromium computes with. */
export type Gpu = 'software' | 'hardware';

/**
 * Build the page where needed, serve it, open it in a headless Chromium with a profile of its own.
 * @param known what an earlier start computed with; `choose` hears of it otherwise
 */
export async function openChromiumHost(out: string, known: Gpu | undefined, choose: (gpu: Gpu) => void): Promise<LabHost> {
  const outDir = join(out, 'page');
  if (!existsSync(join(outDir, 'index.html'))) await build({ logLevel: 'warn', build: { outDir, emptyOutDir: true } });
  const server = await preview({ logLevel: 'warn', build: { outDir }, preview: { port: 0, host: '127.0.0.1', open: false } });
  try {
    // A machine's own GPU where Chromium finds one; the software adapter, which every machine has, where it doesn't.
    for (const gpu of known ? [known] : (['hardware', 'software'] as const)) {
      const { context, page } = await openPage(out, gpu, portOf(server));
      const usable = await page.evaluate(async () => Boolean(await navigator.gpu?.requestAdapter()));
      if (!usable && gpu === 'hardware' && !known) {
        await context.close();
        continue;
      }
      const host = new ChromiumHost(`Chromium ${context.browser()?.version() ?? ''}`.trim(), context, page, server);
      await page.exposeFunction('hostMessage', (message: Message) => host.receive(message));
      await page.evaluate(() => {
        const { hostMessage } = window as unknown as DrivenWindow;
        for (const type of ['iteration', 'run', 'deviceLost'] as const) window.nudge.on(type, (event) => void hostMessage({ event }));
      });
      if (!known) choose(gpu);
      return host;
    }
    throw new Error('Chromium offers no WebGPU adapter here, not even the software one.');
  } catch (error) {
    await server.close();
    throw error;
  }
}

async function openPage(out: string, gpu: Gpu, port: number): Promise<{ context: BrowserContext; page: Page }> {
  const { args, ...options } = launchOptions(gpu);
  const context = await chromium.launchPersistentContext(join(out, 'profile'), {
    ...options,
    args: [...args, `--host-resolver-rules=MAP nudge.localhost:80 127.0.0.1:${port}`],
    viewport: { width: 1280, height: 800 },
  });
  const page = context.pages()[0] ?? (await context.newPage());
  await page.goto(ORIGIN);
  await page.waitForFunction(() => Boolean(window.nudge));
  return { context, page };
}
