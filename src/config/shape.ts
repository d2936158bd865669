/**
 * The shape of a metallb.io object: its spec read by the kind's schema, every problem at once.
 *
 * Null counts as unset, in objects and in lists, as the API server prunes it; the paths of problems still count the entries of the list
 * that was written. A field that the schema does not know is a warning and ignored. A message never quotes the value of a text: it might
 * be a password.
 */

import type * as z from 'zod/mini';
import { isJsonObject } from '../is-json-object.ts';
import { nearestOf } from './nearest.ts';
import { type FieldPath, formatFieldPath, hasError, type Parsed, type Problem, problem } from './problem.ts';
import type { Resource } from './resource.ts';

const TOP_LEVEL = ['apiVersion', 'kind', 'metadata', 'spec', 'status'];
const METADATA = [
  ...['name', 'namespace', 'labels', 'annotations', 'creationTimestamp', 'deletionTimestamp', 'finalizers'],
  ...['deletionGracePeriodSeconds', 'generateName', 'generation', 'managedFields', 'ownerReferences'],
  ...['resourceVersion', 'selfLink', 'uid'],
];

/**
 * Reads an object's `spec` by its schema and makes a value of it. Problems that `make` adds count entries as it sees them; the paths that
 * come out are those of the object as it was written. An object without a spec has an empty one.
 */
export function parseSpec<S extends z.ZodMiniType, T>(
  schema: S,
  resource: Resource,
  make: (spec: z.output<S>, problems: Problem[]) => T,
): Parsed<T> {
  const problems: Problem[] = [];
  reportUnknown(Object.keys(resource.body), TOP_LEVEL, [], problems);
  const { metadata, spec = {} } = resource.body;
  if (isJsonObject(metadata)) reportUnknown(Object.keys(metadata), METADATA, ['metadata'], problems);
  const pruned = new Pruned(spec ?? {});
  walkUnknown(schema, pruned.value, [], pruned, problems);
  const result = schema.safeParse(pruned.value);
  const issues = result.success ? [] : result.error.issues;
  problems.push(...issues.map((issue) => problemOf(issue, pruned)));
  const data = result.success ? result.data : repair(schema, pruned.value, issues);
  if (data === undefined) return { value: null, problems };
  const found: Problem[] = [];
  const value = make(data, found);
  const original = (path: FieldPath): FieldPath => (path[0] === 'spec' ? pruned.original(path.slice(1)) : path);
  const faulty = issues.map((issue) => pruned.original(issue.path));
  for (const judged of found.map((p) => ({ ...p, path: original(p.path) })))
    if (!faulty.some((path) => concerns(path, judged.path))) problems.push(judged);
  return { value: hasError(problems) ? null : value, problems, original };
}

/** Whether one path leads to the other, so that what is said of one may come from the other. */
const concerns = (a: FieldPath, b: FieldPath): boolean =>
  b.length > 0 && a.slice(0, Math.min(a.length, b.length)).every((step, i) => step === b[i]);

/**
 * A spec with stand-ins where the schema refused it, so that the rest can still be judged: one faulty field does not hide what is wrong
 * with the others. Nothing that is made of it is used. Undefined where no stand-in helps.
 */
function repair<S extends z.ZodMiniType>(
  schema: S,
  value: unknown,
  issues: readonly z.core.$ZodIssue[],
): z.output<S> | undefined {
  let repaired: unknown = structuredClone(value);
  let left = issues;
  // A stand-in can need another one (an object that was missing has required fields): a few rounds, then it is given up.
  for (let round = 0; round < MAX_REPAIRS; round++) {
    for (const issue of left) repaired = withStandIn(repaired, issue);
    const result = schema.safeParse(repaired);
    if (result.success) return result.data;
    left = result.error.issues;
  }
  return undefined;
}

const MAX_REPAIRS = 5;

function withStandIn(root: unknown, issue: z.core.$ZodIssue): unknown {
  const standIn = standInFor(issue);
  const last = issue.path.at(-1);
  if (last === undefined) return standIn;
  const holder = issue.path
    .slice(0, -1)
    .reduce<unknown>((at, step) => (at as Record<PropertyKey, unknown> | undefined)?.[step], root);
  if (typeof holder !== 'object' || holder === null) return root;
  if (standIn === undefined) Reflect.deleteProperty(holder, last);
  else (holder as Record<PropertyKey, unknown>)[last] = standIn;
  return root;
}

function standInFor(issue: z.core.$ZodIssue): unknown {
  switch (issue.code) {
    case 'invalid_type':
      return STAND_INS[issue.expected];
    case 'too_small':
      return issue.origin === 'array' ? [''] : Number(issue.minimum);
    case 'too_big':
      return Number(issue.maximum);
    case 'invalid_value':
      return issue.values[0];
    default:
      return undefined;
  }
}

const STAND_INS: Readonly<Record<string, unknown>> = {
  string: '',
  boolean: false,
  int: 0,
  number: 0,
  array: [],
  object: {},
  record: {},
};

/** A JSON value without its nulls, and the way back from its paths to those of the original. */
class Pruned {
  readonly value: unknown;
  readonly #indexes = new Map<unknown, readonly number[]>();

