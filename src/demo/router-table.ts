/**
 * What a receiving router keeps: the routes that each neighbor announced, and the best ones for each prefix, several where they are equal
 * (multipath). The decision is RFC 4271 section 9.1.2.2 as far as a router with external neighbors alone needs it.
 */

export interface ReceivedRoute {
  readonly prefix: string;
  readonly nextHop: string;
  /** As the router would see it: an external neighbor sends none, and the router takes 100. */
  readonly localPref: number;
  readonly asPath: readonly number[];
  /** IGP 0, EGP 1, INCOMPLETE 2: lower is better. */
  readonly origin: number;
  readonly med: number | null;
  readonly communities: readonly string[];
  readonly largeCommunities: readonly string[];
}

export interface TableEntry {
  readonly prefix: string;
  /** The equal best routes, sorted by neighbor. */
  readonly best: readonly { readonly neighbor: string; readonly route: ReceivedRoute }[];
}

export class RouterTable {
  readonly #adjRibIn = new Map<string, Map<string, ReceivedRoute>>();

  set(neighbor: string, route: ReceivedRoute): void {
    const routes = this.#adjRibIn.get(neighbor) ?? new Map<string, ReceivedRoute>();
    routes.set(route.prefix, route);
    this.#adjRibIn.set(neighbor, routes);
  }

  withdraw(neighbor: string, prefix: string): void {
    this.#adjRibIn.get(neighbor)?.delete(prefix);
  }

  has(neighbor: string, prefix: string): boolean {
    return this.#adjRibIn.get(neighbor)?.has(prefix) === true;
  }

  /** The session ended: everything that the neighbor announced is gone. Returns the prefixes that it had announced. */
  drop(neighbor: string): string[] {
    const prefixes = [...(this.#adjRibIn.get(neighbor)?.keys() ?? [])];
    this.#adjRibIn.delete(neighbor);
    return prefixes;
  }

  entries(): TableEntry[] {
    const byPrefix = new Map<string, { neighbor: string; route: ReceivedRoute }[]>();
    for (const neighbor of [...this.#adjRibIn.keys()].sort())
      for (const route of this.#adjRibIn.get(neighbor)?.values() ?? [])
        byPrefix.set(route.prefix, [...(byPrefix.get(route.prefix) ?? []), { neighbor, route }]);
    return [...byPrefix.keys()].sort().map((prefix) => ({ prefix, best: bestOf(byPrefix.get(prefix) ?? []) }));
  }
}

function bestOf<T extends { readonly route: ReceivedRoute }>(candidates: readonly T[]): T[] {
  const first = candidates.reduce((a, b) => (comparePreference(a.route, b.route) <= 0 ? a : b));
  return candidates.filter((candidate) => comparePreference(candidate.route, first.route) === 0);
}

/** Negative where `a` is preferred; 0 where both may carry traffic. */
const comparePreference = (a: ReceivedRoute, b: ReceivedRoute): number =>
  b.localPref - a.localPref ||
  a.asPath.length - b.asPath.length ||
  a.origin - b.origin ||
  (a.asPath[0] === b.asPath[0] ? (a.med ?? 0) - (b.med ?? 0) : 0);
