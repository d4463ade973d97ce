import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { runChain } from '../../../tools/loop/chain';
import type { LabHost } from '../../../tools/host/labHost';
import { openJournal, saveJournal } from '../../../tools/loop/journal';
import { readOptions, type LoopOptions } from '../../../tools/loop/options';
import { savePicture } from '../../../tools/picture';
import { lastQuarter, type LoopReport } from '../../../tools/loop/report';
import { ProgressLine } from '../../../tools/terminal';
import type { CommandName } from '../../../src/lab/protocol';
import { openLab, PPO, REWARD, TinySite } from '../lab/tinyLab';

let out: string;
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'nudge-loop-'));
});
afterEach(() => rmSync(out, { recursive: true, force: true }));

const OPTIONS: LoopOptions = { model: 'tiny', rule: 'long-words', seed: 4, labels: 40, iterations: 3, beta: 'adaptive', lora: 0, evaluate: 8, reuseReward: null };

describe('the options', () => {
  it('are all optional, and say where the results go', () => {
    expect(readOptions([])).toMatchObject({ options: { model: 'small', rule: 'long-words', seed: 1, beta: 'adaptive', lora: 0, reuseReward: null }, out: 'out/small-long-words-1-adaptive', node: false });
    const args = '--model tiny --rule animals --seed 2 --labels 2900 --iterations 50 --beta 0 --lora 4 --evaluate 64 --node --out elsewhere'.split(' ');
    const options = { model: 'tiny', rule: 'animals', seed: 2, labels: 2900, iterations: 50, beta: 0, lora: 4, evaluate: 64, reuseReward: null };
    expect(readOptions(args)).toEqual({ options, out: 'elsewhere', node: true });
    expect(readOptions(['--lora', '4'])).toMatchObject({ out: 'out/small-long-words-1-adaptive-lora4' });
    expect(readOptions(['--help'])).toBe('help');
  });

  it.each([['--seed=-1'], ['--labels=9'], ['--iterations=1.5'], ['--evaluate=many'], ['--beta=-0.1'], ['--beta='], ['--lora=-1'], ['--nonsense']])('%s is refused by its name', (arg) => {
    expect(() => readOptions([arg])).toThrow(arg.split('=')[0]);
  });
});

describe('the last quarter', () => {
  const history = [9, 9, 9, 9, 9, 9, 2, 4].map((kl, i) => ({ iteration: i + 1, metrics: { 'objective/kl': kl } }) as LoopReport['history'][number]);

  it('is averaged, and is one iteration at least', () => {
    expect(lastQuarter(history, 'objective/kl')).toBe(3);
    expect(lastQuarter(history.slice(-2), 'objective/kl')).toBe(4);
  });
});

describe('the journal', () => {
  it('is found again by the same options, and refuses others by their name', () => {
    const journal = openJournal(out, OPTIONS, 'node');
    saveJournal(out, { ...journal, datasetId: 'd' });
    expect(openJournal(out, OPTIONS, 'node').datasetId).toBe('d');
    expect(() => openJournal(out, { ...OPTIONS, seed: 5, labels: 50 }, 'node')).toThrow(/seed 4, labels 40.*another --out/);
    expect(() => openJournal(out, OPTIONS, 'chromium')).toThrow(/ran in node/);
    expect(() => openJournal(out, { ...OPTIONS, lora: 8 }, 'node')).toThrow(/lora 0/);
  });

  it('of a loop from before there was an adapter is one without', () => {
    const { lora: _, ...before } = OPTIONS;
    saveJournal(out, { ...openJournal(out, OPTIONS, 'node'), options: before as LoopOptions, datasetId: 'd' });
    expect(openJournal(out, OPTIONS, 'node').datasetId).toBe('d');
    expect(() => openJournal(out, { ...OPTIONS, lora: 8 }, 'node')).toThrow(/lora 0/);
  });
});

