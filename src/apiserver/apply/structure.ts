/**
 * How a value is taken apart for server-side apply: by field, by item, or not at all (structured-merge-diff: typed). What a schema does not say is
 * taken as Kubernetes takes it: objects by field, lists as one value.
 */
import { isObject, sameJson } from '../json.ts';
import { builtInSchema, OBJECT_META } from '../schema/built-in.ts';
import { ANYTHING, type SchemaNode, schemaNode } from '../schema/schema-node.ts';
import { keysOf, stableText } from '../schema/validate.ts';
import type { ResourceDefinition, VersionDefinition } from '../types.ts';
import { FieldSet } from './field-set.ts';

export interface Part {
  readonly element: string;
  readonly value: unknown;
  readonly node: SchemaNode;
  /** A field that the schema names, in contrast to the key of a map or an item. */
  readonly named: boolean;
}

const types = new WeakMap<VersionDefinition, SchemaNode>();

/** The structure of a resource's objects, their metadata included. */
export function structureOf(definition: ResourceDefinition, version: VersionDefinition): SchemaNode {
  let node = types.get(version);
  if (node === undefined) {
    const own = schemaNode(version.schema ?? builtInSchema(definition.kind));
    const text = schemaNode({ type: 'string' });
    const properties = new Map([
      ...own.properties,
      ['apiVersion', text],
      ['kind', text],
      ['metadata', schemaNode(OBJECT_META)],
    ] as const);
    node = { ...own, properties };
    types.set(version, node);
  }
  return node;
}

/** The parts of a value; null where it is one value: a scalar, an atomic map or list. */
export function partsOf(value: unknown, node: SchemaNode): readonly Part[] | null {
  if (Array.isArray(value)) return itemsOf(value, node);
  if (!isObject(value) || node.atomicMap) return null;
  return Object.entries(value).map(([name, content]) => {
    const property = node.properties.get(name);
    return {
      element: `f:${name}`,
      value: content,
      node: property ?? node.additional ?? ANYTHING,
      named: property !== undefined,
    };
  });
}

function itemsOf(list: readonly unknown[], schema: SchemaNode): readonly Part[] | null {
  const { listType, items } = schema;
  const node = items ?? ANYTHING;
  if (listType === 'atomic') return null;
  if (listType === 'set')
    return list.map((value) => ({ element: `v:${stableText(value)}`, value, node, named: false }));
  const parts: Part[] = [];
  for (const value of list) {
    // An item that is no object has no keys: such a list is one value until somebody puts it right.
    if (!isObject(value)) return null;
    parts.push({ element: `k:${stableText(keysOf(value, schema))}`, value, node, named: false });
  }
  return parts;
}

/** The fields of what a manager applies: those that it is to own. */
export function fieldsOf(value: unknown, node: SchemaNode): FieldSet {
  const set = new FieldSet();
  collect(value, node, [], set);
  return set;
}

function collect(value: unknown, node: SchemaNode, path: readonly string[], set: FieldSet): void {
  for (const part of partsOf(value, node) ?? []) {
    const at = [...path, part.element];
    const below = partsOf(part.value, part.node);
    // Also an empty list of items: Kubernetes leaves it to nobody, and so an apply of one is not the same twice.
    if (below === null || below.length === 0 || !part.named) set.insert(at);
    if (below !== null) collect(part.value, part.node, at, set);
  }
}

/** The set with those fields that the schema names and that have members beneath them. */
export function withNamedFields(set: FieldSet, node: SchemaNode): FieldSet {
  const paths: (readonly string[])[] = [...set.paths()];
  addNamed(set, node, [], paths);
  return FieldSet.of(paths);
}

function addNamed(set: FieldSet, node: SchemaNode, path: readonly string[], paths: (readonly string[])[]): void {
  for (const [element, child] of set.parents()) {
    const at = [...path, element];
    const property = element.startsWith('f:') ? node.properties.get(element.slice(2)) : undefined;
    if (property !== undefined) paths.push(at);
    const below = property ?? (element.startsWith('f:') ? node.additional : node.items) ?? ANYTHING;
    addNamed(child, below, at, paths);
  }
}

export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

/** What became of an object, field by field. */
export function compareFields(before: unknown, after: unknown, node: SchemaNode): Comparison {
  const comparison = { added: new FieldSet(), modified: new FieldSet(), removed: new FieldSet() };
  diff(before, after, node, [], comparison);
  return comparison;
}

function diff(before: unknown, after: unknown, node: SchemaNode, path: readonly string[], found: Comparison): void {
  if (sameJson(before, after) && before !== undefined) return;
  const [left, right] = [partsOrNone(before, node), partsOrNone(after, node)];
  const isWhole = (parts: readonly Part[] | null | undefined): boolean => parts === null;
  const hasParts = (left?.length ?? 0) > 0 || (right?.length ?? 0) > 0;
  if (!hasParts || ((isWhole(left) || left === undefined) && (isWhole(right) || right === undefined))) {
    if (before === undefined) found.added.insert(path);
    else if (after === undefined) found.removed.insert(path);
    else found.modified.insert(path);
    return;
  }
  // What was taken apart and is one value now, or the other way round, has changed as a whole too.
  if (before !== undefined && after !== undefined && isWhole(left) !== isWhole(right)) found.modified.insert(path);
  const old = new Map((left ?? []).map((part) => [part.element, part]));
  for (const part of right ?? []) {
    diff(old.get(part.element)?.value, part.value, part.node, [...path, part.element], found);
    old.delete(part.element);
  }
  for (const part of old.values()) diff(part.value, undefined, part.node, [...path, part.element], found);
  if (before === undefined) found.added.insert(path);
  else if (after === undefined) found.removed.insert(path);
}

const partsOrNone = (value: unknown, node: SchemaNode): readonly Part[] | null | undefined =>
  value === undefined ? undefined : partsOf(value, node);
