import type { Interval } from '../../feedback/bootstrap';
import type { PersonRater } from '../../feedback/judgement';
import type { AnswerTimes } from '../../feedback/quality/answerTimes';
import type { GoldCheck } from '../../feedback/quality/gold';
import type { Coefficient, Estimate } from '../../feedback/quality/labelerAgreement';
import type { LabelerTables } from '../../feedback/quality/labelers';
import type { Lean, Leanings } from '../../feedback/quality/leanings';
import type { Measure } from '../../feedback/quality/statements';
import type { Proportion } from '../../feedback/proportion';
import { formatNumber } from '../charts/number';
import type { Terms } from '../controls/explainedParts';
import { count, percent } from '../controls/wording';

/*
 * What one's own judgements say about oneself, in plain sentences. Pure: numbers
 * in, words out.
 */

/** Chances below this are not believed to be mere luck. */
const LUCK = 0.05;
/** An interval wider than this says little, whatever its middle is. */
const WIDE = 0.3;

const RUN_WORTH_SAYING = 10;

/** What these sentences name, and what explains it. */
export const QUALITY_TERMS: Terms = {
  'the left': 'quality/left',
  'the longer': 'quality/longer',
  'shown first': 'quality/firstListed',
  'longest run': 'quality/run',
  p: 'quality/p',
  'said the same': 'quality/consistency',
  'whose answer is known': 'quality/gold',
  κ: 'quality/goldKappa',
  'for an answer': 'quality/times',
  'faster than': 'quality/unread',
  'two people differ': 'quality/conflicts',
};

/** "p = 0.057", "p < 0.001". */
export function chance(p: number): string {
  return p < 0.001 ? 'p < 0.001' : `p = ${Number(p.toPrecision(2))}`;
}

/** Whether a share is far from half, and how sure that is. */
function verdictOn({ share, p }: Lean, beyondLuck: string): string {
  if (p < LUCK) return beyondLuck;
  return share && share.high - share.low > WIDE ? 'With so few that says little yet.' : 'That may well be luck.';
}

/** "You picked the left 61 % of 80, p = 0.06." */
export function leftReading(lean: Lean): string {
  if (!lean.share) return 'No pair is decided yet. Whether you favour a side of the screen shows here.';
  const side = lean.share.value > 0.5 ? 'left' : 'right';
  return `You picked the left ${percent(lean.share.value)} of ${lean.share.n}, ${chance(lean.p)}. ${verdictOn(lean, `Which text stands there is drawn by lot, so you lean to the ${side}: read both before you choose.`)}`;
}

export function longerReading(lean: Lean): string {
  if (!lean.share) return 'No pair of unequal texts is decided yet. Whether you favour long ones shows here.';
  const kind = lean.share.value > 0.5 ? 'Longer' : 'Shorter';
  return `You picked the longer ${percent(lean.share.value)} of ${lean.share.n}, ${chance(lean.p)}. ${verdictOn(lean, `${kind} texts may really be better; if not, a model will learn this from you first.`)}`;
}

/** Null where nothing was ranked: most datasets never ask for it. */
export function firstListedReading(lean: Lean): string | null {
  if (!lean.share) return null;
  const end = lean.share.value > 0.5 ? 'top' : 'bottom';
  return `In rankings you put the text shown first above the one shown last ${percent(lean.share.value)} of ${lean.share.n}, ${chance(lean.p)}. ${verdictOn(lean, `The order is drawn by lot, so you lean to the ${end} of the list.`)}`;
}

/** Null before so much was decided that a run could mean something. */
export function runReading(run: Leanings['run']): string | null {
  if (!run || run.of < RUN_WORTH_SAYING) return null;
  const odds = run.p < LUCK ? 'chance has hardly ever one so long. Was a key pressed without looking?' : `chance has one so long in ${percent(run.p)} of such series.`;
  return `The longest run of one side is ${run.longest} of ${run.of}: ${odds}`;
}

export function consistencyReading(consistency: Proportion | null): string {
  if (!consistency) return 'Nothing is asked twice yet. Let the dataset ask some items again, without a word about it, and this shows how often you say the same.';
  const { value, low, high, n } = consistency;
  return `Asked about ${count(n, 'item')} twice without being told, you said the same ${percent(value)} of the time (${percent(low)} to ${percent(high)}).`;
}

