/** A measurement during pretraining, named as `history.json` has it; the PyTorch twin writes the same. */
export interface HistoryPoint {
  step: number;
  /** Training tokens seen so far. */
  tokens: number;
  /** Running mean of the training loss, nats a token. */
  train_nats: number;
  /** Validation loss, nats a token. */
  valid_nats: number;
  /** Total nats of the validation text ÷ ln 2 ÷ its bytes. */
  valid_bits_per_byte: number;
}

/** `history.json`: what a run was and how it went. */
export interface History {
  settings: Record<string, unknown>;
  /** Trainable numbers of the model. */
  parameters: number;
  history: HistoryPoint[];
}
