/** The browser's family, as far as advice differs; from the user agent, which is only ever used to word a sentence. */
export type BrowserFamily = 'chromium' | 'firefox' | 'safari' | 'other';

export function browserFamily(userAgent: string): BrowserFamily {
  if (/Firefox\//.test(userAgent)) return 'firefox';
  if (/Chrom(e|ium)\//.test(userAgent)) return 'chromium';
  if (/Safari\//.test(userAgent)) return 'safari';
  return 'other';
}

/** What to do in this browser to get WebGPU. */
export function webgpuAdvice(userAgent: string): string {
  switch (browserFamily(userAgent)) {
    case 'chromium':
      return /Linux/.test(userAgent) && !/Android/.test(userAgent)
        ? 'In Chrome or Edge on Linux: update it, switch on “graphics acceleration” under Settings → System, and if that is not enough enable “Unsafe WebGPU Support” and “Vulkan” at chrome://flags. Then restart the browser.'
        : 'In Chrome or Edge: update it, and switch on “graphics acceleration” under Settings → System. Then restart the browser.';
    case 'firefox':
      return 'In Firefox: update it (Windows has WebGPU from version 141, Macs from 145). Elsewhere, open about:config and set dom.webgpu.enabled to true, or use Chrome or Edge.';
    case 'safari':
      return 'In Safari: WebGPU comes with version 26 (macOS 26, iOS 26). On an older system, Chrome or Edge has it.';
    case 'other':
      return 'A current Chrome, Edge, Safari 26 or Firefox on Windows has it.';
  }
}

/** Gigabytes of memory that the browser says the machine has, coarsely and up to a bound; undefined where it does not say. */
export function statedMemory(): number | undefined {
  return (navigator as Navigator & { deviceMemory?: number }).deviceMemory;
}
