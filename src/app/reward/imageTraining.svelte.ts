import type { Attachment } from '../../feedback/judgement';
import { judgedPictures } from '../../feedback/judgedPictures';
import { answersInMedia } from '../../feedback/shown';
import { IMAGE_REWARD_DEFAULTS, type ImageRewardReport } from '../../lab/protocol';
import type { ModelRecord } from '../../store/schema';
import { queue } from '../collect/queue.svelte';
import { lab } from '../shell/lab.svelte';
import { LossCurve } from '../shell/lossCurve.svelte';
import { shelf } from '../shell/shelf.svelte';
import type { JudgedPictures } from './imageReading';

/** A picture with what a model gives it. */
export interface ScoredPicture {
  picture: Attachment;
  score: number;
  judged: boolean;
}

/** The training of an image reward model on the dataset in use, and the order that such a model brings its pictures into. */
class ImageTraining {
  readonly #curve = new LossCurve();
  #chosen = $state<string | null>(null);
  /** Scores by model, then by picture: of this visit, and not kept beyond it. */
  #scores = $state.raw<ReadonlyMap<string, ReadonlyMap<string, number>>>(new Map());

  /** Of each judgement, the pictures that it speaks of. */
  readonly #judgements = $derived(judgedPictures(queue.comparisons, queue.states));
  readonly #judged = $derived<ReadonlySet<string>>(new Set(this.#judgements.flat()));
  /** The pictures that are responses, each once, in the order of the queue. */
  readonly #pictures = $derived<readonly Attachment[]>([
    ...new Map(queue.comparisons.flatMap(({ attachments = [] }) => attachments.filter(({ of, type }) => of !== 'prompt' && type.startsWith('image/')).map((picture) => [picture.mediaId, picture] as const))).values(),
  ]);
  readonly #alone = $derived(this.#judgements.length > 0 && !queue.comparisons.some((comparison) => !answersInMedia(comparison) && queue.states.get(comparison.id)?.status === 'judged'));

  /** What there is to learn from. */
  get lesson(): JudgedPictures {
    return { judgements: this.#judgements.length, judged: this.#judged.size, pictures: this.#pictures.length };
  }

  /** All that is judged here are pictures: there is no text to learn from. */
  get alone(): boolean {
    return this.#alone;
  }

  /** Image reward models of the dataset in use, oldest first. */
  get models(): readonly ModelRecord[] {
    return shelf.models.filter(({ kind, datasetId }) => kind === 'image-reward' && datasetId === shelf.activeDataset?.id);
  }

  /** The one that is looked at: the chosen one, else the newest. */
  get model(): ModelRecord | null {
    return this.models.find(({ id }) => id === this.#chosen) ?? this.models.at(-1) ?? null;
  }

  /** What was found of it; null of one that came without a report. */
  get report(): ImageRewardReport | null {
    return (this.model?.report as ImageRewardReport | undefined) ?? null;
  }

  /** Loss of each step so far, of the training under way or of the last one in this visit. */
  get losses(): readonly { step: number; loss: number }[] {
    return this.#curve.points;
  }

  /** How many steps there will be. */
  get steps(): number {
    return this.#curve.steps;
  }

  get job() {
    return lab.job('trainImageReward');
  }

  /** There is something to learn from, and nothing is in the way. */
  get possible(): boolean {
    return lab.ready && !this.job && this.#judgements.length > 1;
  }

  get scoring() {
    return lab.job('scoreImages');
  }

  /** Pictures in the order of the model that is looked at, the best first; null where they were not scored in this visit. */
  get ranking(): readonly ScoredPicture[] | null {
    const scores = this.#scores.get(this.model?.id ?? '');
    if (!scores) return null;
    return this.#pictures
      .flatMap((picture): ScoredPicture[] => {
        const score = scores.get(picture.mediaId);
        return score === undefined ? [] : [{ picture, score, judged: this.#judged.has(picture.mediaId) }];
      })
      .sort((a, b) => b.score - a.score);
  }

  choose(modelId: string): void {
    this.#chosen = modelId;
  }

  /** Train on the judgements of pictures in the dataset in use, and let the new model order all of its pictures. */
  async start(): Promise<void> {
    const dataset = shelf.activeDataset;
    if (!dataset || this.job) return;
    const name = `Image reward model ${shelf.models.filter(({ kind }) => kind === 'image-reward').length + 1}`;
    const done = await this.#curve.follow(() => lab.begin('trainImageReward', { datasetId: dataset.id, name, settings: IMAGE_REWARD_DEFAULTS }, 'Training the image reward model'));
    if (!done) return;
    this.#chosen = done.modelId;
    if (shelf.activeDataset?.id === dataset.id) await this.rank(done.modelId);
  }

  /** Score every picture of the dataset in use. */
  async rank(modelId: string): Promise<void> {
    const mediaIds = this.#pictures.map(({ mediaId }) => mediaId);
    if (this.scoring || mediaIds.length === 0) return;
    try {
      const { scores } = await lab.begin('scoreImages', { rewardModelId: modelId, mediaIds }, 'Scoring the pictures').result;
      this.#scores = new Map([...this.#scores, [modelId, new Map(mediaIds.map((id, i) => [id, scores[i]]))]]);
    } catch {
      // The job has told the person.
    }
  }
}

export const imageTraining = new ImageTraining();
