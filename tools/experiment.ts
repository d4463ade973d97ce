import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { experimentByName, type Experiment } from '../src/experiments';
import type { Table } from '../src/experiments/figure';
import { Workbench } from '../src/experiments/workbench';
import { drawFigure } from './experiment/drawFigure';
import { HELP, readOptions, type Invocation } from './experiment/options';
import { StepsFile } from './experiment/stepsFile';
import { writeWhole } from './files';
import { openChromiumHost } from './host/chromiumHost';
import { savePicture } from './picture';
import { runTool } from './runTool';
import { duration, ProgressLine } from './terminal';

/** `npm run experiment`: a question to the lab, over several seeds. */
async function main(): Promise<void> {
  const invocation = readOptions(process.argv.slice(2));
  if (invocation === 'help') return console.log(HELP);
  const { name, seeds, out, model, rule } = invocation;
  const experiment = experimentByName(name);
  const started = performance.now();
  const line = new ProgressLine();
  line.say(`${experiment.title}\n${experiment.question}\n${experiment.expectation}`);

  const { outcomes, made } = await measure(experiment, invocation, line);
  const folder = join(out, name);
  mkdirSync(folder, { recursive: true });
  const { title, question, expectation } = experiment;
  const figure = experiment.figure(outcomes);
  const table = experiment.table(outcomes);
  writeWhole(join(folder, 'report.json'), `${JSON.stringify({ name, title, question, expectation, model, rule, seeds, ...made, table, figure, outcomes }, null, 2)}\n`);
  const picture = await savePicture(await drawFigure(experiment, figure), folder, 'figure');
  line.say(markdown(table));
  line.say(`${join(folder, 'report.json')} and ${picture}, after ${duration((performance.now() - started) / 1000)}.`);
}

/** What every seed found, in one lab. */
async function measure(experiment: Experiment, { out, node, model, rule, seeds }: Invocation, line: ProgressLine) {
  const steps = new StepsFile(out, node ? 'node' : 'chromium');
  // Loaded only where asked for: Dawn is large, and takes the place of the browser's WebGPU.
  const lab = node ? await (await import('./host/nodeHost')).openNodeHost(out) : await openChromiumHost(out, steps.gpu, (gpu) => (steps.gpu = gpu));
  try {
    const { adapter, shipped, version } = await lab.send('start', {});
    const base = shipped.find(({ id }) => id === `shipped:${model}`);
    if (!base) throw new Error(`There is no model "${model}". There are: ${shipped.map(({ name }) => name).join(', ')}.`);
    line.say(`${adapter.name} (${adapter.backend}), ${lab.name}`);
    const bench = new Workbench(lab.send.bind(lab), steps, { modelId: base.id, width: base.width, rule }, (what, progress) =>
      progress ? line.update(`${what}: ${progress.phase}`, progress) : line.say(`  ${what}`),
    );
    const outcomes: unknown[] = [];
    for (let seed = 1; seed <= seeds; seed++) outcomes.push(await experiment.measure(bench, seed));
    return { outcomes, made: { version, backend: adapter.backend, adapter: adapter.name, host: lab.name } };
  } finally {
    await lab.close();
  }
}

function markdown({ columns, rows }: Table): string {
  return [columns, columns.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

await runTool(main);
