/**
 * The Services that wait for an address, in groups that wait for the same thing.
 *
 * Of a group the oldest is tried first, and what refuses it refuses all. A group is stale, and worth trying, when it is new or when
 * something changed in a pool that it waits for: so a released address costs one attempt a group, however many Services wait in it.
 */
import type { Demand } from './demand.ts';
import { type Aged, compareAge } from './order.ts';

/** Services with one {@link Demand}. */
export class WaitingGroup<W extends Aged> {
  readonly demand: Demand;
  /** Oldest first. */
  readonly members: W[] = [];
  /** Members that have not been told {@link why} yet. */
  readonly news = new Set<W>();
  /** What refused the last attempt; null until there was one. */
  why: string | null = null;

  constructor(demand: Demand) {
    this.demand = demand;
  }
}

export class WaitingList<W extends Aged> {
  readonly #groups = new Map<string, WaitingGroup<W>>();
  readonly #groupOf = new Map<W, WaitingGroup<W>>();
  readonly #byPool = new Map<string, Set<WaitingGroup<W>>>();
  #stale = new Set<WaitingGroup<W>>();

  /** Everybody who waits. */
  get members(): readonly W[] {
    return [...this.#groupOf.keys()];
  }

  /** Adds one that does not wait yet; what comes back is where it waits now. */
  add(waiter: W, demand: Demand): WaitingGroup<W> {
    let group = this.#groups.get(demand.key);
    if (group === undefined) {
      group = new WaitingGroup(demand);
      this.#groups.set(demand.key, group);
      this.#stale.add(group);
      for (const pool of demand.pools) {
        const same = this.#byPool.get(pool);
        if (same === undefined) this.#byPool.set(pool, new Set([group]));
        else same.add(group);
      }
    }
    group.members.splice(positionOf(group.members, waiter), 0, waiter);
    group.news.add(waiter);
    this.#groupOf.set(waiter, group);
    return group;
  }

  /** Takes one out, if it waits. */
  remove(waiter: W): void {
    const group = this.#groupOf.get(waiter);
    if (group === undefined) return;
    this.#groupOf.delete(waiter);
    group.news.delete(waiter);
    group.members.splice(positionOf(group.members, waiter), 1);
    if (group.members.length > 0) return;
    this.#groups.delete(group.demand.key);
    this.#stale.delete(group);
    for (const pool of group.demand.pools) {
      const same = this.#byPool.get(pool);
      same?.delete(group);
      if (same?.size === 0) this.#byPool.delete(pool);
    }
  }

  /** Something changed in these pools. */
  touch(pools: Iterable<string>): void {
    for (const pool of pools) for (const group of this.#byPool.get(pool) ?? []) this.#stale.add(group);
  }

  /** The groups that are worth trying; they are stale no more. */
  takeStale(): readonly WaitingGroup<W>[] {
    const stale = this.#stale;
    this.#stale = new Set();
    return [...stale];
  }
}

/** The index of the waiter, or where it belongs, among waiters by age. */
function positionOf<W extends Aged>(members: readonly W[], waiter: W): number {
  let low = 0;
  let high = members.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareAge(members[middle] as W, waiter) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