export function goldReading({ right, misses, kappa }: GoldCheck): string {
  if (!right) return 'You have not judged an item whose answer is known. Mixed in among the others, such items show how often you are right.';
  const { value, low, high, n } = right;
  const beyond = kappa.defined ? ` Beyond luck that is κ = ${coefficientWords(kappa.value)}.` : '';
  return `Of ${count(n, 'item')} whose answer is known you got ${n - misses.length} right: ${percent(value)} (${percent(low)} to ${percent(high)}).${beyond}`;
}

/** Milliseconds as one says them: "0.6 s", "4.2 s", "62 s". */
export function seconds(milliseconds: number): string {
  const value = milliseconds / 1000;
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} s`;
}

export function timesReading(times: AnswerTimes | null): string {
  if (!times) return 'No answer was timed yet. How long you take for one shows here.';
  const { n, median, quarter, threeQuarters, slowest } = times;
  if (n === 1) return `The one answer that was timed took ${seconds(median)}.`;
  return `You usually take ${seconds(median)} for an answer: half of the ${n} that were timed took ${seconds(quarter)} to ${seconds(threeQuarters)}, the slowest ${seconds(slowest.elapsed)}.`;
}

/** Null where every answer took long enough. */
export function unreadReading({ n, unread, reflex }: AnswerTimes): string | null {
  if (unread === 0) return null;
  const keys = reflex === 0 ? '' : ` ${unread === 1 ? 'It' : `${reflex} of them`} took less than 0.7 s: a key pressed, hardly a choice.`;
  return `${count(unread, 'answer')} of ${n} came faster than the texts can be run over with the eyes.${keys}`;
}

/** What is missing for a table of agreement; null where there is one. */
export function aloneReading({ people, tables }: Pick<LabelerTables, 'people' | 'tables'>): string | null {
  if (tables.size > 0) return null;
  if (people.size < 2) return 'Only one person has judged here. When somebody else judges the same items, here or in a file that you import, this shows how far you agree.';
  return `${people.size} people have judged here, but no item twice. Let them judge the same items, and this shows how far they agree.`;
}

export function conflictsReading(conflicts: number): string {
  return conflicts === 0 ? 'There is nothing that two people judge differently and nobody has settled.' : `On ${count(conflicts, 'item')} two people differ and nobody has settled it.`;
}

/** What people gave, of each kind of answer. */
export const MEASURE_WORDS: Record<Measure, string> = {
  pair: 'Which is better',
  thumb: 'Good or not',
  ranking: 'Places in rankings',
  '1 to 5': 'Ratings from 1 to 5',
  '1 to 10': 'Ratings from 1 to 10',
  '0 to 100': 'Ratings from 0 to 100',
};

/** Everybody's name; of two of one name, each with the beginning of its id. */
export function shownNames(people: ReadonlyMap<string, PersonRater>): Map<string, string> {
  const all = [...people.values()];
  return new Map([...people].map(([key, { name, id }]) => [key, id && all.some((other) => other.name === name && other.id !== id) ? `${name} (${id.slice(0, 4)})` : name]));
}

/** "0.62 [0.48, 0.75]"; a share in percent; a dash where it is not defined. */
export function estimateWords(coefficient: Coefficient, { agreement, interval }: Estimate): string {
  if (!agreement.defined) return '–';
  const format = coefficient === 'percent' ? percent : coefficientWords;
  return `${format(agreement.value)}${interval ? ` ${bracket(interval, format)}` : ''}`;
}

/** To the thousandth: what rounding leaves of a zero is none. */
const coefficientWords = (value: number) => formatNumber(Math.round(1000 * value) / 1000);

const bracket = ({ low, high }: Interval, format: (value: number) => string) => `[${format(low)}, ${format(high)}]`;

/** Why figures of a table are missing, each reason once. */
export function reasonsOf(estimates: readonly Estimate[]): string[] {
  return [...new Set(estimates.flatMap(({ agreement }) => (agreement.defined ? [] : [agreement.because])))];
}
