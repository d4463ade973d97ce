import { COMPARED_ROWS, COMPARED_SIZE } from '../../tests/bench/models';
import type { ProgressLine } from '../terminal';
import { agreement, takeTurns, timesAsLong, type Measured } from './measure';
import { CONTENDER_NAMES, type RealmHost } from './realms';
import type { Spread } from './spread';
import { rowsOf, seconds, table } from './table';

/** The losses of three steps from the same weights; AdamW's first steps magnify whatever rounding there is in a gradient. */
const STEPS_COMPARED = 3;
const TOLERANCE = 1e-3;

export interface TrainStepReport {
  /** Largest difference between the losses that were compared. */
  losses_differ_by: number;
  launches: number;
  vs_tfjs: number;
  vs_jaxjs: number | null;
  contenders: Record<string, { seconds: Spread; launches: number; copies: number; submits: number; read_backs: number; gpu_bytes: number }>;
}

/** (a): forward, backward, clipping at the global norm and AdamW, of one architecture. */
export async function benchTrainStep(architecture: 'gpt' | 'llama', realms: readonly RealmHost[], rounds: number, line: ProgressLine): Promise<TrainStepReport> {
  const turns = realms.map((realm) => ({
    name: CONTENDER_NAMES[realm.contender],
    realm,
    work: { kind: 'train', architecture, size: COMPARED_SIZE, batch: COMPARED_ROWS } as const,
  }));
  const what = architecture === 'gpt' ? 'a GPT (LayerNorm, GELU, learned positions, biases, tied head)' : 'the lab’s own Llama architecture (RMSNorm, rotary positions, SwiGLU)';
  const measured = await takeTurns(`training steps of ${architecture === 'gpt' ? 'the GPT' : 'the Llama'}`, turns, { warmUp: STEPS_COMPARED, rounds }, line);
  const difference = agreement(measured, TOLERANCE);
  const of = (contender: string) => measured.find((_, i) => realms[i].contender === contender);
  const ours = of('ours')!;
  const ratio = (contender: string) => {
    const other = of(contender);
    return other ? timesAsLong(other, ours) : null;
  };

  const { layers, width, heads, vocabulary, context } = COMPARED_SIZE;
  line.say(`\n(a) One training step of ${what}:`);
  line.say(`    ${layers} layers, width ${width}, ${heads} heads, ${vocabulary} tokens, ${COMPARED_ROWS} × ${context}; forward, backward, clipping at norm 1, AdamW.`);
  line.say(`    Losses of ${STEPS_COMPARED} steps from the same weights: ${ours.warmUp.map(({ values }) => values[0].toFixed(4)).join(', ')}; all agree to ${difference.toExponential(0)}.`);
  line.say(table(rowsOf(measured, (one) => (one === ours ? '' : seconds.ratio(timesAsLong(one, ours))))));
  return {
    losses_differ_by: difference,
    launches: countsOf(ours).launches,
    vs_tfjs: ratio('tfjs')!.median,
    vs_jaxjs: ratio('jax')?.median ?? null,
    contenders: Object.fromEntries(measured.map((one, i) => [realms[i].contender, { seconds: one.seconds, ...countsOf(one) }])),
  };
}

function countsOf({ samples }: Measured) {
  const { counts, peakBytes } = samples.at(-1)!;
  return { launches: counts.launches, copies: counts.copies, submits: counts.submits, read_backs: counts.readBacks, gpu_bytes: peakBytes };
}
