import { Realm } from '../realm';
import type { Contender } from '../work';

/** A realm in a page: the address says whose, and `window.bench` drives it. */
declare global {
  interface Window {
    bench: { realm: Realm; adapter: Promise<string> };
  }
}

const realm = new Realm();
const contender = location.hash.slice(1) as Contender;
const asset = async (path: string) => {
  const response = await fetch(`./${path}`);
  if (!response.ok) throw new Error(`${path} is not served: ${response.status}.`);
  return new Uint8Array(await response.arrayBuffer());
};
window.bench = { realm, adapter: realm.start(contender, { asset }) };
