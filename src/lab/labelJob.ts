import { recordAction } from '../feedback/recording';
import { ruleById } from '../feedback/rules';
import { bayesCeiling, calibrateTemperature, judgeByGold } from '../feedback/simulatedLabeler';
import type { Rater } from '../feedback/judgement';
import type { Database } from '../store/database';
import { appendEvents, loadJudgedDataset } from '../store/judgements';
import { RandomStream } from '../tensor/random';
import { LabFailure } from './failure';
import type { Commands, Result } from './protocol';
import type { Work } from './work';

const BATCH = 200;

/**
 * Let a rule judge a dataset's open comparisons. Each verdict's chance is drawn
 * from the seed and the comparison's place alone, so labelling that was cut off
 * goes on as if it had not been. Temperature and ceiling come from all pairs.
 */
export async function labelWithRule(
  database: Database,
  { datasetId, rule: ruleId, temperature: asked, seed, limit = Infinity }: Commands['labelWithRule']['args'],
  work: Work,
): Promise<Result<'labelWithRule'>> {
  const rule = ruleById(ruleId);
  const { comparisons, states } = await loadJudgedDataset(database, datasetId);
  if (comparisons.length === 0) throw new LabFailure('NothingToLearnFrom', 'This dataset has no pairs yet. Let a model write some first.');
  const scored = comparisons.map((comparison) => {
    const [first, second] = comparison.responses.map((response) => rule.gold(response));
    return { comparison, first, second };
  });
  const gaps = scored.map(({ first, second }) => first - second);
  const temperature = asked === 'calibrated' ? calibrateTemperature(gaps) : asked;
  const ceiling = bayesCeiling(gaps, temperature);
  if (ceiling === null) throw new LabFailure('NothingToLearnFrom', `The rule “${rule.title}” finds both sides of every pair equal. Take another rule, or sample more pairs.`);

  const rater: Rater = { kind: 'simulated', rule: rule.id, temperature };
  const chances = new RandomStream(seed);
  const open = scored.filter(({ comparison }) => !states.has(comparison.id)).slice(0, limit);
  for (let start = 0; start < open.length; start += BATCH) {
    const events = open.slice(start, start + BATCH).map(({ comparison, first, second }) => {
      const verdict = judgeByGold(first, second, temperature, () => chances.fork(`verdict ${comparison.order}`).uniform());
      return recordAction(comparison, rater, { kind: 'judged', verdict }, Date.now());
    });
    await appendEvents(database, events);
    work.progress('Labelling', start + events.length, open.length);
    await work.breathe();
  }
  return { judged: open.length, temperature, ceiling };
}
