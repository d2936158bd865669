/** Values of JSON: looked into, compared and copied. */
import { isJsonObject } from '../is-json-object.ts';
import type { ApiObject, Json } from './types.ts';

/** JSON that may be changed: a copy that nobody else holds. */
export type Draft = { [field: string]: unknown };

export const isObject: (value: unknown) => value is Json = isJsonObject;

/** The object at this place, or an empty one: for reading only. */
export const objectAt = (value: unknown, ...path: readonly string[]): Json => {
  const found = valueAt(value, ...path);
  return isObject(found) ? found : {};
};

/** What is at this place, or undefined. */
export function valueAt(value: unknown, ...path: readonly string[]): unknown {
  let at = value;
  for (const step of path) {
    if (!isObject(at) || !Object.hasOwn(at, step)) return undefined;
    at = at[step];
  }
  return at;
}

export const listAt = (value: unknown, ...path: readonly string[]): readonly unknown[] => {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? found : [];
};

export const textAt = (value: unknown, ...path: readonly string[]): string => {
  const found = valueAt(value, ...path);
  return typeof found === 'string' ? found : '';
};

/** The object inside a draft under this field, made where there is none. */
export function draftAt(draft: Draft, ...path: readonly string[]): Draft {
  let at = draft;
  for (const step of path) {
    const next = Object.hasOwn(at, step) ? at[step] : undefined;
    if (isObject(next)) at = next as Draft;
    else {
      const made: Draft = {};
      at[step] = made;
      at = made;
    }
  }
  return at;
}

/** The objects of a list inside a draft. */
export const draftsIn = (draft: Draft, ...path: readonly string[]): Draft[] =>
  listAt(draft, ...path).filter((item): item is Draft => isObject(item));

/** Sets a field that is absent or null. */
export function setDefault(draft: Draft, field: string, value: unknown): void {
  if (draft[field] === undefined || draft[field] === null) draft[field] = value;
}

/** Equality by meaning: the order of fields does not count, an undefined field is an absent one. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => sameJson(item, b[index]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  for (const field of Object.keys(a)) if (!sameJson(a[field], b[field])) return false;
  for (const field of Object.keys(b)) if (b[field] !== undefined && a[field] === undefined) return false;
  return true;
}

export const cloneJson = <T>(value: T): T => structuredClone(value);

/** The same object with other metadata. */
export const withMeta = (object: ApiObject, changes: Partial<ApiObject['metadata']>): ApiObject => ({
  ...object,
  metadata: { ...object.metadata, ...changes },
});

/** The object without this field of its metadata. */
export function withoutMeta(object: ApiObject, field: keyof ApiObject['metadata']): ApiObject {
  const { [field]: _, ...metadata } = object.metadata;
  return { ...object, metadata: metadata as ApiObject['metadata'] };
}
