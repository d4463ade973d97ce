import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { binary } from './binary.ts';
import { findChromium } from './chromium.ts';

/*
 * `npm test`: every check of the project, begun in their order, as many at a
 * time as two cores can carry. Each prints its own report; the last line is the
 * sum of them all. A step without tests of its own (types, lint, build) counts
 * as one, and so does one that did not come to its end in time.
 */

/** For all steps together: whoever waits for the last line gives up at some point, and then knows nothing. */
const DEADLINE_MINUTES = 24;

interface Count {
  passed: number;
  failed: number;
}

interface Step {
  name: string;
  /** Package and its command, with arguments. */
  command: [packageName: string, bin: string, ...args: string[]];
  /** Reads the step's JSON report; throws where there is none. Absent: the exit code is the test. */
  count?: (report: unknown) => Count;
  minutes: number;
  /** How many of the two cores it keeps busy. */
  cores: 1 | 2;
}

const CORES = 2;

const REPORTS = 'test-results';
const reportOf = (name: string) => join(REPORTS, `${name}.json`);

/** The tests of one of Vitest's projects. */
function vitest(name: string, cores: Step['cores']): Step {
  return {
    name,
    command: ['vitest', 'vitest', 'run', '--project', name, '--reporter=default', '--reporter=json', `--outputFile=${reportOf(name)}`],
    count: (report) => {
      const { numPassedTests, numFailedTests } = report as { numPassedTests: number; numFailedTests: number };
      return { passed: numPassedTests, failed: numFailedTests };
    },
    minutes: 10,
    cores,
  };
}

const STEPS: Step[] = [
  // The page and the software adapter wait for each other, mostly; a core is left for the four that come next.
  vitest('gpu', 1),
  { name: 'types', command: ['svelte-check', 'svelte-check', '--fail-on-warnings', '--tsconfig', './tsconfig.json'], minutes: 5, cores: 1 },
  { name: 'lint', command: ['eslint', 'eslint', '.', '--max-warnings=0'], minutes: 5, cores: 1 },
  { name: 'build', command: ['vite', 'vite', 'build'], minutes: 5, cores: 1 },
  vitest('labs', 1),
  vitest('unit', 2),
  {
    name: 'e2e',
    command: ['@playwright/test', 'playwright', 'test', '-c', 'tests/e2e'],
    count: (report) => {
      const { stats } = report as { stats: { expected: number; unexpected: number; flaky: number } };
      return { passed: stats.expected + stats.flaky, failed: stats.unexpected };
    },
    minutes: 12,
    cores: 2,
  },
];

/** Runs a command of the project on this terminal; true where it exits with 0 in time. Without time left it is not run. */
function run([packageName, bin, ...args]: Step['command'], minutes: number): Promise<boolean> {
  return new Promise((done) => {
    if (minutes <= 0) {
      console.error(`Not run: the ${DEADLINE_MINUTES} minutes for all steps are over.`);
      return done(false);
    }
    // A group of its own, so that a step that hangs can be ended with all that it started.
    const child = spawn(process.execPath, [binary(packageName, bin), ...args], { stdio: ['ignore', 'inherit', 'inherit'], detached: true });
    const end = (signal: NodeJS.Signals) => {
      if (child.pid && child.exitCode === null) process.kill(-child.pid, signal);
    };
    const interrupt = () => end('SIGINT');
    process.once('SIGINT', interrupt);
    const timer = setTimeout(() => {
      console.error(`Still running after ${minutes.toFixed(1)} minutes: ended.`);
      end('SIGKILL');
    }, minutes * 60_000);
    const finish = (ok: boolean) => {
      clearTimeout(timer);
      process.off('SIGINT', interrupt);
      done(ok);
    };
    child.on('error', (error) => {
      console.error(error.message);
      finish(false);
    });
    child.on('exit', (code) => finish(code === 0));
  });
}

/** What a step's report says; a step that failed without a failing test in its report (it crashed, or never began) is one failure. */
function countOf(step: Step, ok: boolean): Count {
  if (!step.count) return { passed: ok ? 1 : 0, failed: ok ? 0 : 1 };
  let counted: Count = { passed: 0, failed: 0 };
  try {
    counted = step.count(JSON.parse(readFileSync(reportOf(step.name), 'utf8')));
  } catch (error) {
    console.error(`No report of ${step.name}: ${(error as Error).message}`);
    ok = false;
  }
  return ok ? counted : { ...counted, failed: Math.max(counted.failed, 1) };
}

/** Does every step, each begun once those before it have begun and its cores are free. */
async function inOrder(steps: readonly Step[], take: (step: Step) => Promise<void>): Promise<void> {
  const running = new Map<Step, Promise<void>>();
  for (const step of steps) {
    const busy = () => [...running.keys()].reduce((sum, { cores }) => sum + cores, 0);
    while (busy() + step.cores > CORES) await Promise.race(running.values());
    running.set(step, take(step).finally(() => running.delete(step)));
  }
  await Promise.all(running.values());
}

function requireChromium(): void {
  try {
    console.log(`Chromium: ${findChromium()}`);
  } catch (error) {
    console.error((error as Error).message);
    console.log('\n0 passed, 1 failed');
    process.exit(1);
  }
}

/** `npm test`, or `npm test -- lint unit` for some steps only. */
async function main(names: string[]): Promise<void> {
  const unknown = names.filter((name) => !STEPS.some((step) => step.name === name));
  if (unknown.length) throw new Error(`No step ${unknown.join(', ')}; there are ${STEPS.map((step) => step.name).join(', ')}.`);
  requireChromium();
  rmSync(REPORTS, { recursive: true, force: true });
  mkdirSync(REPORTS, { recursive: true });

  const total: Count = { passed: 0, failed: 0 };
  const table: string[] = [];
  const take = async (step: Step) => {
    console.log(`\n── ${step.name} ──`);
    const begun = performance.now();
    const left = DEADLINE_MINUTES - performance.now() / 60_000;
    const { passed, failed } = countOf(step, await run(step.command, Math.min(step.minutes, left)));
    total.passed += passed;
    total.failed += failed;
    const seconds = ((performance.now() - begun) / 1000).toFixed(0);
    table.push(`${step.name.padEnd(6)} ${String(passed).padStart(5)} passed ${String(failed).padStart(4)} failed ${seconds.padStart(5)} s`);
  };
  await inOrder(names.length ? STEPS.filter(({ name }) => names.includes(name)) : STEPS, take);
  console.log(`\n${table.join('\n')}\n`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed ? 1 : 0;
}

await main(process.argv.slice(2));
