import { Lab } from './lab';
import type { CommandMessage } from './protocol';

/*
 * The training worker: a thin shell that gives the lab its files and carries
 * messages.
 */

/** The first message to the worker: where the page stands, which a worker made from a blob cannot know. */
export interface WorkerGreeting {
  type: 'greeting';
  /** Base of the page, absolute; models and backend files are fetched relative to it. */
  base: string;
}

let lab: Lab | null = null;

self.onmessage = ({ data }: MessageEvent<WorkerGreeting | CommandMessage>) => {
  if (data.type === 'greeting') lab = openLab(data.base);
  else void lab?.handle(data);
};

function openLab(base: string): Lab {
  const address = (path: string) => new URL(path, base).href;
  const assets = async (path: string) => {
    const response = await fetch(address(path));
    if (!response.ok) throw new Error(`the server answered ${response.status} for ${path}`);
    return new Uint8Array(await response.arrayBuffer());
  };
  return new Lab({ assets, wasmFolder: address('assets/wasm/') }, (event) => self.postMessage(event));
}
