import { lab } from './lab.svelte';
import { labelers } from './labelers.svelte';
import { loop } from './loop.svelte';
import { shelf } from './shelf.svelte';

/** Storage and engine start side by side; the page is alive before either is ready. */
export function startUp(): void {
  const device = lab.startDevice();
  loop.listen();
  void lab.openStorage().then((database) => (database ? Promise.all([shelf.open(database), labelers.open(database)]) : undefined));
  void device;
}
