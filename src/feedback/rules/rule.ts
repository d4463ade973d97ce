/** A written rule that a simulated labeler judges by. */
export interface Rule {
  /** Name in commands, files and settings. */
  id: string;
  title: string;
  /** What the rule likes, for the person. */
  sentence: string;
  /**
   * The gold score of a response (without its prompt): higher is liked more.
   * The scale is the rule's own; a temperature is in the same units.
   */
  gold(response: string): number;
}
