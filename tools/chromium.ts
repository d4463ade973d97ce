import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright';

/*
 * The Chromium that tests and `npm run loop` drive, and the flags that give it
 * WebGPU.
 */

const SYSTEM_NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const HOW_TO_INSTALL = `No Chromium was found. Any of these is enough:
  npx playwright install chromium      Playwright's own build
  sudo apt-get install chromium        Debian, Ubuntu
  CHROMIUM_PATH=/path/to/chrome        one that is already on this machine`;

/**
 * Path of an executable Chromium: the environment variable CHROMIUM_PATH, then
 * Playwright's own download, then `chromium` or `google-chrome` on the PATH.
 * Throws an error that says how to install one.
 */
export function findChromium(): string {
  const named = process.env.CHROMIUM_PATH;
  if (named) {
    if (isExecutable(named)) return named;
    throw new Error(`CHROMIUM_PATH is set to ${named}, which is not an executable file.`);
  }
  const found = [chromium.executablePath(), ...systemPaths()].find(isExecutable);
  if (!found) throw new Error(HOW_TO_INSTALL);
  return found;
}

function systemPaths(): string[] {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return SYSTEM_NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** 'software': SwiftShader, the same on every machine; 'hardware': the GPU of this machine; 'none': a browser without WebGPU. */
export type Gpu = 'software' | 'hardware' | 'none';

const GPU_FLAGS: Record<Gpu, string[]> = {
  software: ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'],
  hardware: ['--enable-unsafe-webgpu', '--enable-features=Vulkan'],
  // navigator.gpu is there, but has no adapter to give: so it is on many a Linux laptop.
  none: ['--disable-gpu', '--disable-software-rasterizer'],
};

/** Chromium's own calls home, which would be noise in a test that counts requests and a delay on a closed network. */
const QUIET = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-quic', '--no-first-run'];

/** Options for Playwright's `chromium.launch` and `launchPersistentContext`. Throws where `findChromium` does. */
export function launchOptions(gpu: Gpu = 'software'): { executablePath: string; headless: true; args: string[] } {
  // Chromium refuses its sandbox to root, as in most containers.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return { executablePath: findChromium(), headless: true, args: [...GPU_FLAGS[gpu], ...QUIET, ...sandbox] };
}
