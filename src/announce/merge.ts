/**
 * One set of attributes of two that are wanted for the same prefix on the same session.
 *
 * Communities are united, as MetalLB does. Of the rest the most preferred wins, each attribute for itself: the highest LOCAL_PREF, the
 * lowest MULTI_EXIT_DISC (an absent one is the lowest: RFC 4271 section 9.1.2.2 c), the fewest repetitions of our AS. So the outcome does not
 * depend on the order in which Services come and go, where MetalLB takes whichever it meets first (metallb-behaviour 4.3).
 */
import { compareExtendedCommunity } from '../bgp/extended-community.ts';
import { compareLargeCommunity, type RouteAttributes } from '../bgp/route.ts';

/** Commutative, associative, and idempotent by value. */
export function mergeAttributes(a: RouteAttributes, b: RouteAttributes): RouteAttributes {
  return {
    localPref: preferred(a.localPref, b.localPref),
    med: a.med === null || b.med === null ? null : Math.min(a.med, b.med),
    asPathPrepend: Math.min(a.asPathPrepend, b.asPathPrepend),
    communities: a.communities === b.communities ? a.communities : union(a.communities, b.communities, (x, y) => x - y),
    largeCommunities:
      a.largeCommunities === b.largeCommunities
        ? a.largeCommunities
        : union(a.largeCommunities, b.largeCommunities, compareLargeCommunity),
    ...extendedOf(a, b),
  };
}

/** Left out where neither has any, as most routes have none. */
function extendedOf(a: RouteAttributes, b: RouteAttributes): Pick<RouteAttributes, 'extendedCommunities'> {
  if (a.extendedCommunities === undefined && b.extendedCommunities === undefined) return {};
  return {
    extendedCommunities: union(a.extendedCommunities ?? [], b.extendedCommunities ?? [], compareExtendedCommunity),
  };
}

/** Unset is sent as 100 (docs/decisions.md 6), and counts as such. */
function preferred(a: number | null, b: number | null): number | null {
  if (a === null || b === null) {
    const set = a ?? b;
    return set === null || set < 100 ? null : set;
  }
  return Math.max(a, b);
}

function union<T>(a: readonly T[], b: readonly T[], compare: (x: T, y: T) => number): readonly T[] {
  const sorted = [...a, ...b].sort(compare);
  return sorted.filter((value, i) => i === 0 || compare(sorted[i - 1] as T, value) !== 0);
}
