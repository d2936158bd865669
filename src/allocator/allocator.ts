/**
 * Which Service gets which address.
 *
 * {@link allocate} is the whole of it, over one snapshot: every address that a status already has and that is still allowed is adopted,
 * the oldest Service first among rivals; then the others are served, oldest first, until nobody can be served any more (one that shares an
 * address may have waited for the other). {@link Allocator} is the same step by step, for whoever keeps it up to date. The rules are
 * MetalLB's (metallb-behaviour 2.3 to 2.7 and 3); where MetalLB walks a map in random order, the order here is by name, and where it has a
 * defect, it is put right (docs/decisions.md 13).
 *
 * It writes nothing and tells nobody: status, annotation and event are its callers'.
 */
import type { Service } from '../cluster/service.ts';
import { compactList } from '../compact-list.ts';
import type { Config } from '../config/config.ts';
import type { Labels } from '../config/selector.ts';
import { type Ip, sameIp } from '../net/ip.ts';
import { err, ok, type Result } from '../result.ts';
import { type Demand, demandOf, missingFamily } from './demand.ts';
import { type Offer, OfferFinder } from './offer.ts';
import { byAge } from './order.ts';
import { PoolDirectory } from './pool-directory.ts';
import type { PoolSpace } from './pool-space.ts';
import { type AddressRequest, familyNames, listOf, requestOf, sameFamilies } from './request.ts';
import { type Tenant, tenantOf } from './sharing-key.ts';

export type AllocationState = 'Assigned' | 'Pending' | 'Ignored';

/** What became of one Service. */
export interface Allocation {
  /** `Ignored`: not of type LoadBalancer, or of another class. */
  readonly state: AllocationState;
  /** In the order in which they are written to status. */
  readonly ips: readonly Ip[];
  /** The pool that all of them are from; null unless `Assigned`. */
  readonly pool: string | null;
  /** The text of the event: why it is Pending, or why it has one family of the two that it would like. */
  readonly message: string | null;
  /** Addresses that its status had and that it may not keep, and why. */
  readonly cleared: { readonly ips: readonly Ip[]; readonly reason: string } | null;
}

export interface AllocationOptions {
  /** `--lb-class`; null handles the Services without a class. */
  readonly lbClass: string | null;
}

/**
 * Decides for every Service, by key, in the order in which they are given.
 *
 * @param observe - sees the addresses as they are whenever it is a Service's turn; it must leave them as they are.
 */
export function allocate(
  services: readonly Service[],
  config: Pick<Config, 'pools'>,
  namespaces: ReadonlyMap<string, Labels>,
  options: AllocationOptions,
  observe?: (service: Service, allocator: Allocator) => void,
): ReadonlyMap<string, Allocation> {
  const allocator = new Allocator(config.pools, namespaces);
  const allocations = new Map<string, Allocation>();
  const cleared = new Map<string, Allocation['cleared']>();
  const ours: Service[] = [];
  for (const service of services) {
    if (allocations.has(service.key)) continue;
    allocations.set(service.key, IGNORED); // keeps the order of the input; the others are filled in below
    if (isHandled(service, options)) ours.push(service);
  }
  const aged = byAge(ours);
  for (const service of aged) {
    if (service.ingress.length === 0) continue;
    const adopted = allocator.adopt(service);
    if (!adopted.ok) cleared.set(service.key, { ips: service.ingress, reason: adopted.error });
  }
  for (let waiting = aged, served = true; served; ) {
    served = false;
    waiting = waiting.filter((service) => {
      observe?.(service, allocator);
      const allocation = allocator.serve(service);
      if (allocation.ips.length > (allocations.get(service.key)?.ips.length ?? 0)) served = true;
      allocations.set(service.key, { ...allocation, cleared: cleared.get(service.key) ?? null });
      return allocation.message !== null;
    });
  }
  return allocations;
}

/** What becomes of a Service that is not ours to serve. */
export const IGNORED: Allocation = { state: 'Ignored', ips: [], pool: null, message: null, cleared: null };

/** Whether the Service is ours to serve: of type LoadBalancer, and of our class. */
export const isHandled = (service: Service, options: AllocationOptions): boolean =>
  service.type === 'LoadBalancer' && service.loadBalancerClass === options.lbClass;

