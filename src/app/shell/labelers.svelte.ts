import { newId } from '../../feedback/identity';
import type { PersonRater } from '../../feedback/judgement';
import type { Database } from '../../store/database';
import { readSetting, writeSetting } from '../../store/settings';
import { lab } from './lab.svelte';

/** A person who judges at this browser. The id tells two of one name apart, here and in every file. */
export interface LabelerProfile {
  id: string;
  name: string;
}

const SETTING = 'labelers';
/** Who judges where nobody has said who it is. */
const NOBODY_IN_PARTICULAR: PersonRater = { kind: 'person', name: 'you' };

/** The people who judge at this browser, one of them at a time. */
class Labelers {
  #profiles = $state.raw<readonly LabelerProfile[]>([]);
  #activeId = $state<string | null>(null);
  #database: Database | null = null;

  #active = $derived(this.#profiles.find(({ id }) => id === this.#activeId) ?? null);
  #rater = $derived<PersonRater>(this.#active ? { kind: 'person', name: this.#active.name, id: this.#active.id } : NOBODY_IN_PARTICULAR);

  get profiles(): readonly LabelerProfile[] {
    return this.#profiles;
  }

  /** Null where nobody has said who judges. */
  get active(): LabelerProfile | null {
    return this.#active;
  }

  /** Whoever judges now, as an event names them. */
  get rater(): PersonRater {
    return this.#rater;
  }

  async open(database: Database): Promise<void> {
    this.#database = database;
    // Profiles are shared between tabs; who judges in this one is not, for two people may sit at two of them.
    database.changes.listen((change) => {
      if (change.of === 'settings' && change.key === SETTING) void this.#read();
    });
    this.#activeId = (await this.#read()) ?? null;
  }

  /** A new profile, which judges from now on. */
  async add(name: string): Promise<void> {
    const profile = { id: newId(), name: named(name) };
    await this.#keep([...this.#profiles, profile], profile.id);
  }

  /** Judgements of this person so far keep the name that they were given under; the id makes them one person's. */
  rename(id: string, name: string): Promise<void> {
    const wanted = named(name);
    return this.#keep(this.#profiles.map((profile) => (profile.id === id ? { id, name: wanted } : profile)), this.#activeId);
  }

  /** Null: whoever judges does not say who it is. */
  choose(id: string | null): Promise<void> {
    return this.#keep(this.#profiles, id);
  }

  async #keep(profiles: readonly LabelerProfile[], activeId: string | null): Promise<void> {
    if (!this.#database) throw new Error(lab.storageError ?? 'The storage is not open yet. Try again in a moment.');
    this.#profiles = profiles;
    this.#activeId = activeId;
    await writeSetting(this.#database, SETTING, { profiles: [...profiles], active: activeId });
  }

  /** @returns who judged last, in whatever tab */
  async #read(): Promise<string | null | undefined> {
    const stored: unknown = this.#database && (await readSetting(this.#database, SETTING));
    if (!isStored(stored)) return undefined;
    this.#profiles = stored.profiles.filter(isProfile);
    return stored.active;
  }
}

function named(name: string): string {
  const trimmed = name.trim();
  if (trimmed === '') throw new Error('A name is needed, so that judgements can be told apart. Nothing was changed.');
  return trimmed;
}

const isStored = (value: unknown): value is { profiles: unknown[]; active: string | null } => typeof value === 'object' && value !== null && 'profiles' in value && Array.isArray(value.profiles) && 'active' in value;

const isProfile = (value: unknown): value is LabelerProfile => typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string' && 'name' in value && typeof value.name === 'string';

export const labelers = new Labelers();
