import type { DpoSettings, IlqlSettings } from '../../lab/protocol';

/** How a model can be tuned on judgements without a run. */
export type TuningMethod = (DpoSettings | IlqlSettings)['method'];

/** Each method's short name, and what it does in a sentence or two. */
export const METHODS: Record<TuningMethod, { label: string; about: string }> = {
  dpo: { label: 'DPO', about: 'The preferred text of each pair should gain on the other, without end.' },
  ipo: { label: 'IPO', about: 'The preferred text of each pair should gain on the other by a fixed amount, which overfits less.' },
  kto: { label: 'KTO', about: 'Each text is good or bad for itself, whatever it was paired with.' },
  ilql: { label: 'ILQL', about: 'A critic learns what each token was worth, and guides the model when it writes. The model itself does not change, and ties teach something too.' },
};
