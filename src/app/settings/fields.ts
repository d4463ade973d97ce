/*
 * A form is a list of fields over a settings object: the value's place, its
 * name, and what it does in plain words. Defaults never stand here.
 */

/** Place of a value in a settings object, one or two levels deep: 'epochs', 'kl.target'. */
export type PathOf<T> = { [K in keyof T & string]: T[K] extends object ? `${K}.${keyof T[K] & string}` : K }[keyof T & string];

interface FieldBase<T> {
  path: PathOf<T>;
  label: string;
  /** Its name outside the form, where the label would not be understood alone. */
  short?: string;
  /** What it does, and what more or less of it brings. */
  about: string;
  /** Where it means something; elsewhere it is not shown. */
  when?: (settings: T) => boolean;
}

export type SettingField<T> =
  | (FieldBase<T> & {
      kind: 'number';
      min: number;
      max: number;
      whole?: boolean;
      /** Where null is allowed: what an empty field means. */
      empty?: string;
      /** What is wrong with it beside other settings; null where nothing is. */
      clash?: (settings: T) => string | null;
    })
  | (FieldBase<T> & { kind: 'choice'; options: { value: string; label: string }[] })
  | (FieldBase<T> & { kind: 'several'; options: { value: string; label: string }[] })
  | (FieldBase<T> & { kind: 'switch' });

export interface FieldGroup<T> {
  title: string;
  about: string;
  fields: SettingField<T>[];
}

export type SettingValue = number | string | boolean | null | readonly string[];

export function valueAt<T>(settings: T, path: PathOf<T>): SettingValue {
  return path.split('.').reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], settings) as SettingValue;
}

/** A copy of `settings` with one value changed. */
export function withValue<T>(settings: T, path: PathOf<T>, value: SettingValue): T {
  const [key, inner] = path.split('.') as [keyof T, string | undefined];
  return { ...settings, [key]: inner === undefined ? value : { ...settings[key], [inner]: value } };
}

/** The fields that mean something under these settings. */
export function fieldsShown<T>(groups: readonly FieldGroup<T>[], settings: T): SettingField<T>[] {
  return groups.flatMap(({ fields }) => fields).filter(({ when }) => when?.(settings) ?? true);
}

/** What is wrong with a value by itself, and what would be right; null where nothing is. */
export function faultOf<T>(field: SettingField<T>, value: SettingValue): string | null {
  if (field.kind === 'several') return Array.isArray(value) && value.length > 0 ? null : 'Choose at least one.';
  if (field.kind !== 'number') return null;
  if (value === null) return field.empty ? null : 'A number is needed here.';
  if (typeof value !== 'number' || !Number.isFinite(value)) return 'A number is needed here.';
  if (field.whole && !Number.isInteger(value)) return 'A whole number is needed here.';
  if (value < field.min || value > field.max) return `Between ${field.min} and ${field.max}.`;
  return null;
}

/** What is wrong with a field under these settings, by itself or beside the others. */
export function faultAt<T>(field: SettingField<T>, settings: T): string | null {
  return faultOf(field, valueAt(settings, field.path)) ?? (field.kind === 'number' ? (field.clash?.(settings) ?? null) : null);
}

/** True where every value of the form can be used. */
export function isSound<T>(groups: readonly FieldGroup<T>[], settings: T): boolean {
  return fieldsShown(groups, settings).every((field) => faultAt(field, settings) === null);
}
