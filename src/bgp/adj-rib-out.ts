/**
 * Adj-RIB-Out (RFC 4271 section 3.2): what one peer should hold, what it was told, and the difference.
 *
 * A route whose two sides differ lies in exactly one bucket: its family's withdrawals, or the announcements of its family and attribute set.
 * Each change moves one route between buckets in constant time, so what is pending never exceeds the routes, however often they change, and
 * the latest state is the only one that can be sent. `update-packer.ts` empties the buckets into UPDATEs: a route that was taken
 * counts as told.
 *
 * While no session is up nothing is told, and every wanted route is pending.
 */
import type { Prefix } from '../net/prefix.ts';
import { type AttributeSet, AttributeSets } from './attribute-sets.ts';
import { type Family, IPV4_UNICAST, IPV6_UNICAST } from './packet/constants.ts';
import { type PrefixKey, prefixKey } from './prefix-key.ts';
import type { RouteAttributes } from './route.ts';

/** The families that routes of `net/prefix.ts` belong to. */
export const RIB_FAMILIES: readonly Family[] = [IPV4_UNICAST, IPV6_UNICAST];

/** One prefix. The links are those of the bucket that it lies in. */
class Route {
  readonly prefix: Prefix;
  wanted: AttributeSet | null = null;
  advertised: AttributeSet | null = null;
  /** To be announced again although nothing changed: the peer asked (RFC 2918). */
  again = false;
  bucket: Bucket | null = null;
  previous: Route | null = null;
  next: Route | null = null;

  constructor(prefix: Prefix) {
    this.prefix = prefix;
  }
}

/** Pending routes that can share an UPDATE: withdrawals (`set` null), or announcements with one attribute set. */
export class Bucket {
  readonly family: Family;
  readonly set: AttributeSet | null;
  first: Route | null = null;
  last: Route | null = null;
  size = 0;
  /** Links among the buckets of a family. A Map in the order of insertion would do, but finding its first key costs what was deleted before it. */
  previous: Bucket | null = null;
  next: Bucket | null = null;

  constructor(family: Family, set: AttributeSet | null) {
    this.family = family;
    this.set = set;
  }

  /** The prefix that would be taken next. */
  get head(): Prefix | null {
    return this.first?.prefix ?? null;
  }
}

/** What is pending for one family. */
class Pending {
  readonly withdrawals: Bucket;
  /** The announcements that began first. */
  oldest: Bucket | null = null;
  #newest: Bucket | null = null;
  readonly #announcements = new Map<AttributeSet, Bucket>();
  readonly #family: Family;
  size = 0;

  constructor(family: Family) {
    this.#family = family;
    this.withdrawals = new Bucket(family, null);
  }

  add(route: Route, set: AttributeSet | null): void {
    let bucket = this.withdrawals;
    if (set !== null) {
      bucket = this.#announcements.get(set) ?? this.#begin(set);
    }
    route.bucket = bucket;
    route.previous = bucket.last;
    route.next = null;
    if (bucket.last === null) bucket.first = route;
    else bucket.last.next = route;
    bucket.last = route;
    bucket.size++;
    this.size++;
  }

  remove(route: Route, bucket: Bucket): void {
    if (route.previous === null) bucket.first = route.next;
    else route.previous.next = route.next;
    if (route.next === null) bucket.last = route.previous;
    else route.next.previous = route.previous;
    route.bucket = null;
    route.previous = null;
    route.next = null;
    bucket.size--;
    this.size--;
    if (bucket.size === 0 && bucket.set !== null) this.#end(bucket, bucket.set);
  }

  #begin(set: AttributeSet): Bucket {
    const bucket = new Bucket(this.#family, set);
    this.#announcements.set(set, bucket);
    bucket.previous = this.#newest;
    if (this.#newest === null) this.oldest = bucket;
    else this.#newest.next = bucket;
    this.#newest = bucket;
    return bucket;
  }

  #end(bucket: Bucket, set: AttributeSet): void {
    this.#announcements.delete(set);
    if (bucket.previous === null) this.oldest = bucket.next;
    else bucket.previous.next = bucket.next;
    if (bucket.next === null) this.#newest = bucket.previous;
    else bucket.next.previous = bucket.previous;
  }
}

/** The routes of one peer, of all families. */
export class AdjRibOut {
  readonly #routes = new Map<PrefixKey, Route>();
  readonly #sets = new AttributeSets();
  readonly #v4 = new Pending(IPV4_UNICAST);
  readonly #v6 = new Pending(IPV6_UNICAST);
  #wanted = 0;
  #advertised = 0;

