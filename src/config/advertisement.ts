/**
 * BGPAdvertisement and L2Advertisement: what they are once understood, how they are read, and for which pools they are.
 *
 * What an advertisement means beside others (two local preferences for one prefix) is local-preference.ts's.
 */
import { compareExtendedCommunity, parseExtendedCommunity } from '../bgp/extended-community.ts';
import { compareLargeCommunity, type LargeCommunity } from '../bgp/route.ts';
import { BGPAdvertisementSpec, L2AdvertisementSpec } from '../crd/advertisement.ts';
import { formatIpRange, type IpRange, prefixesOf } from '../net/ip-range.ts';
import type { CommunityDirectory, CommunityValue } from './community.ts';
import type { Pool } from './pool.ts';
import { type Parsed, type Problem, problem } from './problem.ts';
import type { Resource } from './resource.ts';
import { type Labels, parseSelector, parseSelectors, type Selector, selectorMatches } from './selector.ts';
import { parseSpec } from './shape.ts';
import { reportDuplicates } from './unique.ts';

/** Which pools an advertisement is for: neither list given means all of them, given but matching nothing means none. */
export interface PoolScope {
  readonly ipAddressPools: readonly string[];
  readonly ipAddressPoolSelectors: readonly Selector[];
}

export interface BgpAdvertisement extends PoolScope {
  readonly name: string;
  /** ANY of them; empty selects every node. */
  readonly nodeSelectors: readonly Selector[];
  /** ANY of them; empty selects every Service. */
  readonly serviceSelectors: readonly Selector[];
  /** Names of BGPPeers; empty means all. */
  readonly peers: readonly string[];
  readonly aggregationLength: number;
  readonly aggregationLengthV6: number;
  /** Null when unset. */
  readonly localPref: number | null;
  readonly med: number | null;
  readonly asPathPrepend: number;
  /** Aliases, words and resource names are resolved; ascending, each once. */
  readonly communities: readonly number[];
  readonly largeCommunities: readonly LargeCommunity[];
  /** RFC 4360, ascending, each once. */
  readonly extendedCommunities: readonly bigint[];
}

export interface L2Advertisement extends PoolScope {
  readonly name: string;
  readonly nodeSelectors: readonly Selector[];
  readonly serviceSelectors: readonly Selector[];
  /** Exact names; empty means every interface. */
  readonly interfaces: readonly string[];
  /** A node's score in the election is the sum of the weights of those that match it. */
  readonly preferredNodes: readonly PreferredNodes[];
}

export interface PreferredNodes {
  /** 1 to 100. */
  readonly weight: number;
  readonly selector: Selector;
}

/** Whether an advertisement is for a pool of this name and these labels. */
export const scopeCovers = (scope: PoolScope, pool: { readonly name: string; readonly labels: Labels }): boolean =>
  (scope.ipAddressPools.length === 0 && scope.ipAddressPoolSelectors.length === 0) ||
  scope.ipAddressPools.includes(pool.name) ||
  scope.ipAddressPoolSelectors.some((selector) => selectorMatches(selector, pool.labels));

/** Reads a BGPAdvertisement; its communities are looked up in the directory, its aggregation is held to its pools' ranges. */
export function parseBgpAdvertisement(
  resource: Resource,
  directory: CommunityDirectory,
  pools: readonly Pool[],
): Parsed<BgpAdvertisement> {
  return parseSpec(BGPAdvertisementSpec, resource, (spec, problems) => {
    for (const field of ['ipAddressPools', 'peers', 'communities', 'extendedCommunities'] as const)
      reportDuplicates(spec[field], ['spec', field], problems);
    const advertisement: BgpAdvertisement = {
      name: resource.metadata.name,
      ...readScope(spec, problems),
      peers: spec.peers ?? [],
      aggregationLength: spec.aggregationLength,
      aggregationLengthV6: spec.aggregationLengthV6,
      // Zero is how MetalLB writes "unset".
      localPref: spec.localPref || null,
      med: spec.med ?? null,
      asPathPrepend: spec.asPathPrepend,
      ...readCommunities(spec.communities ?? [], directory, problems),
      extendedCommunities: readExtendedCommunities(spec.extendedCommunities ?? [], problems),
    };
    checkAggregation(advertisement, pools, problems);
    if (spec.linkBandwidth !== undefined)
      problems.push(
        problem('not-running-yet', ['spec', 'linkBandwidth'], 'spec.linkBandwidth has no engine yet: it is not sent'),
      );
    return advertisement;
  });
}

