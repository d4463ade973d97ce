import { wrap, type Remote } from 'comlink';
import { LabClient, type LabPort } from '../../lab/client';
import type { WorkerGreeting } from '../../lab/worker';
import labUrl from '../../lab/worker?worker&url';
import type { Transfer } from '../../transfer/worker';
import transferUrl from '../../transfer/worker?worker&url';

/*
 * A worker that is loaded by URL takes its policy from the response's headers,
 * so a policy in a <meta> tag does not reach it, and a static host sends none.
 * A worker made from a blob inherits the page's policy: each here is a single
 * line that imports the real module from our own origin. Imports inside the
 * module resolve against the module's own URL, so code splitting still works;
 * only the first URL must be absolute, since a blob has no place of its own.
 * Vite must build workers as ES modules for that (`worker.format: 'es'`).
 */

interface ScriptPolicy {
  createScriptURL(url: string): unknown;
}

declare global {
  interface Window {
    trustedTypes?: { createPolicy(name: string, rules: { createScriptURL(url: string): string }): ScriptPolicy };
  }
}

const blobs = new Set<string>();
let policy: ScriptPolicy | null = null;

/** Lets through nothing but the blobs made here. A page may make it once. */
function scriptPolicy(): ScriptPolicy {
  return (policy ??=
    window.trustedTypes?.createPolicy('nudge-script-url', {
      createScriptURL: (url) => {
        if (!blobs.has(url)) throw new TypeError('Only the lab’s own workers may be started.');
        return url;
      },
    }) ?? { createScriptURL: (url) => url });
}

function startWorker(url: string, name: string): Worker {
  const module = new URL(url, document.baseURI);
  if (module.origin !== location.origin) throw new Error(`The worker would come from ${module.origin}, not from this page's origin.`);
  const blob = URL.createObjectURL(new Blob([`import ${JSON.stringify(module.href)};`], { type: 'text/javascript' }));
  blobs.add(blob);
  return new Worker(scriptPolicy().createScriptURL(blob) as URL, { type: 'module', name });
}

/** Start the training worker. */
export function startLab(): LabClient {
  const worker = startWorker(labUrl, 'nudge-lab');
  const greeting: WorkerGreeting = { type: 'greeting', base: document.baseURI };
  worker.postMessage(greeting);
  return new LabClient(worker as LabPort);
}

/** The worker that carries files in and out. */
export interface TransferWorker {
  transfer: Remote<Transfer>;
  /** Never resolves, and rejects once it can answer no more. */
  failed: Promise<never>;
  /** End it, whatever it is doing; what it was asked fails for this reason. */
  end(reason: string): void;
}

export function startTransfer(): TransferWorker {
  const worker = startWorker(transferUrl, 'nudge-transfer');
  let end: TransferWorker['end'] = () => undefined;
  const failed = new Promise<never>((_resolve, reject) => {
    end = (reason) => {
      // It must not go on with what the person is told has failed.
      worker.terminate();
      reject(new Error(reason));
    };
    worker.addEventListener('error', ({ message }) => end(`Files cannot be read or written now: ${message || 'that part of the lab could not be loaded'}. What was under way is not kept. Try again; should it fail again, reload the page.`));
  });
  failed.catch(() => undefined);
  return { transfer: wrap<Transfer>(worker), failed, end };
}
