import type { Mutant } from './mutant';
import type { Scratch } from './scratch';
import { runTests, type TestRun } from './testRun';

/** What became of a mutant: a test caught it; none did; or one failed for another reason than its mathematics, which proves nothing. */
export type Verdict = { kind: 'caught'; by: string } | { kind: 'survived' } | { kind: 'broken'; because: string };

/**
 * Judge mutants one after the other, and say of each what became of it.
 * Returns how many were caught. Throws RottenMutantError before anything is
 * run, and an error where the tests fail without any mutant.
 */
export async function hunt(scratch: Scratch, mutants: readonly Mutant[], say: (line: string) => void): Promise<number> {
  for (const mutant of mutants) scratch.demandThatItApplies(mutant);
  say(`${mutants.length} mutants. First, their tests without any of them …`);
  await demandThatTestsPass(scratch, mutants);
  let caught = 0;
  for (const mutant of mutants) {
    const verdict = verdictOf(await scratch.with(mutant, () => runTests(scratch.root, mutant.project, mutant.tests)));
    if (verdict.kind === 'caught') caught++;
    say(`${mutant.name}: ${inWords(verdict)}`);
  }
  say(`\n${caught} of ${mutants.length} caught`);
  return caught;
}

/** A test that always fails, or is not there, catches nothing. */
async function demandThatTestsPass(scratch: Scratch, mutants: readonly Mutant[]): Promise<void> {
  for (const project of new Set(mutants.map((mutant) => mutant.project))) {
    const files = [...new Set(mutants.filter((mutant) => mutant.project === project).flatMap(({ tests }) => tests))];
    const { passed, failures } = await runTests(scratch.root, project, files);
    if (failures.length > 0) throw new Error(`Without any mutant, “${failures[0].test}” fails:\n${failures[0].message}`);
    const absent = files.filter((file) => !passed.includes(file));
    if (absent.length > 0) throw new Error(`Without any mutant, no test passes in ${absent.join(', ')}.`);
  }
}

/** What a run of the tests with a mutant in place says of it. */
function verdictOf({ failures }: TestRun): Verdict {
  const failed = failures.find(({ assertion }) => assertion);
  if (failed) return { kind: 'caught', by: failed.test };
  if (failures.length === 0) return { kind: 'survived' };
  const [{ test, message }] = failures;
  return { kind: 'broken', because: `${test}: ${message.split('\n')[0]}` };
}

function inWords(verdict: Verdict): string {
  if (verdict.kind === 'caught') return `caught by “${verdict.by}”`;
  if (verdict.kind === 'survived') return 'SURVIVED';
  return `BROKEN, a test fails for another reason than its mathematics: ${verdict.because}`;
}
