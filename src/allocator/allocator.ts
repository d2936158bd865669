/**
 * Which Service gets which address.
 *
 * {@link allocate} is the whole of it, over one snapshot: every address that a status already has and that is still allowed is adopted,
 * the oldest Service first among rivals; then the others are served, oldest first. {@link Allocator} is the same step by step, for
 * whoever keeps it up to date. The rules are MetalLB's (metallb-behaviour 2.3 to 2.7 and 3); where MetalLB walks a map in random
 * order, the order here is by name, and where it has a defect, it is put right (docs/decisions.md 13).
 *
 * It writes nothing and tells nobody: status, annotation and event are its callers'.
 */
import type { Service } from '../cluster/service.ts';
import type { Config } from '../config/config.ts';
import type { Labels } from '../config/selector.ts';
import { formatIp, type Ip, type IpFamily, sameIp } from '../net/ip.ts';
import { err, ok, type Result } from '../result.ts';
import { byAge, compareText } from './order.ts';
import { PoolSpace, refusalOf } from './pool-space.ts';
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

/** Decides for every Service, by key, in the order in which they are given. */
export function allocate(
  services: readonly Service[],
  config: Pick<Config, 'pools'>,
  namespaces: ReadonlyMap<string, Labels>,
  options: AllocationOptions,
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
  for (const service of aged)
    allocations.set(service.key, { ...allocator.serve(service), cleared: cleared.get(service.key) ?? null });
  return allocations;
}

const IGNORED: Allocation = { state: 'Ignored', ips: [], pool: null, message: null, cleared: null };

/** Whether the Service is ours to serve: of type LoadBalancer, and of our class. */
export const isHandled = (service: Service, options: AllocationOptions): boolean =>
  service.type === 'LoadBalancer' && service.loadBalancerClass === options.lbClass;

interface Holding {
  readonly tenant: Tenant;
  readonly space: PoolSpace;
  readonly ips: readonly Ip[];
}

/** Addresses found for a Service and not yet claimed. */
interface Offer {
  readonly space: PoolSpace;
  readonly ips: readonly Ip[];
}

/** The addresses of a cluster and who holds them. */
export class Allocator {
  readonly #namespaces: ReadonlyMap<string, Labels>;
  readonly #spaces = new Map<string, PoolSpace>();
  /** With `serviceAllocation` and `autoAssign`, by priority (0 last), then by name. */
  readonly #pinned: readonly PoolSpace[];
  /** Without `serviceAllocation`, with `autoAssign`, by name. */
  readonly #open: readonly PoolSpace[];
  readonly #holdings = new Map<string, Holding>();

  constructor(pools: readonly Config['pools'][number][], namespaces: ReadonlyMap<string, Labels>) {
    this.#namespaces = namespaces;
    for (const pool of [...pools].sort((a, b) => compareText(a.name, b.name)))
      this.#spaces.set(pool.name, new PoolSpace(pool));
    const automatic = [...this.#spaces.values()].filter((space) => space.pool.autoAssign);
    const rank = (space: PoolSpace): number => space.pool.serviceAllocation?.priority || Number.POSITIVE_INFINITY;
    this.#pinned = automatic
      .filter((space) => space.pool.serviceAllocation !== null)
      .sort((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)));
    this.#open = automatic.filter((space) => space.pool.serviceAllocation === null);
  }

  /** Takes the addresses of the Service's status as they are; the error says why it may not keep them, and then it holds none. */
  adopt(service: Service): Result<{ readonly pool: string }, string> {
    this.release(service.key);
    const request = requestOf(service);
    if (!request.ok) return request;
    const allowed = this.#mayKeep(service, request.value, service.ingress);
    if (!allowed.ok) return allowed;
    this.#claim(tenantOf(service), allowed.value);
    return ok({ pool: allowed.value.space.pool.name });
  }

  /** The Service's addresses: those it holds, with the second family added where that is wished and possible; else new ones. */
  serve(service: Service): Allocation {
    const request = requestOf(service);
    if (!request.ok) {
      this.release(service.key);
      return pending(service, request.error);
    }
    const held = this.#holdings.get(service.key);
    if (held !== undefined) return this.#completed(held, request.value);
    const tenant = tenantOf(service);
    const offer = this.#offer(service, tenant, request.value);
    if (!offer.ok) return pending(service, offer.error);
    return this.#completed(this.#claim(tenant, offer.value), request.value);
  }

  /** Gives back whatever the Service holds. */
  release(key: string): void {
    const held = this.#holdings.get(key);
    if (held === undefined) return;
    this.#holdings.delete(key);
    for (const ip of held.ips) held.space.of(ip.family).release(ip.value, key);
  }

