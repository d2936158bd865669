/**
 * Interned attribute sets: equal wishes become one object with a number, so that comparing two is comparing numbers and routes with
 * equal attributes meet in one bucket. All peers of a speaker share them.
 */
import type { RouteAttributes } from './route.ts';

/** Stands for no attribute set: of a prefix that is not wanted, or of which a peer was not told. */
export const NO_SET = 0;

/** One attribute set, as long as some route refers to it. */
export class AttributeSet {
  readonly attributes: RouteAttributes;
  readonly key: string;
  /** Small, another set's when this one is forgotten. */
  readonly id: number;
  /** How many routes, of how many peers ever, want it or were advertised with it. */
  references = 0;

  constructor(attributes: RouteAttributes, key: string, id: number) {
    this.attributes = attributes;
    this.key = key;
    this.id = id;
  }
}

/** The attribute sets that the routes of a speaker refer to. */
export class AttributeSets {
  readonly #byKey = new Map<string, AttributeSet>();
  /** Number 0 stays free: {@link NO_SET}. */
  readonly #byId: (AttributeSet | undefined)[] = [undefined];
  readonly #free: number[] = [];
  /** Originators mostly hand in the same object again and again. */
  #last: { readonly attributes: RouteAttributes; readonly set: AttributeSet } | null = null;

  /** Sets that are referred to. */
  get size(): number {
    return this.#byKey.size;
  }

  /** The set of a number that is in use. @throws {Error} of one that is not: who holds a number holds a reference. */
  of(id: number): AttributeSet {
    const set = this.#byId[id];
    if (set === undefined) throw new Error(`no attribute set has the number ${id}`);
    return set;
  }

  /** The number of the set that equals these attributes, one reference more to it. */
  take(attributes: RouteAttributes): number {
    const last = this.#last;
    if (last?.attributes === attributes && last.set.references > 0) {
      last.set.references++;
      return last.set.id;
    }
    const key = attributesKey(attributes);
    const set = this.#byKey.get(key) ?? this.#insert(attributes, key);
    set.references++;
    this.#last = { attributes, set };
    return set.id;
  }

  /** So many references more. */
  share(id: number, times: number): void {
    this.of(id).references += times;
  }

  /** One reference less; the last one forgets the set. */
  release(id: number): void {
    const set = this.of(id);
    if (--set.references > 0) return;
    this.#byKey.delete(set.key);
    this.#byId[id] = undefined;
    this.#free.push(id);
  }

  #insert(attributes: RouteAttributes, key: string): AttributeSet {
    const id = this.#free.pop() ?? this.#byId.length;
    const set = new AttributeSet(attributes, key, id);
    this.#byKey.set(key, set);
    this.#byId[id] = set;
    return set;
  }
}

/** Text that is equal for attributes that say the same, and only for those: lists are sorted by contract (`route.ts`). */
export function attributesKey(a: RouteAttributes): string {
  const large = a.largeCommunities.map((c) => `${c.globalAdministrator}:${c.localData1}:${c.localData2}`);
  return `${a.localPref}|${a.med}|${a.asPathPrepend}|${a.communities.join()}|${large.join()}|${a.extendedCommunities?.join() ?? ''}`;
}
