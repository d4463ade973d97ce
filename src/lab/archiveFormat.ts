import { unzipSync } from 'fflate';
import * as v from 'valibot';
import type { TrainerProgress } from '../rl/checkpoint';
import { DpoModelReportSchema } from './dpoSchema';
import { LabFailure } from './failure';
import { MeasuredMixSchema } from './mixSchema';
import { PpoSettingsSchema } from './ppoSchema';
import { RewardModelReportSchema } from './rewardSchema';
import { SftModelReportSchema } from './sftSchema';
import { VariantsSchema } from './trialMemory';

/*
 * One file with everything that a run is: a zip of `run.json` (its record,
 * metrics, samples and the state of its last checkpoint), that checkpoint's
 * tensors, and the weights of every model that does not ship with the lab.
 */

export const FORMAT = 'nudge-run';
export const VERSION = 1;
export const MANIFEST = 'run.json';
export const CHECKPOINT = 'checkpoint.safetensors';
export const modelFile = (index: number) => `model-${index}.safetensors`;

// Bounds on what a file may make this page unpack.
const MOST_BYTES = 1 << 30;
const MOST_MANIFEST_BYTES = 64 << 20;

const Sized = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Name = v.pipe(v.string(), v.maxLength(200));
const Finite = v.pipe(v.number(), v.finite());
const AnyObject = v.record(v.string(), v.unknown());

const RandomState = v.object({ seed: Sized, counter: Sized });
const Progress: v.GenericSchema<unknown, TrainerProgress> = v.object({
  iteration: Sized,
  episodes: Sized,
  kl: v.object({ coefficient: v.pipe(Finite, v.minValue(0)), targetReached: v.boolean() }),
  baseline: v.optional(Finite),
  optimiserStep: Sized,
  rollout: RandomState,
  minibatches: RandomState,
});

const modelFields = { id: v.string(), name: Name, created: Finite, config: AnyObject, tokenizer: AnyObject, baseModelId: v.optional(v.string()) };
const TuningReportSchema = v.lazy((report) => ((report as { by?: unknown } | null)?.by === 'examples' ? SftModelReportSchema : DpoModelReportSchema));
const RewardModelSchema = v.object({ ...modelFields, kind: v.literal('reward'), report: v.optional(RewardModelReportSchema) });
const LanguageModelSchema = v.object({ ...modelFields, kind: v.literal('language'), report: v.optional(TuningReportSchema) });
// A report is what its kind of model has.
const ModelSchema = v.lazy((model) => ((model as { kind?: unknown } | null)?.kind === 'reward' ? RewardModelSchema : LanguageModelSchema));

const ManifestSchema = v.object({
  format: v.literal(FORMAT),
  version: v.literal(VERSION),
  run: v.object({
    name: Name,
    created: Finite,
    status: v.picklist(['ready', 'running', 'paused', 'finished', 'stopped', 'failed']),
    note: v.optional(v.pipe(v.string(), v.maxLength(2000))),
    baseModelId: v.string(),
    rewardModelId: v.optional(v.string()),
    reward: v.optional(MeasuredMixSchema),
    settings: PpoSettingsSchema,
    seed: Sized,
    goldRule: v.optional(Name),
    prompts: v.optional(v.array(v.string())),
    version: Name,
    adapter: Name,
    variants: v.optional(VariantsSchema),
    iteration: Sized,
    iterations: Sized,
  }),
  models: v.array(ModelSchema),
  metrics: v.array(v.object({ iteration: Sized, at: Finite, metrics: v.record(v.string(), Finite) })),
  samples: v.array(
    v.object({
      iteration: Sized,
      samples: v.array(
        v.object({
          prompt: v.string(),
          response: v.string(),
          score: Finite,
          kl: Finite,
          gold: v.optional(Finite),
          tokens: v.array(v.looseObject({ text: v.string(), logProb: Finite, referenceLogProb: Finite })),
        }),
      ),
    }),
  ),
  checkpoint: v.nullable(v.object({ iteration: Sized, created: Finite, good: v.boolean(), state: Progress })),
});
export type Manifest = v.InferOutput<typeof ManifestSchema>;

/** The files of an archive, none unpacked beyond the bounds. Throws a `BadArchive` {@link LabFailure}, as everything here does. */
export function unpack(archive: Uint8Array): Record<string, Uint8Array> {
  let total = 0;
  let names = 0;
  try {
    return unzipSync(archive, {
      filter: ({ name, originalSize }) => {
        const known = name === MANIFEST || name === CHECKPOINT || /^model-[01]\.safetensors$/.test(name);
        if (!known || ++names > 4) throw bad(`it holds the unknown file ${JSON.stringify(name.slice(0, 80))}`);
        total += originalSize;
        if (total > MOST_BYTES || (name === MANIFEST && originalSize > MOST_MANIFEST_BYTES)) throw bad('it is too large to unpack here');
        return true;
      },
    });
  } catch (error) {
    throw error instanceof LabFailure ? error : bad('it is not a zip file, or was cut off');
  }
}

export function readManifest(files: Record<string, Uint8Array>): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(fileOf(files, MANIFEST)));
  } catch (error) {
    throw error instanceof LabFailure ? error : bad(`its ${MANIFEST} is not JSON`);
  }
  const parsed = v.safeParse(ManifestSchema, json, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw bad(`in its ${MANIFEST}, ${v.getDotPath(issue) ?? 'the whole'}: ${issue.message}`);
}

export function fileOf(files: Record<string, Uint8Array>, name: string): Uint8Array {
  if (!Object.hasOwn(files, name)) throw bad(`${name} is missing from it`);
  return files[name];
}

/** The error of a file that is no run. */
export function bad(reason: string): LabFailure {
  return new LabFailure('BadArchive', `This file cannot be opened as a run: ${reason}. Nothing was changed.`);
}
