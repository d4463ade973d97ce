/** Rules to start from, each with what it likes. */
export const EXAMPLE_RULES = [
  { title: 'Long words', rule: 'wordlength' },
  { title: 'Talk and questions', rule: 'min(count("said"), 2) + min(questions, 2)' },
  { title: 'A dog, and nothing said twice', rule: 'if(has("dog"), 1, 0) - 5 * repeats' },
] as const;
