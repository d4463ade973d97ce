import { parseArgs } from 'node:util';
import { MUTANTS } from '../tests/mutants';
import { hunt } from './mutants/hunt';
import { Scratch } from './mutants/scratch';

const HELP = `npm run test:mutants -- [options] [words of a name]

Makes each mistake listed in tests/mutants, in a copy of the project, and
demands that a test fails for it. Without words, all of them.

  --gpu   those in WGSL too, in Chromium: slow without a graphics card
`;

/** `npm run test:mutants`: whether the tests notice mistakes. */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { gpu: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } });
  if (values.help) return console.log(HELP);
  const words = positionals.join(' ');
  const mutants = MUTANTS.filter(({ name, project }) => name.includes(words) && (values.gpu || project === 'unit'));
  if (mutants.length === 0) throw new Error(`No mutant’s name contains “${words}”.`);

  const scratch = new Scratch(process.cwd());
  process.once('exit', () => scratch.remove());
  process.once('SIGINT', () => process.exit(130));
  if ((await hunt(scratch, mutants, console.log)) < mutants.length) process.exitCode = 1;
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
