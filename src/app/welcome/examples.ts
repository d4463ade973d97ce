/** A pair that a shipped model wrote, so that the page is alive before the weights have arrived. */
export interface Example {
  prompt: string;
  responses: readonly [string, string];
}

/** Which model wrote them, as a sentence names it. */
export const EXAMPLES_BY = 'the small storyteller';

/** Unedited samples at temperature 1, cut at the end of a sentence. */
export const EXAMPLES: readonly [Example, ...Example[]] = [
  {
    prompt: 'A small fox found a red kite in the grass.',
    responses: [
      'In the light, it was a little rare dog that was small and strong. Everyone loved to help.',
      'He was so excited. He wanted to build it. He thought it was eating it. The sun on the factory’s ship into the building.',
    ],
  },
  {
    prompt: 'Two mice lived under the big bed. They',
    responses: [
      'liked to watch swimming in the leaves. One day, they saw a big, fine dog. The dog did not want to life!',
      'liked to play together in the town. One day, Tom was playing outside with his house when he saw the bed. He picked up the bed and decided to find it.',
    ],
  },
  {
    prompt: 'There was a little duck who did not like water.',
    responses: [
      'The duck wanted to hurry for him. The duck had to take off from his duck to borrow. He was sad.',
      'He was still original. He wanted to wait. He climbed the tree, but he had to take a sharp stick to him.',
    ],
  },
];
