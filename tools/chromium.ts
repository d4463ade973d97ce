import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright';

/** Environment variables that may name the browser, in the order in which they are asked. */
const VARIABLES = ['NUDGE_CHROMIUM', 'CHROME_PATH', 'CHROME_BIN'];
const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const MAC_APPLICATION = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/**
 * Path of a Chromium: the one an environment variable names, else Playwright's
 * own, else the system's. Throws with what to do where there is none.
 */
export function findChromium(): string {
  for (const variable of VARIABLES) {
    const path = process.env[variable];
    if (!path) continue;
    if (!existsSync(path)) throw new Error(`${variable} names ${path}, which does not exist.`);
    return path;
  }
  const own = chromium.executablePath();
  if (own && existsSync(own)) return own;
  for (const folder of (process.env.PATH ?? '').split(delimiter))
    for (const command of COMMANDS) if (folder && existsSync(join(folder, command))) return join(folder, command);
  if (existsSync(MAC_APPLICATION)) return MAC_APPLICATION;
  throw new Error(
    `No Chromium was found. Install one with "npx playwright install chromium" or your system's packages, or name one in ${VARIABLES[0]}.`,
  );
}

/**
 * Launch options shared by the loop and the tests. WebGPU comes from a real
 * adapter where NUDGE_GPU=hardware asks for it, else from the software one,
 * which every machine has. The browser talks to nobody on its own.
 */
export function chromiumOptions(): { executablePath: string; headless: true; args: string[] } {
  const software = process.env.NUDGE_GPU !== 'hardware';
  return {
    executablePath: findChromium(),
    headless: true,
    args: [
      '--enable-unsafe-webgpu',
      ...(software ? ['--use-webgpu-adapter=swiftshader'] : ['--ignore-gpu-blocklist', '--enable-features=Vulkan', '--use-angle=vulkan']),
      // Chromium's sandbox refuses to run for the superuser, as in most containers.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-quic',
      '--no-first-run',
    ],
  };
}
