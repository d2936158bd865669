/**
 * Interned attribute sets: equal wishes become one object, so that comparing two is comparing references and routes with equal attributes
 * meet in one bucket.
 */
import type { RouteAttributes } from './route.ts';

/** One attribute set, as long as some route refers to it. */
export class AttributeSet {
  readonly attributes: RouteAttributes;
  readonly key: string;
  /** How many routes want it or were advertised with it. */
  references = 0;

  constructor(attributes: RouteAttributes, key: string) {
    this.attributes = attributes;
    this.key = key;
  }
}

/** The attribute sets that one Adj-RIB-Out refers to. */
export class AttributeSets {
  readonly #sets = new Map<string, AttributeSet>();
  /** Originators mostly hand in the same object again and again. */
  #last: { readonly attributes: RouteAttributes; readonly set: AttributeSet } | null = null;

  /** Sets that are referred to. */
  get size(): number {
    return this.#sets.size;
  }

  /** The set that equals these attributes, one reference more to it. */
  take(attributes: RouteAttributes): AttributeSet {
    if (this.#last?.attributes === attributes && this.#last.set.references > 0) {
      this.#last.set.references++;
      return this.#last.set;
    }
    const key = keyOf(attributes);
    let set = this.#sets.get(key);
    if (set === undefined) {
      set = new AttributeSet(attributes, key);
      this.#sets.set(key, set);
    }
    set.references++;
    this.#last = { attributes, set };
    return set;
  }

  /** One reference more. */
  share(set: AttributeSet): AttributeSet {
    set.references++;
    return set;
  }

  /** One reference less; the last one forgets the set. */
  release(set: AttributeSet): void {
    if (--set.references === 0) this.#sets.delete(set.key);
  }
}

/** Text that is equal for equal sets: lists are sorted by contract (`route.ts`). */
function keyOf(a: RouteAttributes): string {
  const large = a.largeCommunities.map((c) => `${c.globalAdministrator}:${c.localData1}:${c.localData2}`);
  return `${a.localPref}|${a.med}|${a.asPathPrepend}|${a.communities.join()}|${large.join()}`;
}
