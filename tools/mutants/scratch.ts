import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mutate, type Mutant } from './mutant';

/** Folders that tests read and mutants may change; the other two are large, and only read. */
const COPIED = ['src', 'tests', 'tools'];
const LINKED = ['node_modules', 'public'];

/** A copy of the working tree in a temporary folder, to make mistakes in. */
export class Scratch {
  readonly root: string;

  constructor(project: string) {
    this.root = realpathSync(mkdtempSync(join(tmpdir(), 'nudge-mutants-')));
    const files = readdirSync(project, { withFileTypes: true }).filter((entry) => entry.isFile());
    for (const name of [...COPIED.filter((folder) => existsSync(join(project, folder))), ...files.map(({ name }) => name)])
      cpSync(join(project, name), join(this.root, name), { recursive: true });
    for (const name of LINKED.filter((folder) => existsSync(join(project, folder)))) symlinkSync(realpathSync(join(project, name)), join(this.root, name), 'junction');
  }

  /** Throws RottenMutantError. */
  demandThatItApplies(mutant: Mutant): void {
    mutate(readFileSync(join(this.root, mutant.file), 'utf8'), mutant);
  }

  /** Do something while a mutant is in place. */
  async with<T>(mutant: Mutant, work: () => Promise<T>): Promise<T> {
    const path = join(this.root, mutant.file);
    const original = readFileSync(path, 'utf8');
    writeFileSync(path, mutate(original, mutant));
    try {
      return await work();
    } finally {
      writeFileSync(path, original);
    }
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
