import type { Choice } from '../../feedback/judgement';
import { IN_ORDER, isStrategy, type Strategy } from '../../feedback/scheduling';
import { MOST_RANKED, settingsOf, type RankedBy, type RewardReport } from '../../lab/protocol';
import { setCollecting } from '../../store/datasets';
import type { Collecting } from '../../store/schema';
import { lab } from '../shell/lab.svelte';
import { notices } from '../shell/notices.svelte';
import { shelf } from '../shell/shelf.svelte';
import { plan } from './plan';
import { labelers } from '../shell/labelers.svelte';
import { queue } from './queue.svelte';

// Enough to be judged while what is open is ranked anew.
const FEW_LEFT = 8;

/** What a strategy goes by. */
interface Judge {
  /** Other for another judge, and for the same one once it has learned more. */
  version: string;
  name: string;
  by: RankedBy;
}

/** A ranking that was asked for: of which dataset, by whom, of how many items. */
interface Ranked {
  datasetId: string;
  version: string;
  of: number;
  ids: readonly string[];
}

/** How the items of the dataset in use come before the labeler, and the ranking that its strategy goes by. */
class NextUp {
  #ranked = $state.raw<Ranked | null>(null);
  #refreshing = $state(false);
  /** A judge that could not be asked, or was not waited for: it is not asked again unasked. */
  #givenUp = $state<string | null>(null);

  /** What was chosen last, until the dataset is read again: a second choice soon after must not undo the first. */
  #chosen: { datasetId: string; collecting: Collecting; read: Collecting } | null = null;

  #collecting = $derived<Collecting>(shelf.activeDataset?.collecting ?? IN_ORDER);
  #judges = $derived<Record<Strategy, Judge | null>>({ uncertain: committee(), moved: policy() });

  get collecting(): Collecting {
    return this.#collecting;
  }

  get job() {
    return lab.job('rankOpen');
  }

  /** What the strategy in use goes by; null where nothing is ranked, or nobody can. */
  get judge(): Judge | null {
    return isStrategy(this.#collecting.next) ? this.#judges[this.#collecting.next] : null;
  }

  /** The ranking of the dataset in use by the strategy in use, if it is there. */
  get ranked(): Ranked | null {
    const ours = this.#ranked?.datasetId === shelf.activeDataset?.id && this.#ranked?.version === this.judge?.version;
    return ours ? this.#ranked : null;
  }

  /** Why something cannot choose, and what would help; null where it can. */
  reasonAgainst(choice: Choice): string | null {
    if (!isStrategy(choice) || this.#judges[choice]) return null;
    return choice === 'uncertain' ? 'Needs a reward model of two or more members: train one in Reward.' : 'Needs a model that has begun to learn: let a run go on for a few iterations in Optimise.';
  }

  /** There is no ranking by the judge as it is now, or what it ranked is nearly used up and there is more to rank. */
  get stale(): boolean {
    // The plan counts what is left whenever something else comes.
    void queue.current;
    const { judge, ranked } = this;
    if (!judge || !lab.ready || !queue.loaded || this.#refreshing || this.#givenUp === judge.version) return false;
    if (!ranked) return true;
    return plan.left < Math.min(FEW_LEFT, ranked.ids.length) || (plan.left < FEW_LEFT && queue.comparisons.length > ranked.of);
  }

  /** Rank what is open. A failure is told; here it ends quietly. */
  async refresh(): Promise<void> {
    const { judge, collecting: { everyone } } = this;
    const dataset = shelf.activeDataset;
    if (!judge || !dataset || this.#refreshing) return;
    this.#refreshing = true;
    const of = queue.comparisons.length;
    try {
      const args = { datasetId: dataset.id, limit: MOST_RANKED, ...(everyone && { rater: labelers.rater }), ...judge.by };
      const { ranked } = await lab.begin('rankOpen', args, 'Looking for what to judge next', 'What is open could not be ranked').result;
      const ids = ranked.map(({ comparisonId }) => comparisonId);
      plan.rank(dataset.id, ids);
      this.#ranked = { datasetId: dataset.id, version: judge.version, of, ids };
    } catch {
      this.#givenUp = judge.version;
    } finally {
      this.#refreshing = false;
    }
  }

  /** Change how items come; kept with the dataset. */
  async choose(change: Partial<Collecting>): Promise<void> {
    const dataset = shelf.activeDataset;
    if (!dataset || !lab.database) return;
    this.#givenUp = null;
    const read = this.#collecting;
    const before = this.#chosen?.datasetId === dataset.id && this.#chosen.read === read ? this.#chosen.collecting : read;
    const collecting = { ...before, ...change };
    this.#chosen = { datasetId: dataset.id, collecting, read };
    try {
      await setCollecting(lab.database, dataset.id, collecting);
    } catch (error) {
      this.#chosen = null;
      notices.report('The choice could not be kept', error);
    }
  }
}

/** The reward model in use, where its members can disagree. */
function committee(): Judge | null {
  const model = shelf.activeRewardModel;
  const members = (model?.report as RewardReport | undefined)?.ensemble?.members.length ?? 1;
  if (!model || members < 2) return null;
  return { version: model.id, name: model.name, by: { by: 'uncertain', rewardModelId: model.id } };
}

/** The run in use, as its last checkpoint has it, for what it learned since is not kept yet; else the model that was tuned last. */
function policy(): Judge | null {
  const run = shelf.activeRun;
  const every = run ? settingsOf(run).checkpointEvery : 1;
  const kept = run ? run.iteration - (run.status === 'running' ? run.iteration % every : 0) : 0;
  if (run && kept > 0) return { version: `${run.id} ${kept}`, name: run.name, by: { by: 'moved', runId: run.id } };
  const tuned = shelf.tunedModels.at(-1);
  return tuned ? { version: tuned.id, name: tuned.name, by: { by: 'moved', modelId: tuned.id } } : null;
}

export const nextUp = new NextUp();
