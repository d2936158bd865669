/**
 * Adj-RIB-Out (RFC 4271 section 3.2): what one peer should hold, what it was told, and the difference, for all families.
 *
 * Each family is a `family-rib.ts`, where one change costs constant time and only the latest state can be sent. `update-packer.ts` empties its
 * buckets into UPDATEs: a route that was taken counts as told. While no session is up nothing is told, and every wanted route is pending.
 */
import type { Prefix } from '../net/prefix.ts';
import { FamilyRib } from './family-rib.ts';
import { type Family, IPV4_UNICAST, IPV6_UNICAST } from './packet/constants.ts';
import type { RouteAttributes } from './route.ts';
import { RouteTables } from './route-tables.ts';

/** The families that routes of `net/prefix.ts` belong to. */
export const RIB_FAMILIES: readonly Family[] = [IPV4_UNICAST, IPV6_UNICAST];

/** The routes of one peer, of all families. */
export class AdjRibOut {
  readonly #v4: FamilyRib;
  readonly #v6: FamilyRib;

  /** @param tables - those of all peers of a speaker; left alone after {@link clear}. */
  constructor(tables: RouteTables = new RouteTables()) {
    this.#v4 = new FamilyRib(4, tables);
    this.#v6 = new FamilyRib(6, tables);
  }

  /** Prefixes that the peer should hold. */
  get wanted(): number {
    return this.#v4.wanted + this.#v6.wanted;
  }

  /** Prefixes that the peer was told. */
  get advertised(): number {
    return this.#v4.advertised + this.#v6.advertised;
  }

  /** The routes of one of {@link RIB_FAMILIES}. */
  family(family: Family): FamilyRib {
    return family.afi === IPV4_UNICAST.afi ? this.#v4 : this.#v6;
  }

  /** The peer should hold this prefix with these attributes. */
  announce(prefix: Prefix, attributes: RouteAttributes): void {
    this.#ribOf(prefix).announce(prefix, attributes);
  }

  /** The peer should not hold this prefix. */
  withdraw(prefix: Prefix): void {
    this.#ribOf(prefix).withdraw(prefix);
  }

  /** The peer should hold exactly these; only differences become pending. Of a prefix that occurs twice the last counts. */
  replace(routes: Iterable<readonly [Prefix, RouteAttributes]>): void {
    const kept4: number[] = [];
    const kept6: number[] = [];
    for (const [prefix, attributes] of routes) {
      const kept = prefix.address.family === 4 ? kept4 : kept6;
      kept.push(this.#ribOf(prefix).announce(prefix, attributes));
    }
    this.#v4.keepOnly(kept4);
    this.#v6.keepOnly(kept6);
  }

  /** The session ended: the peer has forgotten all that it was told (RFC 4271 section 3). */
  reset(): void {
    this.#v4.reset();
    this.#v6.reset();
  }

  /** The peer holds nothing and should hold nothing: what it shared with others is given back. */
  clear(): void {
    this.reset();
    this.replace([]);
  }

  /** What the peer was told and has not been told to forget. */
  *routes(): Generator<{ readonly prefix: Prefix; readonly attributes: RouteAttributes }> {
    yield* this.#v4.routes();
    yield* this.#v6.routes();
  }

  #ribOf(prefix: Prefix): FamilyRib {
    return prefix.address.family === 4 ? this.#v4 : this.#v6;
  }
}
