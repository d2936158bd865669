/**
 * Addresses that a Service may have, found and not yet claimed: by name, from a pool that it asks for, or from the first pool that has
 * what it needs (metallb-behaviour 2.3, 3.2 to 3.6). What is refused is refused with the reason and what to do about it.
 */
import type { Service } from '../cluster/service.ts';
import { formatIp, type Ip, type IpFamily } from '../net/ip.ts';
import { err, ok, type Result } from '../result.ts';
import type { PoolDirectory } from './pool-directory.ts';
import type { PoolSpace } from './pool-space.ts';
import { type AddressRequest, familyNames, listOf } from './request.ts';
import type { Tenant } from './sharing-key.ts';

/** Addresses found for a Service and not yet claimed. */
export interface Offer {
  readonly space: PoolSpace;
  readonly ips: readonly Ip[];
}

/** Looks for addresses in the pools; changes nothing. */
export class OfferFinder {
  readonly #pools: PoolDirectory;

  constructor(pools: PoolDirectory) {
    this.#pools = pools;
  }

  /** What the Service asks for, or what the pools give by themselves. */
  find(service: Service, tenant: Tenant, request: AddressRequest): Result<Offer, string> {
    if (request.ips.length > 0) return this.named(service, tenant, request.ips, request.pool);
    if (request.pool !== null) return this.#fromPool(service, tenant, request, request.pool);
    return this.#automatic(service, tenant, request);
  }

  /** Exactly these addresses, if one pool has them all and the Service may have them. */
  named(service: Service, tenant: Tenant, ips: readonly Ip[], wanted: string | null): Result<Offer, string> {
    const [first] = ips;
    const space = first && this.#pools.covering(first);
    if (first === undefined || space === undefined)
      return err(
        `${listOf(ips.slice(0, 1))} is in no pool: ask for an address of ${poolNames(this.#pools.spaces)}, or add it to one`,
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
    const refusal = this.#pools.refusal(space, service);
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
    const space = this.#pools.spaces.get(name);
    if (space === undefined)
      return err(
        `there is no pool "${name}", which the annotation address-pool asks for: create it${this.#pools.spaces.size === 0 ? '' : `, or ask for one of ${poolNames(this.#pools.spaces)}`}`,
      );
    const refusal = this.#pools.refusal(space, service);
    if (refusal !== null) return err(`pool "${name}" is not for this Service: ${refusal}`);
    const offer = best([space], tenant, request);
    return offer !== undefined
      ? ok(offer)
      : err(`${shortages([space], request)}; add addresses to it, free some, or ask for another pool`);
  }

  #automatic(service: Service, tenant: Tenant, request: AddressRequest): Result<Offer, string> {
    const pinned = this.#pools.pinnedFor(service);
    // A pinned pool with one family comes before an open one with both (metallb-behaviour 3.5).
    const offer = best(pinned, tenant, request) ?? best(this.#pools.open, tenant, request);
    if (offer !== undefined) return ok(offer);
    const tried = [...pinned, ...this.#pools.open];
    if (tried.length > 0) return err(`${shortages(tried, request)}; add addresses to a pool, or free some`);
    if (this.#pools.spaces.size === 0) return err('there is no IPAddressPool: create one');
    return err(
      `no pool gives this Service an address by itself: ${poolNames(this.#pools.spaces)} ` +
        `${this.#pools.spaces.size === 1 ? 'has autoAssign: false or is' : 'have autoAssign: false or are'} for other Services; ` +
        'name a pool in the annotation metallb.io/address-pool, or change the pool',
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
