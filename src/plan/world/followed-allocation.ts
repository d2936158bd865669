/**
 * The addresses that the Services' statuses say, for a speaker whose controller decides: it announces what was written, and decides
 * nothing itself (metallb-behaviour 2.8).
 *
 * Addresses that were announced stay when their pool goes or shrinks, until the controller has moved the Service: clients use what the status
 * says, and to take an address away is the controller's to decide. MetalLB refuses the new configuration as long.
 */
import { type Allocation, type AllocationOptions, IGNORED, isHandled } from '../../allocator/allocator.ts';
import { type AllocationChange, sameAllocation } from '../../allocator/live-allocation.ts';
import { PoolDirectory } from '../../allocator/pool-directory.ts';
import { listOf } from '../../allocator/request.ts';
import type { Service } from '../../cluster/service.ts';
import type { Pool } from '../../config/pool.ts';
import type { Ip } from '../../net/ip.ts';

export class FollowedAllocation {
  readonly #options: AllocationOptions;
  readonly #pools: PoolDirectory;
  readonly #services = new Map<string, Service>();
  readonly #allocations = new Map<string, Allocation>();
  readonly #changes = new Map<string, AllocationChange>();

  constructor(pools: readonly Pool[], options: AllocationOptions) {
    this.#options = options;
    this.#pools = new PoolDirectory(pools, new Map());
  }

  /** By Service key. */
  get allocations(): ReadonlyMap<string, Allocation> {
    return this.#allocations;
  }

  /** Takes in Services that are new or changed, and other pools where they are given. */
  update(services: readonly Service[], pools: readonly Pool[] | null): void {
    for (const service of services) this.#services.set(service.key, service);
    if (pools !== null) this.#pools.replace(pools);
    for (const service of pools === null ? services : this.#services.values())
      this.#follow(service.key, this.#allocationOf(service));
  }

  remove(key: string): void {
    this.#services.delete(key);
    this.#follow(key, null);
  }

  /** Everything that is different since the last time. */
  settle(): readonly AllocationChange[] {
    const changes = [...this.#changes.values()].filter(({ before, after }) => !sameAllocation(before, after));
    this.#changes.clear();
    return changes;
  }

  #follow(service: string, after: Allocation | null): void {
    const before = this.#allocations.get(service) ?? null;
    if (sameAllocation(before, after)) return;
    if (after === null) this.#allocations.delete(service);
    else this.#allocations.set(service, after);
    const noted = this.#changes.get(service);
    this.#changes.set(service, { service, before: noted === undefined ? before : noted.before, after });
  }

  #allocationOf(service: Service): Allocation {
    if (!isHandled(service, this.#options)) return IGNORED;
    const [first] = service.ingress;
    if (first === undefined) return waiting('its status has no address yet');
    const space = this.#pools.covering(first);
    const isWithinPool = space !== undefined && service.ingress.every((ip) => this.#pools.covering(ip) === space);
    const before = this.#allocations.get(service.key);
    if (!isWithinPool && before?.pool !== undefined && before.pool !== null && sameIps(before.ips, service.ingress))
      return { ...before, message: keptMessage(service.ingress) };
    if (space === undefined) return waiting(`${listOf([first])} of its status is in no pool`);
    if (!isWithinPool) return waiting(`${listOf(service.ingress)} of its status are not of one pool`);
    return { state: 'Assigned', ips: service.ingress, pool: space.pool.name, message: null, cleared: null };
  }
}

const sameIps = (a: readonly Ip[], b: readonly Ip[]): boolean =>
  a.length === b.length && a.every((ip, i) => ip.family === b[i]?.family && ip.value === b[i].value);

const keptMessage = (ips: readonly Ip[]): string =>
  `${listOf(ips)} of its status is no longer within one pool: it stays announced until the controller has moved the Service`;

const waiting = (message: string): Allocation => ({ state: 'Pending', ips: [], pool: null, message, cleared: null });
