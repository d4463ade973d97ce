import { execFile } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { binary } from '../binary';
import type { Mutant } from './mutant';

/** For one run; a mistake may make a test go on for ever. */
const MINUTES = 10;

/** Vitest's projects of each kind. */
const PROJECTS: Record<Mutant['project'], string[]> = { unit: ['unit', 'labs'], gpu: ['gpu'] };

/** What a run of some test files found. */
export interface TestRun {
  /** Files of which at least one test passed. */
  passed: string[];
  failures: Failure[];
}

export interface Failure {
  /** The test's full name, or its file where not even the tests could be collected. */
  test: string;
  message: string;
  /** Whether an expectation was not met. Anything else (a syntax error, an unknown name, time over) says nothing about the mathematics. */
  assertion: boolean;
}

/** The part of Vitest's JSON report that is read. */
interface Report {
  testResults: {
    name: string;
    status: 'passed' | 'failed';
    message: string;
    assertionResults: { fullName: string; status: string; failureMessages: string[] }[];
  }[];
}

/** Run test files under a root, until the first failure. Throws where Vitest leaves no report. */
export async function runTests(root: string, project: Mutant['project'], files: readonly string[]): Promise<TestRun> {
  const path = join(root, 'test-report.json');
  rmSync(path, { force: true });
  let output = '';
  const options = ['run', '--root', root, ...PROJECTS[project].flatMap((name) => ['--project', name]), '--bail', '1', '--reporter=json', `--outputFile=${path}`];
  try {
    await promisify(execFile)(process.execPath, [binary('vitest', 'vitest'), ...options, ...files], { cwd: root, timeout: MINUTES * 60_000, maxBuffer: 64 << 20 });
  } catch (error) {
    // A failing test ends Vitest with 1 too, and then the report says what happened.
    output = (error as { stderr?: string }).stderr ?? '';
  }
  return readReport(path, root, output);
}

function readReport(path: string, root: string, output: string): TestRun {
  let report: Report;
  try {
    report = JSON.parse(readFileSync(path, 'utf8')) as Report;
  } catch {
    throw new Error(`Vitest left no report, within ${MINUTES} minutes.\n${output}`);
  }
  const passed: string[] = [];
  const failures: Failure[] = [];
  for (const { name, status, message, assertionResults } of report.testResults) {
    const file = name.slice(root.length + 1);
    const failed = assertionResults.filter((test) => test.status === 'failed');
    if (assertionResults.some((test) => test.status === 'passed')) passed.push(file);
    for (const { fullName, failureMessages } of failed) failures.push(failure(fullName, failureMessages.join('\n')));
    if (status === 'failed' && failed.length === 0) failures.push(failure(file, message));
  }
  return { passed, failures };
}

function failure(test: string, message: string): Failure {
  // fast-check reports what a property failed with behind “Got”, where it is told to include it.
  // Vitest reports an expectation about a promise by its sentence, without the error's name.
  const expectation = /^(Got )?AssertionError\b/m.test(message) || /^(Got )?Error: (promise (resolved|rejected) |expected )/.test(message);
  return { test, message, assertion: expectation };
}
