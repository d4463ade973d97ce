import { browserFamily } from '../shell/browser';

/** What can honestly be promised here: the policy of the page is all there is, and it does not bind a browser's every door. */
export function promise(userAgent: string): string {
  const base =
    'The page carries a strict policy (a content security policy) that tells the browser to refuse every request to another address: from the page, and from the engine in its worker. There is no server of ours, no analytics, no account.';
  const doors: Record<ReturnType<typeof browserFamily>, string> = {
    chromium: ' The policy does not cover a link that you click, nor WebRTC; the lab uses neither, and its source is open to be read. Extensions that you installed can read any page.',
    firefox: ' The policy does not cover a link that you click, nor WebRTC, and Firefox has no further lock for them; the lab uses neither, and its source is open to be read. Add-ons can read any page.',
    safari: ' The policy does not cover a link that you click, nor WebRTC, and Safari has no further lock for them; the lab uses neither, and its source is open to be read. Extensions can read any page.',
    other: ' How well this browser follows the policy, the test below shows; it cannot test a link that you click, nor WebRTC, which the lab does not use.',
  };
  return base + doors[browserFamily(userAgent)];
}

export interface ProbeResult {
  name: string;
  blocked: boolean;
}

// No such place can exist (RFC 2606), so nothing is reached even where the policy fails.
const ELSEWHERE = 'https://nudge-self-test.invalid/';
// A refusal by the policy is immediate; a request that is merely slow is one that got out.
const PATIENCE_MS = 1500;

/** Ways out of a page, each tried with nothing in it. Resolves to whether the policy stopped it. */
export const PROBES: readonly { name: string; attempt: () => Promise<boolean> }[] = [
  { name: 'A request (fetch)', attempt: () => stopped('connect-src', () => void fetch(ELSEWHERE, { mode: 'no-cors' }).catch(() => undefined)) },
  { name: 'A beacon', attempt: () => stopped('connect-src', () => void navigator.sendBeacon(ELSEWHERE)) },
  { name: 'A web socket', attempt: () => stopped('connect-src', () => new WebSocket('wss://nudge-self-test.invalid/').close()) },
  { name: 'A picture', attempt: () => stopped('img-src', () => (new Image().src = ELSEWHERE)) },
];

let probing: Promise<unknown> = Promise.resolve();

/** Only a report of the policy counts as proof; a failure alone may be a missing network. One at a time, so that no report is taken for another's. */
function stopped(directive: string, attempt: () => void): Promise<boolean> {
  const result = probing.then(
    () =>
      new Promise<boolean>((resolve) => {
        const done = (answer: boolean) => {
          document.removeEventListener('securitypolicyviolation', reported);
          clearTimeout(patience);
          resolve(answer);
        };
        const reported = ({ effectiveDirective }: SecurityPolicyViolationEvent) => {
          if (effectiveDirective === directive) done(true);
        };
        const patience = setTimeout(() => done(false), PATIENCE_MS);
        document.addEventListener('securitypolicyviolation', reported);
        try {
          attempt();
        } catch {
          // Some browsers throw besides reporting.
        }
      }),
  );
  probing = result;
  return result;
}
