/**
 * The allocations of a cluster, kept up to date by change: what {@link allocate} says of all Services, at the cost of those that a change
 * touches.
 *
 * Two steps. `update` and `remove` note what is: whoever may keep its addresses keeps them, whoever may not gives them back, and
 * whoever lacks something waits. `settle` then serves those who wait, oldest first, until nobody can be served any more. A Service
 * keeps what it was given here, whatever its status says meanwhile: the status is read once, when the Service comes, since afterwards it
 * is only an echo of what was decided here (metallb-behaviour 2.6, 2.7).
 */
import type { Service } from '../cluster/service.ts';
import type { Pool } from '../config/pool.ts';
import type { Labels } from '../config/selector.ts';
import { type Ip, sameIp } from '../net/ip.ts';
import {
  type Allocation,
  type AllocationOptions,
  Allocator,
  IGNORED,
  isHandled,
  type PoolCounters,
} from './allocator.ts';
import { type Aged, agedOf, compareAge } from './order.ts';
import { type WaitingGroup, WaitingList } from './waiting-list.ts';

/** What became of one Service that had another allocation before. */
export interface AllocationChange {
  /** `namespace/name`. */
  readonly service: string;
  /** Null where the Service is new. */
  readonly before: Allocation | null;
  /** Null where the Service is gone. `cleared` says which addresses it lost because it may not keep them, and why. */
  readonly after: Allocation | null;
}

const NOTHING_LOST: ReadonlyMap<string, readonly Ip[]> = new Map();

interface Entry extends Aged {
  readonly service: Service;
  readonly born: number;
}

export class LiveAllocation {
  readonly #options: AllocationOptions;
  readonly #allocator: Allocator;
  readonly #entries = new Map<string, Entry>();
  readonly #waiting = new WaitingList<Entry>();
  readonly #allocations = new Map<string, Allocation>();
  /** Since the last {@link settle}: what each Service had before. */
  readonly #before = new Map<string, Allocation | null>();
  readonly #cleared = new Map<string, NonNullable<Allocation['cleared']>>();
  /** Services that wait for the first word about what they lack. */
  readonly #undecided = new Set<string>();
  /** Groups whose members have to be told why they wait. */
  readonly #untold = new Map<WaitingGroup<Entry>, string | null>();

  /** @param namespaces - labels by name; where they change, {@link update} the Services of the namespace. */
  constructor(pools: readonly Pool[], namespaces: ReadonlyMap<string, Labels>, options: AllocationOptions) {
    this.#options = options;
    this.#allocator = new Allocator(pools, namespaces);
  }

  /** By Service key, as of the last {@link settle}. */
  get allocations(): ReadonlyMap<string, Allocation> {
    return this.#allocations;
  }

  countersOf(pool: string): PoolCounters | undefined {
    return this.#allocator.countersOf(pool);
  }

  /**
   * Takes in Services that are new or changed, and other pools where they are given; a pool that is the same object as before is not
   * touched, nor are its Services. Among those that claim one address by their status the oldest has it.
   */
  update(services: readonly Service[], pools: readonly Pool[] | null): void {
    const lost = pools === null ? NOTHING_LOST : this.#allocator.setPools(pools);
    const changed = new Map(services.map((service) => [service.key, agedOf(service)]));
    for (const key of lost.keys()) {
      const entry = this.#entries.get(key);
      if (entry !== undefined && !changed.has(key)) changed.set(key, entry);
    }
    for (const entry of [...changed.values()].sort(compareAge)) this.#set(entry, lost.get(entry.service.key));
    if (pools === null) return;
    // What waits may wait for other pools now, and its reason may name them.
    const waiting = this.#waiting.members;
    for (const entry of waiting) this.#waiting.remove(entry);
    for (const entry of waiting) this.#enqueue(entry);
  }

  remove(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#waiting.remove(entry);
    this.#allocator.release(key);
    this.#note(key);
    this.#allocations.delete(key);
    this.#undecided.delete(key);
  }

