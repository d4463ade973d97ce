import { cpSync, createReadStream, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));

const MEDIA_TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** What Chromium asks for by itself, whatever page is open. A test that counts on `foreign` counts a page's own request events too. */
const ERRANDS_OF_CHROMIUM = /\b(google|googleapis)\.com\b/;

/**
 * The built page on a plain static host: no special header, as on any such
 * host. It also works as the HTTP proxy of a browser, and then hears of every
 * request that the browser makes anywhere.
 */
export class Site {
  /** A copy of the built page; files may be placed in it. */
  readonly folder = mkdtempSync(join(tmpdir(), 'nudge-site-'));
  /** Requests to this origin, as paths, in order. */
  readonly served: string[] = [];
  /** Requests to anywhere else that a browser sent here as to its proxy; none of them is answered. */
  readonly foreign: string[] = [];
  /** Paths below the page's base that are answered with 404, or with only half of their bytes. */
  readonly missing = new Set<string>();
  readonly halved = new Set<string>();
  private readonly server: Server;

  private constructor() {
    if (!existsSync(join(DIST, 'index.html'))) throw new Error('There is no built page in dist: run `npm run build` first.');
    cpSync(DIST, this.folder, { recursive: true });
    this.server = createServer((request, response) => this.answer(request, response));
    // Where an https or WebSocket connection begins.
    this.server.on('connect', (request, socket) => {
      this.note(`CONNECT ${request.url}`);
      socket.destroy();
    });
  }

  /** Serves a copy of `dist` on a free port. Throws where nothing was built. */
  static async open(): Promise<Site> {
    const site = new Site();
    await new Promise<void>((done) => site.server.listen(0, 'localhost', done));
    return site;
  }

  /** The page's address, with a slash at its end. */
  get url(): string {
    return `http://localhost:${(this.server.address() as AddressInfo).port}/`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** For a browser's launch options: this site is its proxy, even for addresses of this machine. */
  get asProxy(): { proxy: { server: string; bypass: string } } {
    return { proxy: { server: this.url, bypass: '<-loopback>' } };
  }

  private note(request: string): void {
    if (!ERRANDS_OF_CHROMIUM.test(request)) this.foreign.push(request);
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url!, this.url);
    if (url.origin !== new URL(this.url).origin) {
      this.note(`${request.method} ${url.href}`);
      response.writeHead(502).end();
      return;
    }
    const path = normalize(decodeURIComponent(url.pathname)).replace(/^\/+/, '') || 'index.html';
    this.served.push(path);
    const file = join(this.folder, path);
    if (this.missing.has(path) || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'Content-Type': MEDIA_TYPES[extname(file)] ?? 'application/octet-stream', 'Cache-Control': 'no-store' });
    createReadStream(file, this.halved.has(path) ? { end: statSync(file).size >> 1 } : {}).pipe(response);
  }
}
