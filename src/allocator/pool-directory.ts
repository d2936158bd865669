/**
 * The pools of a configuration as the allocator asks for them: by name, by an address that they cover, and those that give addresses by
 * themselves, in the order in which they are tried.
 *
 * It can be given another configuration: a pool that is the same object as before keeps its space and whatever is claimed in it.
 */
import type { Service } from '../cluster/service.ts';
import { compareText } from '../compare-text.ts';
import type { Pool } from '../config/pool.ts';
import type { Labels } from '../config/selector.ts';
import type { Ip } from '../net/ip.ts';
import type { IpRange } from '../net/ip-range.ts';
import { PoolSpace, refusalOf } from './pool-space.ts';

interface OwnedRange {
  readonly range: IpRange;
  readonly space: PoolSpace;
}

export class PoolDirectory {
  readonly #namespaces: ReadonlyMap<string, Labels>;
  /** By name, in the order of names. */
  #spaces = new Map<string, PoolSpace>();
  #pinned: readonly PoolSpace[] = [];
  #open: readonly PoolSpace[] = [];
  /** Ascending; the ranges of one family do not overlap. */
  #v4: readonly OwnedRange[] = [];
  #v6: readonly OwnedRange[] = [];

  /**
   * @param pools - whose ranges do not overlap (config/ sees to that).
   * @param namespaces - labels by name; read whenever a pool is asked for.
   */
  constructor(pools: readonly Pool[], namespaces: ReadonlyMap<string, Labels>) {
    this.#namespaces = namespaces;
    this.replace(pools);
  }

  /** Puts these pools in the place of those before; what comes back are the spaces that are no longer used. */
  replace(pools: readonly Pool[]): ReadonlySet<PoolSpace> {
    const before = this.#spaces;
    this.#spaces = new Map();
    for (const pool of [...pools].sort((a, b) => compareText(a.name, b.name))) {
      const same = before.get(pool.name);
      this.#spaces.set(pool.name, same?.pool === pool ? same : new PoolSpace(pool));
    }
    const spaces = [...this.#spaces.values()];
    const automatic = spaces.filter((space) => space.pool.autoAssign);
    const rank = (space: PoolSpace): number => space.pool.serviceAllocation?.priority || Number.POSITIVE_INFINITY;
    this.#pinned = automatic
      .filter((space) => space.pool.serviceAllocation !== null)
      .sort((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)));
    this.#open = automatic.filter((space) => space.pool.serviceAllocation === null);
    const ranges = spaces.flatMap((space) => space.pool.ranges.map((range) => ({ range, space })));
    const ascending = (family: 4 | 6): readonly OwnedRange[] =>
      ranges
        .filter(({ range }) => range.first.family === family)
        .sort((a, b) => (a.range.first.value < b.range.first.value ? -1 : 1));
    this.#v4 = ascending(4);
    this.#v6 = ascending(6);
    return new Set([...before.values()].filter((space) => this.#spaces.get(space.pool.name) !== space));
  }

  /** By name of the pool, in the order of names. */
  get spaces(): ReadonlyMap<string, PoolSpace> {
    return this.#spaces;
  }

  /** With `autoAssign` and without `serviceAllocation`, by name. */
  get open(): readonly PoolSpace[] {
    return this.#open;
  }

  /** With `autoAssign` and a `serviceAllocation` that is for the Service, by priority (0 last), then by name. */
  pinnedFor(service: Service): readonly PoolSpace[] {
    return this.#pinned.filter((space) => this.refusal(space, service) === null);
  }

  /** Why the pool is not for the Service, or null where it is. */
  refusal(space: PoolSpace, service: Service): string | null {
    return refusalOf(space.pool, service, this.#namespaces);
  }

  /** The pool in whose ranges the address lies, be it one that `avoidBuggyIPs` keeps back. */
  covering(ip: Ip): PoolSpace | undefined {
    const ranges = ip.family === 4 ? this.#v4 : this.#v6;
    let low = 0;
    let high = ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ranges[middle] as OwnedRange).range.first.value <= ip.value) low = middle + 1;
      else high = middle;
    }
    const owned = ranges[low - 1];
    return owned !== undefined && ip.value <= owned.range.last.value ? owned.space : undefined;
  }
}
