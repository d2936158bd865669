/**
 * Sets of fields as `metadata.managedFields` has them (FieldsV1; structured-merge-diff: fieldpath). A path is a list of elements in their written
 * form: `f:NAME` a field, `k:{KEYS}` an item of a list by its keys, `v:VALUE` an item of a set.
 */
import { isObject } from '../json.ts';
import type { Json } from '../types.ts';

export type FieldPath = readonly string[];

const ELEMENT = /^(?:f:|k:\{|v:|i:\d)/;
/** Deeper than any object that the server takes; what is beyond was made by hand. */
const MAX_DEPTH = 200;

export class FieldSet {
  readonly #members = new Set<string>();
  readonly #children = new Map<string, FieldSet>();

  static of(paths: Iterable<FieldPath>): FieldSet {
    const set = new FieldSet();
    for (const path of paths) set.insert(path);
    return set;
  }

  /** Undefined where the value is no FieldsV1. */
  static decode(value: unknown, depth = 0): FieldSet | undefined {
    if (!isObject(value) || depth > MAX_DEPTH) return undefined;
    const set = new FieldSet();
    for (const [element, below] of Object.entries(value)) {
      if (element === '.') continue;
      if (!ELEMENT.test(element)) return undefined;
      const child = FieldSet.decode(below, depth + 1);
      if (child === undefined) return undefined;
      if (child.isEmpty || Object.hasOwn(below as Json, '.')) set.#members.add(element);
      if (!child.isEmpty) set.#children.set(element, child);
    }
    return set;
  }

  encode(): Json {
    const elements = [...new Set([...this.#members, ...this.#children.keys()])].sort();
    return Object.fromEntries(
      elements.map((element) => {
        const child = this.#children.get(element);
        if (child === undefined) return [element, {}];
        return [element, { ...(this.#members.has(element) ? { '.': {} } : {}), ...child.encode() }];
      }),
    );
  }

  get isEmpty(): boolean {
    return this.#members.size === 0 && this.#children.size === 0;
  }

  insert(path: FieldPath): void {
    const [element, ...rest] = path;
    if (element === undefined) return;
    if (rest.length === 0) {
      this.#members.add(element);
      return;
    }
    let child = this.#children.get(element);
    if (child === undefined) {
      child = new FieldSet();
      this.#children.set(element, child);
    }
    child.insert(rest);
  }

  hasMember(element: string): boolean {
    return this.#members.has(element);
  }

  child(element: string): FieldSet | undefined {
    return this.#children.get(element);
  }

  /** Elements beneath which there are others. */
  parents(): Iterable<readonly [string, FieldSet]> {
    return this.#children;
  }

  members(): Iterable<string> {
    return this.#members;
  }

  *paths(prefix: FieldPath = []): Iterable<FieldPath> {
    for (const element of this.#members) yield [...prefix, element];
    for (const [element, child] of this.#children) yield* child.paths([...prefix, element]);
  }

  union(other: FieldSet): FieldSet {
    return FieldSet.#made(
      new Set([...this.#members, ...other.#members]),
      [...new Set([...this.#children.keys(), ...other.#children.keys()])].map((element) => {
        const [a, b] = [this.#children.get(element), other.#children.get(element)];
        return [element, a === undefined ? (b as FieldSet) : b === undefined ? a : a.union(b)];
      }),
    );
  }

  intersection(other: FieldSet): FieldSet {
    return FieldSet.#made(
      [...this.#members].filter((element) => other.#members.has(element)),
      [...this.#children].flatMap(([element, child]) => {
        const same = other.#children.get(element);
        return same === undefined ? [] : [[element, child.intersection(same)] as const];
      }),
    );
  }

  difference(other: FieldSet): FieldSet {
    return FieldSet.#made(
      [...this.#members].filter((element) => !other.#members.has(element)),
      [...this.#children].map(([element, child]) => {
        const same = other.#children.get(element);
        return [element, same === undefined ? child : child.difference(same)];
      }),
    );
  }

  /** Without the members of the other set and everything beneath them. */
  recursiveDifference(other: FieldSet): FieldSet {
    return FieldSet.#made(
      [...this.#members].filter((element) => !other.#members.has(element)),
      [...this.#children].flatMap(([element, child]) => {
        if (other.#members.has(element)) return [];
        const same = other.#children.get(element);
        return [[element, same === undefined ? child : child.recursiveDifference(same)] as const];
      }),
    );
  }

  static #made(members: Iterable<string>, children: Iterable<readonly [string, FieldSet]>): FieldSet {
    const set = new FieldSet();
    for (const element of members) set.#members.add(element);
    for (const [element, child] of children) if (!child.isEmpty) set.#children.set(element, child);
    return set;
  }
}

/** `.spec.ports[port=80,protocol="TCP"].name`, as conflicts are told. */
export function pathText(path: FieldPath): string {
  return path
    .map((element) => {
      const rest = element.slice(2);
      switch (element[0]) {
        case 'f':
          return `.${rest}`;
        case 'k':
          return `[${Object.entries(JSON.parse(rest) as Json)
            .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
            .join(',')}]`;
        case 'v':
          return `[=${rest}]`;
        default:
          return `[${rest}]`;
      }
    })
    .join('');
}
