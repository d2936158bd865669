/**
 * What a running inbound policy does with the routes of speakers: a prefix list, then a route map, entry by entry as a router asks them.
 *
 * Blocks of prefixes are judged as a whole and divided only where a list has a more specific entry. Where a policy has a condition that is not
 * read here, the answer is that nothing is known, so that nothing untrue is said.
 */
import type { IpFamily } from '../../net/ip.ts';
import { bitsOf } from '../../net/ip.ts';
import { type Prefix, prefixContains, prefixOf } from '../../net/prefix.ts';
import { writtenCommunities } from './community-list.ts';
import type { CommunityListEntry, PrefixListEntry, RouteMapEntry, RunningConfig } from './running.ts';

/** How much of a block something is true of. */
export type Coverage = 'all' | 'some' | 'none';

/** The routes of one length in a block, with their communities. */
export interface RouteClass {
  readonly prefix: Prefix;
  readonly length: number;
  readonly communities: readonly string[];
}

export type Verdict =
  /** `localPref` is null where the policy sets none. */
  | { readonly type: 'accepted'; readonly localPref: number | null; readonly line: number | null }
  | { readonly type: 'rejected' }
  | { readonly type: 'partly' }
  | { readonly type: 'unknown' };

/** What a neighbor's routes of a family pass through. */
export interface InboundPolicy {
  readonly family: IpFamily;
  readonly prefixList: string | null;
  readonly routeMap: string | null;
}

type Matcher = Pick<PrefixListEntry, 'permit' | 'prefix' | 'shortest' | 'longest'>;

/** Of which prefixes with this length inside the block the list says `permit`. */
export function coverage(entries: readonly Matcher[], block: Prefix, length: number): Coverage {
  for (const { permit, prefix, shortest, longest } of entries) {
    if (length < shortest || length > longest) continue;
    if (prefix.length <= block.length && prefixContains(prefix, block.address)) return permit ? 'all' : 'none';
    if (prefix.length <= length && prefix.length > block.length && prefixContains(block, prefix.address)) {
      const [low, high] = halves(block).map((half) => coverage(entries, half, length));
      return low === high ? (low as Coverage) : 'some';
    }
  }
  return 'none';
}

function halves({ address, length }: Prefix): readonly [Prefix, Prefix] {
  const { family, value } = address;
  const bit = 1n << BigInt(bitsOf(family) - length - 1);
  return [prefixOf(address, length + 1), prefixOf({ family, value: value | bit }, length + 1)];
}

/** What becomes of the routes. */
export function judge(
  policy: InboundPolicy,
  route: RouteClass,
  config: RunningConfig,
  undefinedPermits: boolean,
): Verdict {
  const lists = new Lists(config, undefinedPermits);
  if (policy.prefixList !== null) {
    const let_in = lists.prefixes([policy.prefixList], route);
    if (let_in !== 'all') return { type: let_in === 'none' ? 'rejected' : 'partly' };
  }
  if (policy.routeMap === null) return { type: 'accepted', localPref: null, line: null };
  const entries = config.routeMaps.get(policy.routeMap);
  if (entries === undefined)
    return undefinedPermits ? { type: 'accepted', localPref: null, line: null } : { type: 'rejected' };
  for (const entry of entries) {
    const matched = lists.matches(entry, route, policy.family);
    if (matched === 'none') continue;
    if (matched === 'unknown') return { type: 'unknown' };
    if (matched === 'some') return { type: 'partly' };
    return entry.permit ? { type: 'accepted', localPref: entry.localPref, line: entry.line } : { type: 'rejected' };
  }
  return { type: 'rejected' };
}

class Lists {
  readonly #config: RunningConfig;
  readonly #undefinedPermits: boolean;

  constructor(config: RunningConfig, undefinedPermits: boolean) {
    this.#config = config;
    this.#undefinedPermits = undefinedPermits;
  }

