/** IPAddressPool. */
import type { IpRange } from '../net/ip-range.ts';
import type { Labels, Selector } from './selector.ts';

export interface Pool {
  readonly name: string;
  readonly labels: Labels;
  /** In the order of `spec.addresses`, which is the order of allocation. */
  readonly ranges: readonly IpRange[];
  readonly autoAssign: boolean;
  /** Skip IPv4 addresses that end in .0 or .255. */
  readonly avoidBuggyIPs: boolean;
  /** Which Services the pool is for; null for all. */
  readonly serviceAllocation: ServiceAllocation | null;
}

export interface ServiceAllocation {
  /** Lower is tried first; 0 is unset, which is last. */
  readonly priority: number;
  readonly namespaces: readonly string[];
  readonly namespaceSelectors: readonly Selector[];
  readonly serviceSelectors: readonly Selector[];
}
