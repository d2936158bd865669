/** One pool as the allocator holds it: both families, and whom it is for. */

import type { Service } from '../cluster/service.ts';
import type { Pool } from '../config/pool.ts';
import type { Labels } from '../config/selector.ts';
import { anySelectorMatches, selectorMatches } from '../config/selector.ts';
import type { Ip, IpFamily } from '../net/ip.ts';
import { formatIpRange } from '../net/ip-range.ts';
import { AddressSpace } from './address-space.ts';

export class PoolSpace {
  readonly pool: Pool;
  readonly #v4: AddressSpace;
  readonly #v6: AddressSpace;

  constructor(pool: Pool) {
    this.pool = pool;
    this.#v4 = new AddressSpace(
      pool.ranges.filter((range) => range.first.family === 4),
      pool.avoidBuggyIPs,
    );
    this.#v6 = new AddressSpace(
      pool.ranges.filter((range) => range.first.family === 6),
      false,
    );
  }

  of(family: IpFamily): AddressSpace {
    return family === 4 ? this.#v4 : this.#v6;
  }

  has(ip: Ip): boolean {
    return this.of(ip.family).has(ip.value);
  }

  /** Whether an address lies in the pool's ranges, be it one that `avoidBuggyIPs` keeps back. */
  covers(ip: Ip): boolean {
    return this.pool.ranges.some(
      ({ first, last }) => first.family === ip.family && first.value <= ip.value && ip.value <= last.value,
    );
  }

  /** Why the pool has no address of this family for a Service: to be read after "pool X". */
  shortage(family: IpFamily): string {
    const space = this.of(family);
    if (space.usable === 0n) return `has no IPv${family} addresses`;
    const ranges = this.pool.ranges.filter((range) => range.first.family === family);
    const shown = ranges.slice(0, 3).map(formatIpRange).join(', ') + (ranges.length > 3 ? ', …' : '');
    return `has all ${space.usable} of its IPv${family} addresses (${shown}) in use`;
  }
}

/**
 * Why the pool is not for this Service, or null where it is (`serviceAllocation`).
 *
 * Namespace selectors that match nothing leave nobody, where MetalLB drops the restriction (metallb-behaviour 3.3).
 */
export function refusalOf(pool: Pool, service: Service, namespaces: ReadonlyMap<string, Labels>): string | null {
  const { serviceAllocation: scope } = pool;
  if (scope === null) return null;
  const restricted = scope.namespaces.length > 0 || scope.namespaceSelectors.length > 0;
  if (restricted && !scope.namespaces.includes(service.namespace)) {
    // The API server puts this label on every namespace.
    const labels = { ...namespaces.get(service.namespace), 'kubernetes.io/metadata.name': service.namespace };
    if (!scope.namespaceSelectors.some((selector) => selectorMatches(selector, labels)))
      return `serviceAllocation does not include namespace "${service.namespace}"`;
  }
  return anySelectorMatches(scope.serviceSelectors, service.labels)
    ? null
    : "none of serviceAllocation's serviceSelectors matches the Service's labels";
}