/** Reads an L2Advertisement, and says that nobody answers ARP or NDP yet. */
export const parseL2Advertisement = (resource: Resource): Parsed<L2Advertisement> =>
  parseSpec(L2AdvertisementSpec, resource, (spec, problems) => {
    for (const field of ['ipAddressPools', 'interfaces'] as const)
      reportDuplicates(spec[field], ['spec', field], problems);
    const preferredNodes = (spec.preferredNodeSelectors ?? []).map(({ weight, preference }, i) => ({
      weight,
      selector: parseSelector(preference, ['spec', 'preferredNodeSelectors', i, 'preference'], problems),
    }));
    problems.push(
      problem('not-running-yet', [], 'layer 2 does not run yet: nobody answers ARP or NDP for these addresses'),
    );
    return {
      name: resource.metadata.name,
      ...readScope(spec, problems),
      interfaces: spec.interfaces ?? [],
      preferredNodes,
    };
  });

type SelectorSources = Parameters<typeof parseSelectors>[0];

interface ScopeSpec {
  readonly ipAddressPools?: readonly string[] | undefined;
  readonly ipAddressPoolSelectors?: SelectorSources;
  readonly nodeSelectors?: SelectorSources;
  readonly serviceSelectors?: SelectorSources;
}

function readScope(
  spec: ScopeSpec,
  problems: Problem[],
): PoolScope & Pick<BgpAdvertisement, 'nodeSelectors' | 'serviceSelectors'> {
  const read = (field: 'ipAddressPoolSelectors' | 'nodeSelectors' | 'serviceSelectors') =>
    parseSelectors(spec[field], ['spec', field], problems);
  return {
    ipAddressPools: spec.ipAddressPools ?? [],
    ipAddressPoolSelectors: read('ipAddressPoolSelectors'),
    nodeSelectors: read('nodeSelectors'),
    serviceSelectors: read('serviceSelectors'),
  };
}

const MAX_COMMUNITIES = 63;

function readCommunities(
  names: readonly string[],
  directory: CommunityDirectory,
  problems: Problem[],
): Pick<BgpAdvertisement, 'communities' | 'largeCommunities'> {
  const values: CommunityValue[] = [];
  for (const [i, name] of names.entries()) {
    const path = ['spec', 'communities', i];
    const resolved = directory.resolve(name);
    if (!resolved.ok) {
      problems.push(problem('unresolved-community', path, resolved.error));
      continue;
    }
    if (resolved.value.ambiguous) {
      const message = `"${name}" is an alias and the name of a Community with other values: the alias is used`;
      problems.push(problem('ambiguous-community', path, message));
    }
    values.push(...resolved.value.values);
  }
  const standard = new Set(values.filter((value) => typeof value === 'number'));
  if (values.length > MAX_COMMUNITIES) {
    const message = `${values.length} communities: MetalLB allows ${MAX_COMMUNITIES} in one advertisement, and a route must fit into one message`;
    problems.push(problem('out-of-range', ['spec', 'communities'], message));
  }
  const large = new Map(
    values.filter((value) => typeof value !== 'number').map((value) => [JSON.stringify(largeKey(value)), value]),
  );
  return {
    communities: [...standard].sort((a, b) => a - b),
    largeCommunities: [...large.values()].sort(compareLargeCommunity),
  };
}

function readExtendedCommunities(texts: readonly string[], problems: Problem[]): readonly bigint[] {
  const values = new Set<bigint>();
  for (const [i, text] of texts.entries()) {
    const parsed = parseExtendedCommunity(text);
    if (parsed.ok) values.add(parsed.value);
    else problems.push(problem('bad-community', ['spec', 'extendedCommunities', i], parsed.error));
  }
  return [...values].sort(compareExtendedCommunity);
}

const largeKey = (c: LargeCommunity): readonly number[] => [c.globalAdministrator, c.localData1, c.localData2];

/** An aggregate may not reach beyond a range: it would draw traffic for addresses that are not the pool's. */
function checkAggregation(advertisement: BgpAdvertisement, pools: readonly Pool[], problems: Problem[]): void {
  const { aggregationLength, aggregationLengthV6 } = advertisement;
  if (advertisement.serviceSelectors.length > 0 && (aggregationLength !== 32 || aggregationLengthV6 !== 128)) {
    const message = 'serviceSelectors and an aggregation length exclude each other';
    problems.push(problem('aggregation-with-service-selectors', ['spec', 'serviceSelectors'], message));
  }
  for (const [family, field, length] of [
    [4, 'aggregationLength', aggregationLength],
    [6, 'aggregationLengthV6', aggregationLengthV6],
  ] as const) {
    if (length === (family === 4 ? 32 : 128)) continue;
    for (const pool of pools.filter((p) => scopeCovers(advertisement, p))) {
      const range = pool.ranges.find((r) => r.first.family === family && length < shortestPrefixOf(r));
      if (range === undefined) continue;
      const message = `/${length} is shorter than /${shortestPrefixOf(range)}, the shortest prefix of ${formatIpRange(range)} in pool "${pool.name}"`;
      problems.push(problem('aggregation-too-short', ['spec', field], message));
      break;
    }
  }
}

const shortestPrefixOf = (range: IpRange): number => Math.min(...prefixesOf(range).map((prefix) => prefix.length));
