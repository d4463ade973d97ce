import { join } from 'node:path';
import { writeWhole } from './files';
import { runChain } from './loop/chain';
import { openChromiumHost } from './host/chromiumHost';
import { drawCurves } from './loop/curves';
import { openJournal, saveJournal } from './loop/journal';
import { HELP, readOptions } from './loop/options';
import { savePicture } from './picture';
import { summary } from './loop/report';
import { runTool } from './runTool';
import { duration, ProgressLine } from './terminal';

/** `npm run loop`: the whole chain with a simulated labeler, and what came of it. */
async function main(): Promise<void> {
  const invocation = readOptions(process.argv.slice(2));
  if (invocation === 'help') return console.log(HELP);
  const { options, out, node } = invocation;
  const started = performance.now();
  const line = new ProgressLine();
  const journal = openJournal(out, options, node ? 'node' : 'chromium');
  // Loaded only where asked for: Dawn is large, and takes the place of the browser's WebGPU.
  const lab = node ? await (await import('./host/nodeHost')).openNodeHost(out) : await openChromiumHost(out, journal.gpu, (gpu) => saveJournal(out, Object.assign(journal, { gpu })));
  try {
    const report = await runChain(lab, journal, out, line);
    writeWhole(join(out, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
    const picture = await savePicture(drawCurves(report), out);
    for (const sentence of summary(report)) line.say(sentence);
    line.say(`${join(out, 'report.json')} and ${picture}, after ${duration((performance.now() - started) / 1000)}.`);
  } finally {
    await lab.close();
  }
}

await runTool(main);
