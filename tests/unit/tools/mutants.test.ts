import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hunt } from '../../../tools/mutants/hunt';
import { mutate, RottenMutantError, type Mutant } from '../../../tools/mutants/mutant';
import { Scratch } from '../../../tools/mutants/scratch';
import { MUTANTS } from '../../mutants';

describe('the list of mutants', () => {
  it.each(MUTANTS)('$name still finds its code, and its tests', (mutant) => {
    const source = readFileSync(mutant.file, 'utf8');
    expect(mutate(source, mutant)).not.toBe(source);
    for (const file of mutant.tests) expect(existsSync(file), file).toBe(true);
  });

  it('has a name for each', () => {
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
  });
});

describe('the hunt', () => {
  let project: string;
  let scratch: Scratch;

  /** A project of one function that is tested and one that is not. */
  const FILES = {
    'package.json': '{ "type": "module" }',
    'vitest.config.ts': `export default { test: { projects: [{ test: { name: 'unit', include: ['tests/**/*.test.ts'] } }] } };`,
    'src/sum.ts': 'export const sum = (a: number, b: number) => a + b;\nexport const next = (a: number) => a + 1;\n',
    'tests/sum.test.ts': `import { expect, it } from 'vitest';\nimport { sum } from '../src/sum';\nit('adds', () => expect(sum(1, 2)).toBe(3));\n`,
    'tests/wrong.test.ts': `import { expect, it } from 'vitest';\nit('always fails', () => expect(1).toBe(2));\n`,
  };

  beforeEach(() => {
    project = mkdtempSync(join(tmpdir(), 'nudge-hunt-'));
    for (const [name, content] of Object.entries(FILES)) {
      mkdirSync(dirname(join(project, name)), { recursive: true });
      writeFileSync(join(project, name), content);
    }
    symlinkSync(join(process.cwd(), 'node_modules'), join(project, 'node_modules'), 'junction');
    scratch = new Scratch(project);
  });
  afterEach(() => {
    scratch.remove();
    rmSync(project, { recursive: true });
  });

  const mutant = (name: string, find: string, replace: string, tests = ['tests/sum.test.ts']): Mutant => ({ name, file: 'src/sum.ts', find, replace, tests, project: 'unit' });
  const GOOD = mutant('minus for plus', 'a + b', 'a - b');

  it('tells a mutant that is caught from one that survives and from one that only breaks, and leaves the project as it was', async () => {
    const lines: string[] = [];
    const mutants = [GOOD, mutant('two for one', 'a + 1', 'a + 2'), mutant('no such name', 'a + b', 'a + c'), mutant('no such syntax', 'a + b', 'a +* b')];
    expect(await hunt(scratch, mutants, (line) => lines.push(line))).toBe(1);
    expect(lines.slice(1)).toEqual([
      'minus for plus: caught by “adds”',
      'two for one: SURVIVED',
      expect.stringMatching(/^no such name: BROKEN.*adds: ReferenceError: c is not defined$/),
      expect.stringMatching(/^no such syntax: BROKEN.*tests\/sum\.test\.ts: /),
      '\n1 of 4 caught',
    ]);
    for (const root of [project, scratch.root]) expect(readFileSync(join(root, 'src/sum.ts'), 'utf8')).toBe(FILES['src/sum.ts']);
  }, 180_000);

  it('refuses tests that fail or are missing without any mutant', async () => {
    const tests = (file: string) => hunt(scratch, [{ ...GOOD, tests: ['tests/sum.test.ts', file] }], () => {});
    await expect(tests('tests/wrong.test.ts')).rejects.toThrow(/Without any mutant, “always fails” fails/);
    await expect(tests('tests/gone.test.ts')).rejects.toThrow(/no test passes in tests\/gone\.test\.ts/);
  }, 180_000);

  it('refuses a mutant whose code is gone, or there twice, before anything is run', async () => {
    const start = (find: string) => hunt(scratch, [GOOD, mutant('rotten', find, 'a')], () => expect.unreachable());
    await expect(start('a * b')).rejects.toThrow(RottenMutantError);
    await expect(start('a * b')).rejects.toThrow(/“rotten” has rotted.*0 times in src\/sum\.ts/);
    await expect(start('=> a')).rejects.toThrow(/2 times/);
  });
});