interface Holding {
  readonly tenant: Tenant;
  readonly space: PoolSpace;
  readonly ips: readonly Ip[];
}

/**
 * The numbers of a pool, by family. A shared address counts once, avoided ones do not count. The API has 64-bit integers for them, so that
 * a larger pool counts as 2^63 - 1, all of its ranges together (where MetalLB overflows: docs/decisions.md 13).
 */
export interface PoolCounters {
  readonly usableIPv4: bigint;
  readonly usableIPv6: bigint;
  readonly assignedIPv4: number;
  readonly assignedIPv6: number;
  readonly availableIPv4: bigint;
  readonly availableIPv6: bigint;
}

const MAX_INT64 = 2n ** 63n - 1n;

const countable = (count: bigint): bigint => (count > MAX_INT64 ? MAX_INT64 : count);

/** The addresses of a cluster and who holds them. */
export class Allocator {
  readonly #pools: PoolDirectory;
  readonly #offers: OfferFinder;
  readonly #holdings = new Map<string, Holding>();
  /** Names of pools in which an address was claimed or released since {@link takeTouched}. */
  #touched = new Set<string>();

  constructor(pools: readonly Config['pools'][number][], namespaces: ReadonlyMap<string, Labels>) {
    this.#pools = new PoolDirectory(pools, namespaces);
    this.#offers = new OfferFinder(this.#pools);
  }

  /** The pools, for whoever looks without changing anything. */
  get pools(): PoolDirectory {
    return this.#pools;
  }

