import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Sample, Work } from '../../tests/bench/work';
import type { Venue } from './realms';

export type Request = { call: 'start' } | { call: 'prepare'; work: Work } | { call: 'run'; id: number } | { call: 'release'; id: number };

export interface Answer {
  result?: unknown;
  error?: string;
}

/** Realms in this machine's Node, each a process of its own on Dawn. */
export function openNodeVenue(): Venue {
  const children: ChildProcess[] = [];
  return {
    name: `Node ${process.version}`,
    async open(contender) {
      const child = fork(join(import.meta.dirname, 'nodeRealm.ts'), [contender], { execArgv: process.execArgv });
      children.push(child);
      const ask = <T>(request: Request) => call<T>(child, contender, request);
      return {
        contender,
        adapter: await ask<string>({ call: 'start' }),
        prepare: (work) => ask({ call: 'prepare', work }),
        run: (id) => ask<Sample>({ call: 'run', id }),
        release: (id) => ask({ call: 'release', id }),
        close: async () => void child.disconnect(),
      };
    },
    async close() {
      for (const child of children) if (child.connected) child.disconnect();
    },
  };
}

function call<T>(child: ChildProcess, name: string, request: Request): Promise<T> {
  return new Promise((done, fail) => {
    const ended = () => fail(new Error(`The process of ${name} ended.`));
    child.once('exit', ended);
    child.once('message', ({ result, error }: Answer) => {
      child.off('exit', ended);
      if (error) fail(new Error(`${name}: ${error}`));
      else done(result as T);
    });
    child.send(request);
  });
}
