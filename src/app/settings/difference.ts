import { PPO_PRESETS, presetFor, type PpoPresetName, type PpoSettings } from '../../lab/protocol';
import { type FieldGroup, fieldsShown, type SettingField, type SettingValue, valueAt } from './fields';
import { PPO_FIELDS } from './ppoFields';

/** The fields that mean something in `a` and whose values differ in `b`. */
export function differingFields<T>(groups: readonly FieldGroup<T>[], a: T, b: T): SettingField<T>[] {
  return fieldsShown(groups, a).filter((field) => !same(valueAt(a, field.path), valueAt(b, field.path)));
}

/** Lists are the same in any order. */
function same(a: SettingValue, b: SettingValue): boolean {
  return Array.isArray(a) && Array.isArray(b) ? a.length === b.length && a.every((entry) => b.includes(entry)) : a === b;
}

/** A value as the form would show it. */
export function wordOf<T>(field: SettingField<T>, value: SettingValue): string {
  if (field.kind === 'choice') return field.options.find((option) => option.value === value)?.label ?? String(value);
  if (field.kind === 'several') return field.options.filter((option) => (value as readonly string[]).includes(option.value)).map(({ label }) => label).join(' and ');
  if (field.kind === 'switch') return value ? 'on' : 'off';
  return value === null ? (field.empty ?? 'none') : String(value);
}

/** A field's name within a sentence. */
export function nameOf<T>(field: SettingField<T>): string {
  return field.short ?? field.label.charAt(0).toLowerCase() + field.label.slice(1);
}

/** The preset that the settings of a run of a model of this width are nearest to, and what differs from it. */
export function nearestPreset(settings: PpoSettings, width?: number): { name: PpoPresetName; title: string; differences: string[] } {
  const candidates = (Object.keys(PPO_PRESETS) as PpoPresetName[]).map((name) => ({ name, title: PPO_PRESETS[name].title, fields: differingFields(PPO_FIELDS, settings, presetFor(name, width)) }));
  const nearest = candidates.reduce((best, candidate) => (candidate.fields.length < best.fields.length ? candidate : best));
  return { name: nearest.name, title: nearest.title, differences: nearest.fields.map((field) => `${nameOf(field)} ${wordOf(field, valueAt(settings, field.path))}`) };
}

/** What a name may be in an archive (archiveFormat.ts) is longer; this is what a list can show. */
const LONGEST_NAME = 120;

/** The name of a new run, the `number`th: what differs from its preset. */
export function runName(settings: PpoSettings, width: number | undefined, number: number): string {
  const name = `Run ${number}: ${describeSettings(settings, width)}`;
  return name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME - 2)} …`;
}

/** A run in a list: its name, and what differs from its preset where the name does not say so. */
export function runTitle(name: string, settings: PpoSettings, width?: number): string {
  const description = describeSettings(settings, width);
  return name.includes(description) ? name : `${name} · ${description}`;
}

/** A run of a model of this width in a few words: its preset, and what is changed. */
export function describeSettings(settings: PpoSettings, width?: number): string {
  const { title, differences } = nearestPreset(settings, width);
  return differences.length === 0 ? title : `${title}; ${differences.join(', ')}`;
}
