import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { promptsOfIteration, runPrompts } from '../../../src/lab/runPrompts';

const letters = (n: number) => Array.from({ length: n }, (_, i) => `prompt ${i}`);

describe('the prompts of a run', () => {
  it('are split so that what is held out is never trained on, repeats included', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...letters(12)), { maxLength: 40 }), (prompts) => {
        const { training, heldOut } = runPrompts({ prompts });
        expect(heldOut.filter((prompt) => training.includes(prompt))).toEqual([]);
        expect(training.length).toBeGreaterThan(0);
        expect(heldOut.length).toBeGreaterThan(0);
        expect(new Set(heldOut).size).toBe(heldOut.length);
      }),
      { seed: 1 },
    );
    // Eight prompts of which six differ are too few to split.
    const repeated = ['a', 'b', 'c', 'a', 'd', 'e', 'f', 'b'];
    const lab = runPrompts({});
    expect(runPrompts({ prompts: repeated })).toEqual({ training: repeated, heldOut: lab.heldOut });
    const enough = [...repeated, 'g', 'h', 'd'];
    expect(runPrompts({ prompts: enough })).toEqual({ training: ['a', 'b', 'c', 'a', 'e', 'f', 'b', 'g'], heldOut: ['d', 'h'] });
    expect(lab.heldOut.length).toBeGreaterThan(30);
    expect(lab.heldOut.filter((prompt) => lab.training.includes(prompt))).toEqual([]);
  });

  it('come round equally often, in another order each time, the same for the same seed', () => {
    const prompts = letters(10);
    const drawn = Array.from({ length: 6 }, (_, iteration) => promptsOfIteration(prompts, 3, iteration, 5)).flat();
    for (const round of [drawn.slice(0, 10), drawn.slice(10, 20), drawn.slice(20, 30)]) expect([...round].sort()).toEqual([...prompts].sort());
    expect(drawn.slice(0, 10)).not.toEqual(drawn.slice(10, 20));
    expect(promptsOfIteration(prompts, 3, 4, 5)).toEqual(drawn.slice(20, 25));
    expect(promptsOfIteration(prompts, 4, 4, 5)).not.toEqual(drawn.slice(20, 25));
    // A batch may be larger than the list.
    expect(promptsOfIteration(prompts, 3, 0, 30)).toEqual(drawn);
  });

  it('in groups are as many fewer, each repeated side by side, in the same order', () => {
    const prompts = letters(10);
    const alone = Array.from({ length: 3 }, (_, iteration) => promptsOfIteration(prompts, 3, iteration, 6)).flat();
    const groups = Array.from({ length: 3 }, (_, iteration) => promptsOfIteration(prompts, 3, iteration, 24, 4)).flat();
    expect(groups).toEqual(alone.flatMap((prompt) => [prompt, prompt, prompt, prompt]));
    expect(new Set(promptsOfIteration(prompts, 3, 0, 24, 4)).size).toBe(6);
  });
});
