import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Memory } from '../../src/experiments/workbench';
import type { Gpu } from '../host/chromiumHost';
import { writeWhole } from '../files';

/** What a results' folder knows: the finished steps, and where they ran. */
interface Content {
  host: 'chromium' | 'node';
  gpu?: Gpu;
  steps: Record<string, unknown>;
}

const FILE = 'steps.json';

/** Finished steps, in a file beside the database that holds what they made. */
export class StepsFile implements Memory {
  private readonly content: Content;

  /** Throws where the folder's steps were made by another kind of host, whose database cannot be gone on with. */
  constructor(
    private readonly folder: string,
    host: Content['host'],
  ) {
    mkdirSync(folder, { recursive: true });
    const path = join(folder, FILE);
    this.content = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Content) : { host, steps: {} };
    if (this.content.host !== host) throw new Error(`${folder} holds results from ${this.content.host}. Choose another --out, or ${host === 'node' ? 'leave out' : 'add'} --node.`);
  }

  get gpu(): Gpu | undefined {
    return this.content.gpu;
  }

  set gpu(gpu: Gpu | undefined) {
    this.content.gpu = gpu;
    this.save();
  }

  get(key: string): unknown {
    return Object.hasOwn(this.content.steps, key) ? this.content.steps[key] : undefined;
  }

  put(key: string, value: unknown): void {
    this.content.steps[key] = value;
    this.save();
  }

  private save(): void {
    writeWhole(join(this.folder, FILE), JSON.stringify(this.content));
  }
}