  #claim(tenant: Tenant, { space, ips }: Offer): Holding {
    for (const ip of ips) space.of(ip.family).claim(ip.value, tenant);
    const holding = { tenant, space, ips };
    this.#holdings.set(tenant.service, holding);
    return holding;
  }

  #mayKeep(service: Service, request: AddressRequest, ips: readonly Ip[]): Result<Offer, string> {
    const oneOfTwo = request.mayBeSingle && ips.length === 1 && ips.every((ip) => request.families.includes(ip.family));
    if (!sameFamilies(ips, request.families) && !oneOfTwo)
      return err(`${listOf(ips)} does not fit the Service's ${familyNames(request.families)}`);
    if (request.ips.length > 0 && !sameSet(ips, request.ips))
      return err(`the Service asks for ${listOf(request.ips)} now`);
    return this.#named(service, tenantOf(service), ips, request.pool);
  }

  #offer(service: Service, tenant: Tenant, request: AddressRequest): Result<Offer, string> {
    if (request.ips.length > 0) return this.#named(service, tenant, request.ips, request.pool);
    if (request.pool !== null) return this.#fromPool(service, tenant, request, request.pool);
    return this.#automatic(service, tenant, request);
  }

  /** Exactly these addresses, if one pool has them all and the Service may have them. */
  #named(service: Service, tenant: Tenant, ips: readonly Ip[], wanted: string | null): Result<Offer, string> {
    const [first] = ips;
    const space = first && [...this.#spaces.values()].find((candidate) => candidate.covers(first));
    if (first === undefined || space === undefined)
      return err(
        `${listOf(ips.slice(0, 1))} is in no pool: ask for an address of ${poolNames(this.#spaces)}, or add it to one`,
      );
    const name = space.pool.name;
    for (const ip of ips) {
      if (!space.covers(ip))
        return err(
          `${listOf(ips)} are not of one pool: both addresses of a Service must be; ${formatIp(first)} is of "${name}"`,
        );
      if (!space.has(ip))
        return err(
          `${formatIp(ip)} ends in .0 or .255, and pool "${name}" has avoidBuggyIPs set: ask for another address, or unset it`,
        );
    }
    if (wanted !== null && wanted !== name)
      return err(
        `${listOf(ips)} is of pool "${name}", but the annotation address-pool asks for "${wanted}": change one of the two`,
      );
    const refusal = refusalOf(space.pool, service, this.#namespaces);
    if (refusal !== null) return err(`pool "${name}" is not for this Service: ${refusal}`);
    for (const ip of ips) {
      const conflict = space.of(ip.family).conflict(ip.value, tenant);
      if (conflict !== null)
        return err(
          `${formatIp(ip)} of pool "${name}" cannot be had: ${conflict}; ask for another address, or let the Services share it ` +
            '(the same metallb.io/allow-shared-ip on all of them, no port twice)',
        );
    }
    return ok({ space, ips });
  }

  #fromPool(service: Service, tenant: Tenant, request: AddressRequest, name: string): Result<Offer, string> {
    const space = this.#spaces.get(name);
    if (space === undefined)
      return err(
        `there is no pool "${name}", which the annotation address-pool asks for: create it${this.#spaces.size === 0 ? '' : `, or ask for one of ${poolNames(this.#spaces)}`}`,
      );
    const refusal = refusalOf(space.pool, service, this.#namespaces);
    if (refusal !== null) return err(`pool "${name}" is not for this Service: ${refusal}`);
    const offer = best([space], tenant, request);
    return offer !== undefined
      ? ok(offer)
      : err(`${shortages([space], request)}; add addresses to it, free some, or ask for another pool`);
  }

  #automatic(service: Service, tenant: Tenant, request: AddressRequest): Result<Offer, string> {
    const pinned = this.#pinned.filter((space) => refusalOf(space.pool, service, this.#namespaces) === null);
    // A pinned pool with one family comes before an open one with both (metallb-behaviour 3.5).
    const offer = best(pinned, tenant, request) ?? best(this.#open, tenant, request);
    if (offer !== undefined) return ok(offer);
    const tried = [...pinned, ...this.#open];
    if (tried.length > 0) return err(`${shortages(tried, request)}; add addresses to a pool, or free some`);
    if (this.#spaces.size === 0) return err('there is no IPAddressPool: create one');
    return err(
      `no pool gives this Service an address by itself: ${poolNames(this.#spaces)} ` +
        `${this.#spaces.size === 1 ? 'has autoAssign: false or is' : 'have autoAssign: false or are'} for other Services; ` +
        'name a pool in the annotation metallb.io/address-pool, or change the pool',
    );
  }

  /** Adds the missing family to a Service that prefers two; it never moves to another pool for that. */
  #completed(held: Holding, request: AddressRequest): Allocation {
    const missing = request.families.find((family) => !held.ips.some((ip) => ip.family === family));
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

/** The first pool that has what is asked for; where one family will do, the first that has both, else the primary one, else the other. */
function best(spaces: readonly PoolSpace[], tenant: Tenant, request: AddressRequest): Offer | undefined {
  const wishes = request.mayBeSingle ? [request.families, ...request.families.map((f) => [f])] : [request.families];
  for (const wish of wishes)
    for (const space of spaces) {
      const ips = firstOf(space, tenant, wish);
      if (ips !== undefined) return { space, ips };
    }
  return undefined;
}

/** One address of each family, IPv4 first whatever the Service's order (metallb-behaviour 3.5). */
function firstOf(space: PoolSpace, tenant: Tenant, families: readonly IpFamily[]): readonly Ip[] | undefined {
  const ips: Ip[] = [];
  for (const family of [...families].sort()) {
    const value = space.of(family).first(tenant);
    if (value === undefined) return undefined;
    ips.push({ family, value });
  }
  return ips;
}

function shortages(spaces: readonly PoolSpace[], request: AddressRequest): string {
  const shown = spaces.slice(0, 4).map((space) => {
    const lacking = request.families.filter((family) => space.of(family).inUse >= space.of(family).usable);
    return `pool "${space.pool.name}" ${(lacking.length > 0 ? lacking : request.families).map((family) => space.shortage(family)).join(' and ')}`;
  });
  const more = spaces.length - shown.length;
  return `no available ${familyNames(request.families)} address: ${shown.join('; ')}${more > 0 ? `; and ${more} more pools likewise` : ''}`;
}

function poolNames(spaces: ReadonlyMap<string, PoolSpace>): string {
  if (spaces.size === 0) return 'a pool (there is none yet)';
  const names = [...spaces.keys()].slice(0, 5).map((name) => `"${name}"`);
  return `${names.join(', ')}${spaces.size > names.length ? ` and ${spaces.size - names.length} more` : ''}`;
}

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