describe('the picture', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('is an SVG where there is no browser to render it', async () => {
    vi.stubEnv('CHROMIUM_PATH', join(out, 'none'));
    expect(await savePicture('<svg/>', out)).toContain('curves.svg');
    expect(readFileSync(join(out, 'curves.svg'), 'utf8')).toBe('<svg/>');
    expect(existsSync(join(out, 'curves.png'))).toBe(false);
  });
});

describe('the chain', () => {
  let site: TinySite;
  beforeAll(() => {
    site = new TinySite();
  });
  afterAll(() => site.remove());

  const quiet = () => new ProgressLine(new Writable({ write: (_chunk, _encoding, done) => done() }) as NodeJS.WriteStream);

  /** Of what the chain asks for, what the tiny model needs otherwise, or a test has no time for. */
  const QUICK: Partial<Record<CommandName, object>> = {
    start: { prefer: 'wasm' },
    sampleComparisons: { options: { maxNewTokens: PPO.responseLength, temperature: 1, seed: OPTIONS.seed }, cut: PPO.cut },
    trainReward: { settings: REWARD },
    createRun: { settings: { ...PPO, iterations: OPTIONS.iterations } },
  };

  /** A lab of its own over the same database, as after a restart. It is lost in the middle of PPO once `lastIteration` is done. */
  function openHost(lastIteration = Infinity): { host: LabHost; sent: string[] } {
    const lab = openLab(site);
    const sent: string[] = [];
    const host: LabHost = {
      name: 'test',
      send(type, args, onProgress) {
        sent.push(type);
        const pending = lab.send(type, { ...args, ...QUICK[type] }, onProgress);
        if (type === 'play') lab.on('iteration', ({ iteration }) => iteration === lastIteration && pending.cancel());
        return pending;
      },
      on: (type, listener) => void lab.on(type, listener),
      close: () => Promise.resolve(),
    };
    return { host, sent };
  }

  /** What does not depend on when and how fast it was computed. */
  const lasting = ({ seconds: _, rewardReport, history, ...report }: LoopReport) => ({
    ...report,
    rewardReport: { ...rewardReport, seconds: 0, disputes: rewardReport.disputes?.worst.map(({ order }) => order.chance), pulls: rewardReport.pulls?.map(({ pull }) => pull), heldOut: rewardReport.heldOut?.length },
    history: history.map(({ metrics }) => Object.fromEntries(Object.entries(metrics).filter(([name]) => !/^(time|gpu)\//.test(name)))),
  });

  it('goes on where it was interrupted, and reports as if it had not been', async () => {
    const first = openHost(1);
    await expect(runChain(first.host, openJournal(out, OPTIONS, 'node'), out, quiet())).rejects.toMatchObject({ name: 'Cancelled' });
    expect(first.sent).toContain('trainReward');

    const second = openHost();
    const report = await runChain(second.host, openJournal(out, OPTIONS, 'node'), out, quiet());
    expect(second.sent).toEqual(['start', 'history', 'play', 'evaluate', 'exportRun', 'history']);
    expect(existsSync(join(out, 'run.nudge'))).toBe(true);

    const number = expect.any(Number);
    const interval = { mean: number, std: number, low: number, high: number };
    expect(report).toMatchObject({
      ...{ backend: 'wasm', adapter: expect.any(String), model: 'tiny', labels: 40, iterations: 3 },
      accuracy: { value: number, low: number, high: number },
      gold: { base: interval, tuned: interval },
      kl: { target: number, last_quarter: number },
      distinct_2: { base: number, tuned: number },
      reference_nll: { base: number, tuned: number },
      seconds: { sample: number, reward: number, ppo: number, evaluate: number },
    });
    expect(report.history.map(({ iteration }) => iteration)).toEqual([1, 2, 3]);
    expect(report.kl.last_quarter).toBe(report.history[2].metrics['objective/kl']);

    const whole = join(out, 'whole');
    expect(lasting(await runChain(openHost().host, openJournal(whole, OPTIONS, 'node'), whole, quiet()))).toEqual(lasting(report));
  });
});
