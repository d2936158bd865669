/**
 * IPAddressPool: what it is once understood, how it is read, and which of two pools gets a range that both want.
 *
 * The order of `spec.addresses` is kept: it is the order of allocation.
 */
import type * as z from 'zod/mini';
import { IPAddressPoolSpec } from '../crd/ip-address-pool.ts';
import { isIpv4Mapped } from '../net/ip.ts';
import { formatIpRange, type IpRange, parseIpRange, rangesOverlap } from '../net/ip-range.ts';
import { type Parsed, type Problem, problem } from './problem.ts';
import type { Resource } from './resource.ts';
import { type Labels, parseSelectors, type Selector } from './selector.ts';
import { parseSpec } from './shape.ts';
import { reportDuplicates } from './unique.ts';

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

/** Reads a pool for itself; whether its ranges are free is {@link RangeClaims}'s to say. */
export const parsePool = (resource: Resource): Parsed<Pool> =>
  parseSpec(IPAddressPoolSpec, resource, (spec, problems) => {
    const ranges = spec.addresses.flatMap((text, i) => {
      const range = parseIpRange(text);
      const fault = range.ok ? mappedFault(range.value, text) : range.error;
      if (range.ok && fault === undefined) return [range.value];
      problems.push(problem('bad-range', ['spec', 'addresses', i], fault ?? ''));
      return [];
    });
    return {
      name: resource.metadata.name,
      labels: resource.metadata.labels,
      ranges,
      autoAssign: spec.autoAssign,
      avoidBuggyIPs: spec.avoidBuggyIPs,
      serviceAllocation: readAllocation(spec.serviceAllocation, problems),
    };
  });

function readAllocation(
  allocation: z.output<typeof IPAddressPoolSpec>['serviceAllocation'],
  problems: Problem[],
): ServiceAllocation | null {
  if (allocation === undefined) return null;
  const at = ['spec', 'serviceAllocation'];
  reportDuplicates(allocation.namespaces, [...at, 'namespaces'], problems);
  return {
    priority: allocation.priority ?? 0,
    namespaces: allocation.namespaces ?? [],
    namespaceSelectors: parseSelectors(allocation.namespaceSelectors, [...at, 'namespaceSelectors'], problems),
    serviceSelectors: parseSelectors(allocation.serviceSelectors, [...at, 'serviceSelectors'], problems),
  };
}

/** IPv4 in IPv6 clothes would be announced as neither. */
const mappedFault = (range: IpRange, text: string): string | undefined =>
  isIpv4Mapped(range.first) ? `"${text}" is IPv4 mapped into IPv6: write it as IPv4` : undefined;

interface Claim {
  readonly range: IpRange;
  readonly pool: string;
}

/** Who has which addresses. Claims are disjoint and sorted, so that each new range is compared with two neighbours only. */
export class RangeClaims {
  readonly #claims: Claim[] = [];

  /** Takes all ranges of a pool, or none where one is taken already; then the problems say by whom. */
  claim(pool: Pool): readonly Problem[] {
    const problems: Problem[] = [];
    const taken: Claim[] = [];
    for (const [i, range] of pool.ranges.entries()) {
      const at = this.#position(range);
      const clash = [this.#claims[at - 1], this.#claims[at]].find(
        (c) => c !== undefined && rangesOverlap(c.range, range),
      );
      if (clash === undefined) {
        const claim = { range, pool: pool.name };
        this.#claims.splice(at, 0, claim);
        taken.push(claim);
      } else {
        const whose = clash.pool === pool.name ? 'of the same pool' : `of pool "${clash.pool}", which comes first`;
        const message = `${formatIpRange(range)} overlaps ${formatIpRange(clash.range)} ${whose}`;
        problems.push(problem('overlapping-ranges', ['spec', 'addresses', i], message));
      }
    }
    if (problems.length > 0) for (const claim of taken) this.#claims.splice(this.#claims.indexOf(claim), 1);
    return problems;
  }

  /** The number of claims that begin before the range does. */
  #position(range: IpRange): number {
    let low = 0;
    let high = this.#claims.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#claims[middle]?.range;
      if (other !== undefined && comesBefore(other, range)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const comesBefore = (a: IpRange, b: IpRange): boolean =>
  a.first.family === b.first.family ? a.first.value < b.first.value : a.first.family < b.first.family;
