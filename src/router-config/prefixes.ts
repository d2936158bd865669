/** Which prefixes the advertisements make of the pools, as blocks with a length, and how many that can be. */
import { type BgpAdvertisement, scopeCovers } from '../config/advertisement.ts';
import type { Pool } from '../config/pool.ts';
import type { IpFamily } from '../net/ip.ts';
import { prefixesOf } from '../net/ip-range.ts';
import { comparePrefix, formatPrefix } from '../net/prefix.ts';
import { type FamilyNeed, LARGEST_LIMIT, type PrefixRule } from './model.ts';

/** What of a family reaches a router by these advertisements. */
export function familyNeed(
  family: IpFamily,
  advertisements: readonly BgpAdvertisement[],
  pools: readonly Pool[],
): FamilyNeed {
  const rules = new Map<string, { rule: PrefixRule; pools: Set<string>; advertisements: Set<string> }>();
  for (const advertisement of advertisements)
    for (const pool of pools.filter((candidate) => scopeCovers(advertisement, candidate)))
      for (const range of pool.ranges.filter(({ first }) => first.family === family))
        for (const prefix of prefixesOf(range)) {
          const length = lengthOf(advertisement, family);
          const key = `${formatPrefix(prefix)} ${length}`;
          const known = rules.get(key) ?? {
            rule: { prefix, length, pools: [], advertisements: [] },
            pools: new Set(),
            advertisements: new Set(),
          };
          known.pools.add(pool.name);
          known.advertisements.add(advertisement.name);
          rules.set(key, known);
        }
  const prefixes = [...rules.values()]
    .map((one) => ({ ...one.rule, pools: [...one.pools], advertisements: [...one.advertisements] }))
    .sort((a, b) => comparePrefix(a.prefix, b.prefix) || a.length - b.length);
  const count = prefixes.reduce((sum, { prefix, length }) => sum + 2n ** BigInt(length - prefix.length), 0n);
  const possible = count > BigInt(LARGEST_LIMIT) ? null : Number(count);
  return { family, prefixes, possible, maximumPrefixes: limitOf(possible) };
}

export const lengthOf = (advertisement: BgpAdvertisement, family: IpFamily): number =>
  family === 4 ? advertisement.aggregationLength : advertisement.aggregationLengthV6;

/**
 * A tenth more than there can be, and ten at least: a session that ends because of its limit takes all Services with it, so that a pool that
 * has grown by a little must not do that.
 */
const limitOf = (possible: number | null): number =>
  possible === null ? LARGEST_LIMIT : Math.min(LARGEST_LIMIT, possible + Math.max(10, Math.ceil(possible / 10)));
