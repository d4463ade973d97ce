import * as v from 'valibot';
import type { LabEnvironment } from './environment';
import { LabFailure } from './failure';
import type { ShippedModel } from './protocol';

const INDEX = 'models/index.json';
const SHIPPED = 'shipped:';

const Index = v.array(
  v.object({
    name: v.pipe(v.string(), v.regex(/^[a-z0-9-]+$/)),
    title: v.string(),
    about: v.string(),
    parameters: v.pipe(v.number(), v.integer()),
    width: v.pipe(v.number(), v.integer(), v.minValue(1)),
    bytes: v.pipe(v.number(), v.integer()),
  }),
);

/** The files of a model as they are on the wire. */
export interface ModelFiles {
  config: string;
  tokenizer: string;
  weights: Uint8Array;
}

export const isShipped = (modelId: string) => modelId.startsWith(SHIPPED);

/** The models that come with the lab. Throws a `ModelUnavailable` {@link LabFailure}. */
export async function listShipped(assets: LabEnvironment['assets']): Promise<ShippedModel[]> {
  const text = decode(await fetchFile(assets, INDEX, 'list of models'));
  try {
    return v.parse(Index, JSON.parse(text)).map((entry) => ({ ...entry, id: SHIPPED + entry.name }));
  } catch (error) {
    throw new LabFailure('ModelUnavailable', `The list of models that came with this page is damaged (${(error as Error).message}). Reload the page to fetch it again.`);
  }
}

/**
 * Fetch a shipped model's files. A file that is missing or shorter than listed
 * is a `ModelUnavailable` {@link LabFailure}; asking again fetches again.
 */
export async function fetchShipped(assets: LabEnvironment['assets'], modelId: string): Promise<ModelFiles> {
  const model = (await listShipped(assets)).find(({ id }) => id === modelId);
  if (!model) throw new LabFailure('NotFound', `No model named ${modelId.slice(SHIPPED.length)} comes with the lab.`);
  const file = (name: string) => fetchFile(assets, `models/${model.name}/${name}`, `model “${model.title}”`);
  const [config, tokenizer, weights] = await Promise.all([file('config.json'), file('tokenizer.json'), file('model.safetensors')]);
  if (weights.byteLength !== model.bytes)
    throw new LabFailure(
      'ModelUnavailable',
      `Only ${weights.byteLength} of ${model.bytes} bytes of the model “${model.title}” arrived. Nothing is lost; try again.`,
    );
  return { config: decode(config), tokenizer: decode(tokenizer), weights };
}

async function fetchFile(assets: LabEnvironment['assets'], path: string, what: string): Promise<Uint8Array> {
  try {
    return await assets(path);
  } catch (error) {
    throw new LabFailure('ModelUnavailable', `The ${what} could not be fetched (${(error as Error).message}). Nothing is lost; check the connection and try again.`);
  }
}

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