  /**
   * Serves whoever can be served; what comes back is everything that is different since the last time, in no order.
   *
   * @param serve - false while not all Services are known: who keeps what it has is told, who waits goes on waiting.
   */
  settle(serve = true): readonly AllocationChange[] {
    if (serve) this.#serveAll();
    const changes: AllocationChange[] = [];
    for (const [service, before] of this.#before) {
      if (this.#undecided.has(service)) continue;
      const after = this.#allocations.get(service) ?? null;
      const cleared = this.#cleared.get(service);
      if (cleared !== undefined && after !== null) changes.push({ service, before, after: { ...after, cleared } });
      else if (!sameAllocation(before, after)) changes.push({ service, before, after });
      this.#before.delete(service);
      this.#cleared.delete(service);
    }
    return changes;
  }

  #serveAll(): void {
    for (;;) {
      this.#waiting.touch(this.#allocator.takeTouched());
      const stale = this.#waiting.takeStale();
      if (stale.length === 0) break;
      this.#serve(stale);
    }
    for (const [group, told] of this.#untold) this.#tell(group, told);
    this.#untold.clear();
  }

  /** @param lost - what the Service had of a pool that is no longer the same. */
  #set(entry: Entry, lost: readonly Ip[] = []): void {
    const { key } = entry.service;
    const known = this.#entries.get(key);
    if (known !== undefined) this.#waiting.remove(known);
    this.#entries.set(key, entry);
    if (!isHandled(entry.service, this.#options)) {
      this.#allocator.release(key);
      this.#decide(key, IGNORED);
      return;
    }
    const held = this.#allocator.heldBy(key);
    // A status that was read already has had its say: what of it was refused is cleared, whatever is allowed since.
    const status = known?.service === entry.service ? [] : entry.service.ingress;
    this.#keep(entry, [held, lost].find((ips) => ips.length > 0) ?? status);
    this.#enqueue(entry);
  }

  #keep({ service }: Entry, ips: readonly Ip[]): void {
    if (ips.length === 0) return;
    const adopted = this.#allocator.adopt(service, ips);
    if (adopted.ok) return;
    this.#note(service.key);
    this.#cleared.set(service.key, { ips, reason: adopted.error });
  }

  /** Lets the Service wait for what it lacks; one that lacks nothing is decided. */
  #enqueue(entry: Entry): void {
    const demand = this.#allocator.demandOf(entry.service);
    if (demand === null) {
      this.#decide(entry.service.key, this.#allocator.allocationOf(entry.service, null));
      return;
    }
    this.#undecided.add(entry.service.key);
    const group = this.#waiting.add(entry, demand);
    if (!this.#untold.has(group)) this.#untold.set(group, group.why);
  }

  /** One attempt for each group, and on for as long as it succeeds: the oldest of all first. */
  #serve(groups: readonly WaitingGroup<Entry>[]): void {
    const queue = [...groups].sort(youngestFirst);
    for (let group = queue.pop(); group !== undefined; group = queue.pop()) {
      const [oldest] = group.members;
      if (oldest === undefined) continue;
      const supplied = this.#allocator.trySupply(oldest.service);
      if (!supplied.ok) {
        if (!this.#untold.has(group)) this.#untold.set(group, group.why);
        group.why = supplied.error;
        continue;
      }
      this.#waiting.remove(oldest);
      this.#enqueue(oldest);
      if (group.members.length > 0) queue.splice(placeIn(queue, group), 0, group);
    }
  }

  #tell(group: WaitingGroup<Entry>, told: string | null): void {
    for (const { service } of told === group.why ? group.news : group.members)
      this.#decide(service.key, this.#allocator.allocationOf(service, group.why));
    group.news.clear();
  }

  #decide(key: string, allocation: Allocation): void {
    this.#note(key);
    this.#undecided.delete(key);
    // The object stays the same where it says the same, so that whoever compares is quick.
    if (!sameAllocation(this.#allocations.get(key) ?? null, allocation)) this.#allocations.set(key, allocation);
  }

  #note(key: string): void {
    if (!this.#before.has(key)) this.#before.set(key, this.#allocations.get(key) ?? null);
  }
}

/** By the oldest member of each, so that the oldest of all is at the end. */
const youngestFirst = (a: WaitingGroup<Entry>, b: WaitingGroup<Entry>): number =>
  compareAge(b.members[0] as Entry, a.members[0] as Entry);

function placeIn(queue: readonly WaitingGroup<Entry>[], group: WaitingGroup<Entry>): number {
  let low = 0;
  let high = queue.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (youngestFirst(queue[middle] as WaitingGroup<Entry>, group) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether both say the same, what was cleared apart. */
export function sameAllocation(a: Allocation | null, b: Allocation | null): boolean {
  if (a === b) return true;
  if (a === null || b === null) return false;
  return (
    a.state === b.state &&
    a.pool === b.pool &&
    a.message === b.message &&
    a.ips.length === b.ips.length &&
    a.ips.every((ip, i) => sameIp(ip, b.ips[i] as Ip))
  );
}
