/** Merging what is applied into what is there, and taking away what is no longer applied (structured-merge-diff: typed, merge and remove). */
import { isObject } from '../json.ts';
import type { SchemaNode } from '../schema/schema-node.ts';
import type { FieldSet } from './field-set.ts';
import { type Part, partsOf } from './structure.ts';

/** The value with the applied one in it; where both say something, the applied one counts. */
export function mergeApplied(live: unknown, applied: unknown, node: SchemaNode): unknown {
  if (applied === undefined) return live;
  const [old, wanted] = [partsOf(live, node), partsOf(applied, node)];
  if (old === null || wanted === null || Array.isArray(live) !== Array.isArray(applied)) return applied;
  return Array.isArray(applied) ? mergeItems(old, wanted) : mergeFields(old, wanted);
}

function mergeFields(old: readonly Part[], wanted: readonly Part[]): unknown {
  const merged = new Map(old.map((part) => [part.element, part.value]));
  for (const part of wanted) merged.set(part.element, mergeApplied(merged.get(part.element), part.value, part.node));
  return Object.fromEntries([...merged].map(([element, value]) => [element.slice(2), value]));
}

/** Items that are applied come in their order; each other one stays behind the one that it followed, and before new ones. */
function mergeItems(old: readonly Part[], wanted: readonly Part[]): unknown {
  const merged: unknown[] = [];
  const places = new Map(old.map((part, index) => [part.element, index]));
  const isWanted = new Set(wanted.map((part) => part.element));
  let next = 0;
  const takeUntil = (end: number): void => {
    for (; next < end; next++) {
      const part = old[next] as Part;
      if (!isWanted.has(part.element)) merged.push(part.value);
    }
  };
  for (const part of wanted) {
    const shared = old.findIndex((other, index) => index >= next && isWanted.has(other.element));
    takeUntil(shared < 0 ? old.length : shared);
    const place = places.get(part.element);
    if (place !== undefined) takeUntil(place + 1);
    merged.push(place === undefined ? part.value : mergeApplied(old[place]?.value, part.value, part.node));
  }
  takeUntil(old.length);
  return merged;
}

/**
 * The value without the members of a set; an object that loses all of its fields goes with them.
 *
 * @param kept - what somebody owns: such an object stays, empty
 */
export function withoutFields(value: unknown, set: FieldSet, kept: FieldSet | undefined, node: SchemaNode): unknown {
  const parts = partsOf(value, node);
  if (parts === null || set.isEmpty) return value;
  const left: Part[] = [];
  for (const part of parts) {
    if (set.hasMember(part.element)) continue;
    const below = set.child(part.element);
    if (below === undefined) left.push(part);
    else {
      const rest = withoutFields(part.value, below, kept?.child(part.element), part.node);
      if (!isEmptied(part.value, rest) || kept?.hasMember(part.element)) left.push({ ...part, value: rest });
    }
  }
  if (Array.isArray(value)) return left.map((part) => part.value);
  return Object.fromEntries(left.map((part) => [part.element.slice(2), part.value]));
}

const size = (value: unknown): number =>
  Array.isArray(value) ? value.length : isObject(value) ? Object.keys(value).length : 1;

const isEmptied = (before: unknown, after: unknown): boolean => size(after) === 0 && size(before) > 0;