  matches(entry: RouteMapEntry, route: RouteClass, family: IpFamily): Coverage | 'unknown' {
    const own = entry.prefixLists.filter((list) => list.family === family).map(({ name }) => name);
    // A condition on the other family's prefixes holds for no route of this one.
    if (own.length === 0 && entry.prefixLists.length > 0) return 'none';
    const prefixes = own.length === 0 ? 'all' : this.prefixes(own, route);
    if (prefixes === 'none') return 'none';
    const communities = entry.communityLists.length === 0 ? true : this.#communities(entry.communityLists, route);
    if (communities === false) return 'none';
    return entry.unknown || communities === 'unknown' ? 'unknown' : prefixes;
  }

  /** One of the lists has to permit. */
  prefixes(names: readonly string[], { prefix, length }: RouteClass): Coverage {
    let best: Coverage = 'none';
    for (const name of names) {
      const entries = this.#config.prefixLists.get(name);
      const found: Coverage =
        entries === undefined ? (this.#undefinedPermits ? 'all' : 'none') : coverage(entries, prefix, length);
      if (found === 'all') return 'all';
      if (found === 'some') best = 'some';
    }
    return best;
  }

  #communities(names: readonly string[], { communities }: RouteClass): boolean | 'unknown' {
    let unknown = false;
    for (const name of names) {
      const entries = this.#config.communityLists.get(name);
      if (entries === undefined) continue;
      for (const entry of entries) {
        const found = holds(entry, communities);
        if (found === 'unknown') unknown = true;
        else if (found) {
          if (entry.permit) return true;
          break;
        }
      }
    }
    return unknown ? 'unknown' : false;
  }
}

function holds({ matches }: CommunityListEntry, communities: readonly string[]): boolean | 'unknown' {
  switch (matches.type) {
    case 'all':
      return matches.communities.every((one) => communities.includes(one));
    case 'pattern':
      return matches.pattern.test(writtenCommunities(communities));
    case 'unknown':
      return 'unknown';
  }
}

/** What a policy lets in beyond what is needed: the entry, and how it is too wide. */
export interface Excess {
  readonly line: number;
  /** The prefix list; null where an entry of a route map has no condition on prefixes. */
  readonly list: string | null;
  readonly entry: PrefixListEntry | null;
  /** `addresses`: outside of the pools. `lengths`: inside, in lengths that no advertisement uses. */
  readonly kind: 'addresses' | 'lengths';
}

/** Where the policy lets in more than these blocks with these lengths. */
export function excesses(
  policy: InboundPolicy,
  needed: readonly { readonly prefix: Prefix; readonly length: number }[],
  config: RunningConfig,
): readonly Excess[] {
  const wanted = needed.map(({ prefix, length }) => ({ permit: true, prefix, shortest: length, longest: length }));
  const pools = needed.map(({ prefix }) => ({
    permit: true,
    prefix,
    shortest: prefix.length,
    longest: bitsOf(prefix.address.family),
  }));
  const found: Excess[] = [];
  const look = (name: string): void => {
    for (const entry of config.prefixLists.get(name) ?? []) {
      if (!entry.permit) continue;
      const host = bitsOf(entry.prefix.address.family);
      if (coverage(pools, entry.prefix, Math.max(entry.prefix.length, host)) !== 'all')
        found.push({ line: entry.line, list: name, entry, kind: 'addresses' });
      else if (lengthsOf(entry).some((length) => coverage(wanted, entry.prefix, length) !== 'all'))
        found.push({ line: entry.line, list: name, entry, kind: 'lengths' });
    }
  };
  if (policy.prefixList !== null) look(policy.prefixList);
  const entries = policy.routeMap === null ? [] : (config.routeMaps.get(policy.routeMap) ?? []);
  for (const entry of entries) {
    if (!entry.permit || entry.unknown) continue;
    const own = entry.prefixLists.filter(({ family }) => family === policy.family);
    if (own.length > 0) for (const { name } of own) look(name);
    else if (entry.prefixLists.length === 0 && policy.prefixList === null)
      found.push({ line: entry.line, list: null, entry: null, kind: 'addresses' });
  }
  return [...new Map(found.map((one) => [`${one.line} ${one.kind}`, one])).values()];
}

const lengthsOf = ({ shortest, longest, prefix }: PrefixListEntry): readonly number[] =>
  Array.from({ length: Math.max(0, longest - shortest + 1) }, (_, i) => shortest + i).filter(
    (length) => length >= prefix.length && length <= bitsOf(prefix.address.family),
  );
