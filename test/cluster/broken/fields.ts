/** The fields of an object, and the object with one of them another. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
export type FieldPath = readonly (string | number)[];

export interface GuideObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [field: string]: Json | object;
}

/** Of a map whose keys are the user's own, all keys are alike. */
const MAPS = ['matchLabels', 'annotations', 'labels', 'data', 'stringData'];

export interface Field {
  readonly path: FieldPath;
  /** The path without what differs from object to object: `spec.addresses[]`, `data.*`. */
  readonly pattern: string;
  readonly value: Json;
}

/** Every list of an object, and every value that is neither list nor map; of those that are alike the first. */
export function fieldsOf(object: Json): readonly Field[] {
  const byPattern = Map.groupBy(walk(object, [], ''), ({ pattern }) => pattern);
  return [...byPattern.values()].flatMap(([first]) => first ?? []);
}

function walk(value: Json, path: FieldPath, pattern: string): readonly Field[] {
  if (Array.isArray(value)) {
    const entries = value as readonly Json[];
    return [{ path, pattern, value }, ...entries.flatMap((one, i) => walk(one, [...path, i], `${pattern}[]`))];
  }
  if (typeof value !== 'object' || value === null) return [{ path, pattern, value }];
  const keyed = MAPS.includes(String(path.at(-1)));
  return Object.entries(value).flatMap(([name, one]) =>
    walk(one, [...path, name], pattern === '' ? name : `${pattern}.${keyed ? '*' : name}`),
  );
}

/** The object with another value in one place. */
export function withField<T extends Json | object>(object: T, [first, ...rest]: FieldPath, value: Json): T {
  if (first === undefined) return value as T;
  if (Array.isArray(object)) return object.with(Number(first), withField(object[Number(first)], rest, value)) as T;
  const fields = object as Readonly<Record<string, Json>>;
  return { ...fields, [first]: withField(fields[first] ?? {}, rest, value) } as T;
}
