import { recordAction } from '../feedback/recording';
import { ruleById } from '../feedback/rules';
import { answersInMedia } from '../feedback/shown';
import { bayesCeiling, calibrateTemperature, goldBars, lengthBiasOf, SIMULATED_FORMS, taste } from '../feedback/simulatedLabeler';
import type { Rater } from '../feedback/judgement';
import type { Database } from '../store/database';
import { appendEvents, loadJudgedDataset } from '../store/judgements';
import { RandomStream } from '../tensor/random';
import { LabFailure } from './failure';
import type { Commands, Result } from './protocol';
import type { Work } from './work';

const BATCH = 200;

/**
 * Let a rule judge a dataset's open comparisons of texts, those that the form fits. Each
 * verdict's chance is drawn from the seed and the comparison's place alone, so
 * labelling that was cut off goes on as if it had not been. Temperature and
 * ceiling come from all comparisons that the form fits: from the gaps between
 * their responses or, where each is judged alone, from the median of all.
 */
export async function labelWithRule(
  database: Database,
  { datasetId, rule: ruleId, temperature: asked, seed, limit = Infinity, form: formName = 'pair', lengthBias: share = 0, ceiling: wanted }: Commands['labelWithRule']['args'],
  work: Work,
): Promise<Result<'labelWithRule'>> {
  const rule = ruleById(ruleId);
  if (!Object.hasOwn(SIMULATED_FORMS, formName)) throw new LabFailure('BadCommand', `There is no form “${formName}”. Take one of ${Object.keys(SIMULATED_FORMS).join(', ')}.`);
  const { responses: [fewest, most], alone, judge } = SIMULATED_FORMS[formName];
  const { comparisons, states } = await loadJudgedDataset(database, datasetId);
  if (comparisons.length === 0) throw new LabFailure('NothingToLearnFrom', 'This dataset has no pairs yet. Let a model write some first.');
  // A rule reads: it would find all pictures equally bad.
  const texts = comparisons.filter((comparison) => !answersInMedia(comparison));
  if (texts.length === 0) throw new LabFailure('NothingToLearnFrom', 'All items of this dataset are pictures, sounds or films, and a rule judges only texts. Judge them yourself, or take a dataset of texts.');
  const fitting = texts.filter(({ responses }) => responses.length >= fewest && responses.length <= most);
  if (fitting.length === 0)
    throw new LabFailure('NothingToLearnFrom', `The form “${formName}” judges ${fewest === most ? fewest : `${fewest} to ${most}`} texts at a time, and nothing in this dataset has as many. Take another form, or sample others.`);
  const lengthBias = share === 0 ? undefined : lengthBiasOf(rule, fitting.flatMap(({ responses }) => responses), share);
  const felt = taste(rule, lengthBias);
  const scored = fitting.map((comparison) => ({ comparison, golds: comparison.responses.map(felt) }));
  const bars = goldBars(scored.flatMap(({ golds }) => golds));
  const gaps = scored.flatMap(({ golds }) => (alone ? golds.map((gold) => gold - bars.median) : golds.flatMap((gold, i) => golds.slice(i + 1).map((other) => gold - other))));
  const temperature = asked === 'calibrated' ? calibrateTemperature(gaps, wanted) : asked;
  const ceiling = bayesCeiling(gaps, temperature);
  if (ceiling === null) throw new LabFailure('NothingToLearnFrom', `The rule “${rule.title}” finds both sides of every pair equal. Take another rule, or sample more pairs.`);

  const rater: Rater = { kind: 'simulated', rule: rule.id, temperature, ...(lengthBias !== undefined && { lengthBias }) };
  const chances = new RandomStream(seed);
  const open = scored.filter(({ comparison }) => !states.has(comparison.id)).slice(0, limit);
  for (let start = 0; start < open.length; start += BATCH) {
    const events = open.slice(start, start + BATCH).map(({ comparison, golds }) => {
      const chance = chances.fork(`verdict ${comparison.order}`);
      return recordAction(comparison, rater, { kind: 'judged', ...judge(golds, { ...bars, temperature }, () => chance.uniform()) }, Date.now());
    });
    await appendEvents(database, events);
    work.progress('Labelling', start + events.length, open.length);
    await work.breathe();
  }
  return { judged: open.length, temperature, ceiling };
}
