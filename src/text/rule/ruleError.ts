/** A rule that cannot be read. `column` counts characters from 1; the message names it, what is wrong there, and what could stand there. */
export class RuleError extends Error {
  override readonly name = 'RuleError';

  constructor(
    readonly column: number,
    reason: string,
  ) {
    super(`At character ${column}: ${reason}`);
  }
}

/** A rule that has no value for a text, because a step of it came to no finite number. `column` is that step's. */
export class RuleValueError extends Error {
  override readonly name = 'RuleValueError';

  constructor(
    readonly column: number,
    text: string,
  ) {
    super(`The rule has no value for “${text.trim().slice(0, 80)}”: at character ${column} it divides by 0, takes the logarithm or root of a number that has none, or grows too large. Guard that step, as in if(sentences > 0, words / sentences, 0).`);
  }
}
