import workerUrl from './worker?worker&url';
import { LabClient, type LabPort } from './client';

/*
 * A worker that is loaded by URL takes its policy from the response's headers,
 * so a policy in a <meta> tag does not reach it, and a static host sends none.
 * A worker made from a blob inherits the page's policy: this one is a single
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

/** The first message to the worker: where the page stands, which a blob cannot know. */
export interface WorkerGreeting {
  type: 'greeting';
  /** Base of the page, absolute; models and backend files are fetched relative to it. */
  base: string;
}

/**
 * Start the training worker under the page's own content security policy. The
 * policy `nudge-script-url` lets through nothing but the one blob made here.
 */
export function startLab(): LabClient {
  const module = new URL(workerUrl, document.baseURI);
  if (module.origin !== location.origin) throw new Error(`The worker would come from ${module.origin}, not from this page's origin.`);
  const blob = URL.createObjectURL(new Blob([`import ${JSON.stringify(module.href)};`], { type: 'text/javascript' }));
  const policy: ScriptPolicy = window.trustedTypes?.createPolicy('nudge-script-url', {
    createScriptURL: (url) => {
      if (url !== blob) throw new TypeError('Only the lab’s own worker may be started.');
      return url;
    },
  }) ?? { createScriptURL: (url) => url };
  const worker = new Worker(policy.createScriptURL(blob) as URL, { type: 'module', name: 'nudge-lab' });
  const greeting: WorkerGreeting = { type: 'greeting', base: document.baseURI };
  worker.postMessage(greeting);
  return new LabClient(worker as LabPort);
}
