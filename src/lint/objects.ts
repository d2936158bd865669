/**
 * The objects of the input as they were written, for rules that look at what a plan needs no more of: a ConfigMap, a text before it was
 * understood, a field of a Service that decides nothing.
 *
 * Total: whatever stands in a field, reading it gives the type that was asked for or undefined.
 */
import type { FieldPath } from '../config/problem.ts';
import type { Resource } from '../config/resource.ts';

export class Objects {
  readonly #byKind: ReadonlyMap<string, readonly Resource[]>;
  readonly #byName = new Map<string, Resource>();

  constructor(resources: readonly Resource[]) {
    this.#byKind = Map.groupBy(resources, ({ kind }) => kind);
    for (const resource of resources)
      this.#byName.set(keyOf(resource.kind, resource.metadata.namespace, resource.metadata.name), resource);
  }

  /** The objects of a kind, in the order of the input. */
  of(kind: string): readonly Resource[] {
    return this.#byKind.get(kind) ?? [];
  }

  /** The object of this name; the namespace of a cluster-scoped kind is empty. */
  get(kind: string, namespace: string, name: string): Resource | undefined {
    return this.#byName.get(keyOf(kind, namespace, name));
  }
}

const keyOf = (kind: string, namespace: string, name: string): string => JSON.stringify([kind, namespace, name]);

/** What stands in a field, an entry of a list, or deeper; undefined where there is nothing. */
export function valueAt(value: unknown, ...path: readonly (string | number)[]): unknown {
  let at = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Readonly<Record<string | number, unknown>>)[step];
  }
  return at;
}

/** The text there; undefined where there is none. */
export function textAt(value: unknown, ...path: readonly (string | number)[]): string | undefined {
  const found = valueAt(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

/** The entries of the list there; none where there is no list. */
export function listAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? found : [];
}

/**
 * The path in the object as it was written, of a path that counts the entries of lists as everybody sees them who has left out null ones.
 */
export function pathAsWritten(value: unknown, path: FieldPath): FieldPath {
  let at = value;
  return path.map((step) => {
    let original = step;
    if (typeof step === 'number' && Array.isArray(at) && at.includes(null)) {
      const list: readonly unknown[] = at;
      original = [...list.keys()].filter((i) => list[i] !== null)[step] ?? step;
    }
    at = valueAt(at, original);
    return original;
  });
}