  /** Puts other pools in force. Services whose pool changed or went hold nothing afterwards: what they held comes back, to be adopted. */
  setPools(pools: readonly Config['pools'][number][]): ReadonlyMap<string, readonly Ip[]> {
    const gone = this.#pools.replace(pools);
    const lost = new Map<string, readonly Ip[]>();
    if (gone.size === 0) return lost;
    for (const [key, { space, ips }] of this.#holdings) if (gone.has(space)) lost.set(key, ips);
    for (const key of lost.keys()) this.#holdings.delete(key);
    return lost;
  }

  /**
   * Takes these addresses as they are; the error says why the Service may not keep them, and then it holds none.
   *
   * @param ips - those of its status where it holds none yet.
   */
  adopt(service: Service, ips: readonly Ip[] = service.ingress): Result<{ readonly pool: string }, string> {
    const request = requestOf(service);
    const tenant = tenantOf(service);
    const allowed = request.ok ? this.#mayKeep(service, tenant, request.value, ips) : request;
    const held = this.#holdings.get(service.key);
    // Whoever waits for an address learns nothing new where all stays as it is.
    if (allowed.ok && held !== undefined && isHeld(held, allowed.value, tenant))
      return ok({ pool: held.space.pool.name });
    this.release(service.key);
    if (!allowed.ok) return allowed;
    this.#claim(tenant, allowed.value);
    return ok({ pool: allowed.value.space.pool.name });
  }

  /** The Service's addresses: those it holds, with the second family added where that is wished and possible; else new ones. */
  serve(service: Service): Allocation {
    const served = this.#serve(service);
    return served.ok ? served.value : pending(service, served.error);
  }

  /** Serves the Service; the error says why it gains nothing, in words that hold for everybody with the same {@link Demand}. */
  trySupply(service: Service): Result<null, string> {
    const before = this.heldBy(service.key).length;
    const served = this.#serve(service);
    if (!served.ok) return served;
    const { ips, message } = served.value;
    return message === null || ips.length > before ? ok(null) : err(message);
  }

  /** What has become of a Service, where `why` says what it still lacks, or is null. */
  allocationOf(service: Service, why: string | null): Allocation {
    const held = this.#holdings.get(service.key);
    return held === undefined ? pending(service, why ?? 'it was not served yet') : assigned(held, why);
  }

  #serve(service: Service): Result<Allocation, string> {
    const request = requestOf(service);
    if (!request.ok) {
      this.release(service.key);
      return request;
    }
    const held = this.#holdings.get(service.key);
    if (held !== undefined) return ok(this.#completed(held, request.value));
    const tenant = tenantOf(service);
    const offer = this.#offers.find(service, tenant, request.value);
    if (!offer.ok) return offer;
    return ok(this.#completed(this.#claim(tenant, offer.value), request.value));
  }

  /** Gives back whatever the Service holds. */
  release(key: string): void {
    const held = this.#holdings.get(key);
    if (held === undefined) return;
    this.#holdings.delete(key);
    this.#touched.add(held.space.pool.name);
    for (const ip of held.ips) held.space.of(ip.family).release(ip.value, key);
  }

  /** What the Service holds; empty where that is nothing. */
  heldBy(key: string): readonly Ip[] {
    return this.#holdings.get(key)?.ips ?? [];
  }

  /** The pools in which an address was claimed or released since the last call: who waits for one of them may be served now. */
  takeTouched(): ReadonlySet<string> {
    const touched = this.#touched;
    this.#touched = new Set();
    return touched;
  }

  /** What the Service lacks; null where it has everything that it wants. */
  demandOf(service: Service): Demand | null {
    return demandOf(service, this.#holdings.get(service.key), this.#pools);
  }

  /** How many addresses of a pool are in use and how many are left, by family. */
  countersOf(pool: string): PoolCounters | undefined {
    const space = this.#pools.spaces.get(pool);
    if (space === undefined) return undefined;
    const [v4, v6] = [space.of(4), space.of(6)];
    const [usableIPv4, usableIPv6] = [countable(v4.usable), countable(v6.usable)];
    return {
      usableIPv4,
      usableIPv6,
      assignedIPv4: v4.inUse,
      assignedIPv6: v6.inUse,
      availableIPv4: usableIPv4 - BigInt(v4.inUse),
      availableIPv6: usableIPv6 - BigInt(v6.inUse),
    };
  }

  #claim(tenant: Tenant, { space, ips }: Offer): Holding {
    this.#touched.add(space.pool.name);
    for (const ip of ips) space.of(ip.family).claim(ip.value, tenant);
    const holding = { tenant, space, ips: compactList(ips) };
    this.#holdings.set(tenant.service, holding);
    return holding;
  }

  #mayKeep(service: Service, tenant: Tenant, request: AddressRequest, ips: readonly Ip[]): Result<Offer, string> {
    const oneOfTwo = request.mayBeSingle && ips.length === 1 && ips.every((ip) => request.families.includes(ip.family));
    if (!sameFamilies(ips, request.families) && !oneOfTwo)
      return err(`${listOf(ips)} does not fit the Service's ${familyNames(request.families)}`);
    if (request.ips.length > 0 && !sameSet(ips, request.ips))
      return err(`the Service asks for ${listOf(request.ips)} now`);
    return this.#offers.named(service, tenant, ips, request.pool);
  }

  /** Adds the missing family to a Service that prefers two; it never moves to another pool for that. */
  #completed(held: Holding, request: AddressRequest): Allocation {
    const missing = missingFamily(held, request);
    if (missing === undefined) return assigned(held, null);
    const value = held.space.of(missing).first(held.tenant);
    if (value === undefined)
      return assigned(
        held,
        `cannot assign additional IP in PreferDualStack: pool "${held.space.pool.name}" ${held.space.shortage(missing)}`,
      );
    this.release(held.tenant.service);
    return assigned(
      this.#claim(held.tenant, { space: held.space, ips: [...held.ips, { family: missing, value }] }),
      null,
    );
  }
}

const isHeld = (held: Holding, { space, ips }: Offer, tenant: Tenant): boolean =>
  held.space === space &&
  held.ips.length === ips.length &&
  held.ips.every((ip, i) => sameIp(ip, ips[i] as Ip)) &&
  held.tenant.sharingKey === tenant.sharingKey &&
  held.tenant.ports.join() === tenant.ports.join();

const sameSet = (a: readonly Ip[], b: readonly Ip[]): boolean =>
  a.length === b.length && a.every((ip) => b.some((other) => sameIp(ip, other)));

const assigned = ({ space, ips }: Holding, message: string | null): Allocation => ({
  state: 'Assigned',
  ips,
  pool: space.pool.name,
  message,
  cleared: null,
});

const pending = (service: Service, why: string): Allocation => ({
  state: 'Pending',
  ips: [],
  pool: null,
  message: `Failed to allocate IP for "${service.key}": ${why}`,
  cleared: null,
});
