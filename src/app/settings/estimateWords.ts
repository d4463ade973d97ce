import type { AdapterDescription, Estimate, SmallerDemand } from '../../lab/protocol';
import { bytes, roughDuration } from '../controls/wording';

/*
 * What a run or a training will ask of the device, as a person is told before
 * it starts: one quiet sentence, and advice where there is reason to worry.
 */

/** From here on a person should know that it is long, and how it could be shorter. */
const LONG_SECONDS = 30 * 60;

/** A share of the machine's memory that graphics can hardly be refused. Nobody tells a page how much is free. */
const SAFE_SHARE = 1 / 4;
/** Bytes of which that share is taken where the browser does not say how much there is. */
const USUAL_MEMORY = 8e9;

export interface Advice {
  /** About how much memory and time, of what. */
  sentence: string;
  /** What may go wrong, and what to change; empty where nothing stands out. */
  worries: string[];
  /** It cannot be started here as it is. */
  refused: boolean;
}

/**
 * @param work what takes the time, in a few words: "60 iterations"
 * @param memory gigabytes that the browser says the machine has, where it says so
 */
export function adviseOn(estimate: Estimate, { name, backend }: AdapterDescription, work: string, memory: number | undefined): Advice {
  const { bytes: held, largest, limit, seconds, timed } = estimate;
  const time = `${timed === 'trial' ? 'very roughly' : 'about'} ${roughDuration(seconds)} for ${work} on ${name}.`;
  // Only graphics memory is counted: elsewhere the browser manages it.
  const sentence = backend === 'webgpu' ? `About ${roughBytes(held)} of graphics memory, and ${time}` : `It takes ${time}`;
  const refused = limit !== null && largest > limit;
  const worries: string[] = [];
  if (refused) {
    const fitting = estimate.smaller.filter((other) => other.largest <= limit);
    worries.push(`It cannot start here: a single piece of its memory would be ${roughBytes(largest)}, and this device allows ${roughBytes(limit)} in one. ${remedy(fitting, ({ largest }) => `brings it to ${roughBytes(largest)}`) ?? SMALLER_MODEL}`);
  }
  const safe = (memory ? memory * 1e9 : USUAL_MEMORY) * SAFE_SHARE;
  if (backend === 'webgpu' && held > safe) {
    const saving = estimate.smaller.filter((other) => other.bytes < 0.75 * held);
    worries.push(`That may be more memory than the graphics device has free; no page can ask it. If it runs out, the work stops and goes back to what was saved last. ${remedy(saving, (other) => `needs about ${roughBytes(other.bytes)}`) ?? SMALLER_MODEL}`);
  }
  if (seconds > LONG_SECONDS) {
    const faster = estimate.smaller.filter((other) => other.seconds < 0.75 * seconds);
    worries.push(`That is long. You can pause at any time, and go on another day. ${remedy(faster, (other) => `takes about ${roughDuration(other.seconds)}`) ?? SMALLER_MODEL}`);
  }
  return { sentence, worries, refused };
}

const SMALLER_MODEL = 'A smaller model needs less of everything.';

/** At most two changes, with what each brings. */
function remedy(smaller: readonly SmallerDemand[], brings: (other: SmallerDemand) => string): string | null {
  const [first, second] = smaller.map((other) => `${changeWords(other.change)} ${brings(other)}`);
  if (!first) return null;
  const sentence = second ? `${first}; ${second}` : first;
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`;
}

function changeWords(change: SmallerDemand['change']): string {
  if ('tune' in change) return 'training an adapter (LoRA) alone';
  if ('microbatchSize' in change) return `with “texts in one pass” at ${change.microbatchSize} it`;
  if ('responseLength' in change) return `with responses of ${change.responseLength} tokens it`;
  return `with ${change.batchSize} texts or pairs at a time it`;
}

/** Two digits: more would be false. */
function roughBytes(n: number): string {
  return bytes(Number(n.toPrecision(2))).replace('.0 ', ' ');
}
