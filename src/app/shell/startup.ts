import { sweepStrayItems } from '../../store/strayItems';
import { lab } from './lab.svelte';
import { loop } from './loop.svelte';
import { shelf } from './shelf.svelte';

/** Storage and engine start side by side; the page is alive before either is ready. */
export function startUp(): void {
  const device = lab.startDevice();
  loop.listen();
  void lab.openStorage().then(async (database) => {
    if (!database) return;
    await shelf.open(database);
    // What it cannot take away now it takes away another time.
    await sweepStrayItems(database).catch(() => undefined);
  });
  void device;
}