  constructor(original: unknown) {
    this.value = this.#prune(original);
  }

  #prune(value: unknown): unknown {
    if (Array.isArray(value)) {
      const kept = value.flatMap((entry, i) => (entry === null || entry === undefined ? [] : [i]));
      const list = kept.map((i) => this.#prune(value[i]));
      if (kept.length < value.length) this.#indexes.set(list, kept);
      return list;
    }
    if (!isJsonObject(value)) return value;
    const entries = Object.entries(value).filter(([, entry]) => entry !== null && entry !== undefined);
    return Object.fromEntries(entries.map(([key, entry]) => [key, this.#prune(entry)]));
  }

  /** What stands on a path of the pruned value. */
  at(path: readonly PropertyKey[]): unknown {
    return path.reduce<unknown>(
      (value, step) =>
        value === null || value === undefined ? undefined : (value as Record<PropertyKey, unknown>)[step],
      this.value,
    );
  }

  /** The path in the object as it was written. */
  original(path: readonly PropertyKey[]): FieldPath {
    let value = this.value;
    const steps: (string | number)[] = ['spec'];
    for (const step of path) {
      const index = typeof step === 'number' ? this.#indexes.get(value)?.[step] : undefined;
      steps.push(index ?? (typeof step === 'number' ? step : String(step)));
      value = value === null || value === undefined ? undefined : (value as Record<PropertyKey, unknown>)[step];
    }
    return steps;
  }
}

function walkUnknown(
  schema: unknown,
  value: unknown,
  path: readonly (string | number)[],
  pruned: Pruned,
  problems: Problem[],
): void {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'optional':
    case 'default':
      walkUnknown(def.innerType, value, path, pruned, problems);
      break;
    case 'array':
      if (Array.isArray(value))
        for (const [i, entry] of value.entries()) walkUnknown(def.element, entry, [...path, i], pruned, problems);
      break;
    case 'object': {
      if (!isJsonObject(value)) break;
      const known = Object.keys(def.shape);
      reportUnknown(Object.keys(value), known, pruned.original(path), problems);
      for (const key of known)
        if (Object.hasOwn(value, key)) walkUnknown(def.shape[key], value[key], [...path, key], pruned, problems);
      break;
    }
    default:
      break;
  }
}

function reportUnknown(keys: readonly string[], known: readonly string[], at: FieldPath, problems: Problem[]): void {
  for (const key of keys.filter((k) => !known.includes(k))) {
    const nearest = nearestOf(key, known);
    const hint = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
    const help = nearest === undefined ? {} : { help: `write ${nearest}, or remove the field: it is ignored` };
    problems.push(
      problem('unknown-field', [...at, key], `unknown field "${formatFieldPath([...at, key])}"${hint}`, help),
    );
  }
}

function problemOf(issue: z.core.$ZodIssue, pruned: Pruned): Problem {
  const path = pruned.original(issue.path);
  const field = formatFieldPath(path);
  const value = pruned.at(issue.path);
  switch (issue.code) {
    case 'invalid_type':
      if (value === undefined) return problem('missing-field', path, `${field} is missing`);
      return wrongType(path, nounOf(issue.expected), value);
    case 'too_small':
      if (issue.origin === 'array')
        return problem('missing-field', path, `${field} must have at least one entry`, { help: 'write an entry' });
      return problem('out-of-range', path, `${field} must be at least ${issue.minimum}, not ${value}`);
    case 'too_big':
      return problem('out-of-range', path, `${field} must be at most ${issue.maximum}, not ${value}`);
    case 'invalid_value': {
      if (value === undefined) return problem('missing-field', path, `${field} is missing`);
      if (typeof value !== 'string') return wrongType(path, 'a text', value);
      const words = issue.values.map(String);
      const nearest = nearestOf(value, words);
      const help = nearest === undefined ? {} : { help: `write ${nearest}` };
      return problem('unknown-value', path, `${field} must be one of ${words.join(', ')}`, help);
    }
    default:
      return problem('wrong-type', path, `${field} has a value that the field cannot have`);
  }
}

function wrongType(path: FieldPath, expected: string, value: unknown): Problem {
  const numeric = typeof value === 'string' && expected.endsWith('number') && /^-?[0-9]+$/.test(value);
  const quoted = expected === 'a text' && (typeof value === 'number' || typeof value === 'boolean');
  const help = numeric
    ? { help: 'write the number without quotes' }
    : quoted
      ? { help: 'write the value in quotes' }
      : {};
  return problem('wrong-type', path, `${formatFieldPath(path)} must be ${expected}, not ${kindOf(value)}`, help);
}

function nounOf(expected: string): string {
  const nouns: Readonly<Record<string, string>> = {
    string: 'a text',
    boolean: 'true or false',
    int: 'a whole number',
    number: 'a number',
    array: 'a list',
    object: 'an object',
    record: 'an object',
  };
  return nouns[expected] ?? expected;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'string':
      return 'a text';
    case 'number':
      return Number.isInteger(value) ? 'a number' : 'a number that is not whole';
    case 'boolean':
      return 'a boolean';
    default:
      return 'an object';
  }
}
