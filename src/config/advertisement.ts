/** BGPAdvertisement and L2Advertisement. */
import type { LargeCommunity } from '../bgp/route.ts';
import type { Selector } from './selector.ts';

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
}

export interface L2Advertisement extends PoolScope {
  readonly name: string;
  readonly nodeSelectors: readonly Selector[];
  readonly serviceSelectors: readonly Selector[];
  /** Exact names; empty means every interface. */
  readonly interfaces: readonly string[];
}