  /** Prefixes that the peer should hold. */
  get wanted(): number {
    return this.#wanted;
  }

  /** Prefixes that the peer was told. */
  get advertised(): number {
    return this.#advertised;
  }

  /** Prefixes of a family that the peer is still to be told something of. */
  pending(family: Family): number {
    return this.#of(family).size;
  }

  /** The peer should hold this prefix with these attributes. */
  announce(prefix: Prefix, attributes: RouteAttributes): void {
    const key = prefixKey(prefix);
    let route = this.#routes.get(key);
    if (route === undefined) {
      route = new Route(prefix);
      this.#routes.set(key, route);
    }
    const set = this.#sets.take(attributes);
    if (route.wanted === null) this.#wanted++;
    else this.#sets.release(route.wanted);
    route.wanted = set;
    this.#place(route);
  }

  /** The peer should not hold this prefix. */
  withdraw(prefix: Prefix): void {
    const key = prefixKey(prefix);
    const route = this.#routes.get(key);
    if (route !== undefined) this.#unwant(route, key);
  }

  /** The peer should hold exactly these; only differences become pending. Of a prefix that occurs twice the last counts. */
  replace(routes: Iterable<readonly [Prefix, RouteAttributes]>): void {
    const kept = new Set<PrefixKey>();
    for (const [prefix, attributes] of routes) {
      kept.add(prefixKey(prefix));
      this.announce(prefix, attributes);
    }
    for (const [key, route] of this.#routes) if (!kept.has(key)) this.#unwant(route, key);
  }

  /** The session ended: the peer has forgotten all that it was told (RFC 4271 section 3). */
  reset(): void {
    for (const [key, route] of this.#routes) {
      this.#unadvertise(route);
      route.again = false;
      this.#place(route);
      if (route.wanted === null) this.#routes.delete(key);
    }
  }

  /** The peer asked for a family once more (RFC 2918): what it was told becomes pending again. */
  refresh(family: Family): void {
    const ipFamily = this.#of(family) === this.#v4 ? 4 : 6;
    for (const route of this.#routes.values()) {
      if (route.advertised === null || route.prefix.address.family !== ipFamily) continue;
      route.again = true;
      this.#place(route);
    }
  }

  /** The buckets to be emptied next, withdrawals first; null when nothing of the family is pending. */
  nextBucket(family: Family): Bucket | null {
    const pending = this.#of(family);
    return pending.withdrawals.size > 0 ? pending.withdrawals : pending.oldest;
  }

  /** Takes the head of a bucket that is not empty: it counts as told from now on. */
  take(bucket: Bucket): void {
    const route = bucket.first;
    if (route === null) return;
    this.#of(bucket.family).remove(route, bucket);
    route.again = false;
    this.#unadvertise(route);
    if (bucket.set === null) {
      if (route.wanted === null) this.#routes.delete(prefixKey(route.prefix));
    } else {
      route.advertised = this.#sets.share(bucket.set);
      this.#advertised++;
    }
  }

  /** What the peer was told and has not been told to forget. */
  *routes(): Generator<{ readonly prefix: Prefix; readonly attributes: RouteAttributes }> {
    for (const { prefix, advertised } of this.#routes.values()) {
      if (advertised !== null) yield { prefix, attributes: advertised.attributes };
    }
  }

  #unwant(route: Route, key: PrefixKey): void {
    if (route.wanted === null) return;
    this.#sets.release(route.wanted);
    route.wanted = null;
    this.#wanted--;
    this.#place(route);
    if (route.advertised === null) this.#routes.delete(key);
  }

  #unadvertise(route: Route): void {
    if (route.advertised === null) return;
    this.#sets.release(route.advertised);
    route.advertised = null;
    this.#advertised--;
  }

  /** Puts a route into the bucket where what is wanted and what was told have it. */
  #place(route: Route): void {
    const pending = route.prefix.address.family === 4 ? this.#v4 : this.#v6;
    const { wanted, advertised } = route;
    const differs = wanted !== advertised || (route.again && wanted !== null);
    if (differs && route.bucket !== null && route.bucket.set === wanted) return;
    if (route.bucket !== null) pending.remove(route, route.bucket);
    if (differs) pending.add(route, wanted);
  }

  #of(family: Family): Pending {
    return family.afi === IPV4_UNICAST.afi ? this.#v4 : this.#v6;
  }
}
