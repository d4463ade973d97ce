import { sweepMedia } from '../../store/media';
import { sweepStrayItems } from '../../store/strayItems';
import { lab } from './lab.svelte';
import { labelers } from './labelers.svelte';
import { loop } from './loop.svelte';
import { shelf } from './shelf.svelte';

/** Storage and engine start side by side; the page is alive before either is ready. */
export function startUp(): void {
  const device = lab.startDevice();
  loop.listen();
  void lab.openStorage().then(async (database) => {
    if (!database) return;
    await Promise.all([shelf.open(database), labelers.open(database)]);
    // What it cannot take away now it takes away another time.
    await sweepStrayItems(database).then(() => sweepMedia(database)).catch(() => undefined);
  });
  void device;
}
