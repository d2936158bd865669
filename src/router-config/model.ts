/**
 * What each router must hold so that the speakers' sessions come up and their routes mean what the manifests say.
 *
 * One model for all vendors: `build.ts` makes it of a plan, `vendors/` writes it down, `check/` holds a running configuration to it. A router
 * is one address of a BGPPeer; that two addresses are one device is nowhere said in manifests, so that it is two routers here.
 *
 * What a router need not be told is not here: its own addresses, its router ID, its routes towards the rest of the network.
 */
import type { LargeCommunity } from '../bgp/route.ts';
import type { BgpAdvertisement } from '../config/advertisement.ts';
import type { Peer } from '../config/peer.ts';
import type { Ip, IpFamily } from '../net/ip.ts';
import type { Prefix } from '../net/prefix.ts';

export interface Router {
  readonly address: Ip;
  readonly asn: number;
  /** One for each BGPPeer that holds sessions with it, by name. */
  readonly groups: readonly NeighborGroup[];
  /** How many equal paths it has to use. */
  readonly maximumPaths: MaximumPaths;
}

export interface MaximumPaths {
  readonly external: number;
  readonly internal: number;
  /** The annotation `metallb.io/router-max-paths` says that the router has no more, while so many nodes announce. */
  readonly announcers: number;
}

/** Neighbors that are treated alike, because one BGPPeer speaks for them. */
export interface NeighborGroup {
  readonly peer: Peer;
  /** Other BGPPeers with this address whose advertisements go to these sessions too (docs/decisions.md 17). */
  readonly superseded: readonly string[];
  /** Begins the names of everything that belongs to the group; letters, digits and "-", unique on the router. */
  readonly id: string;
  readonly remoteAsn: number;
  readonly type: 'external' | 'internal';
  readonly neighbors: Neighbors;
  readonly distance: Distance;
  readonly bfd: BfdNeed | null;
  readonly families: readonly FamilyNeed[];
  /** Those whose routes go over the sessions. */
  readonly advertisements: readonly BgpAdvertisement[];
  /** In the order in which they are to be asked; the first that matches decides. None for internal peers, which get LOCAL_PREF itself. */
  readonly preferences: readonly PreferenceRule[];
  /** Advertisements whose localPref no community tells. */
  readonly untranslated: readonly Untranslated[];
}

/** Who the neighbors are: each by its address, or whoever dials from a range. */
export type Neighbors =
  | { readonly type: 'listed'; readonly nodes: readonly NeighborNode[] }
  | { readonly type: 'range'; readonly range: Prefix; readonly limit: number };

export interface NeighborNode {
  readonly address: Ip;
  /** The name of the Node; null where only `sourceAddress` tells the address. */
  readonly node: string | null;
}

/** How far the nodes are, as far as the router has to know it. */
export type Distance =
  /** On a subnet of the router. */
  | { readonly type: 'connected' }
  /** RFC 5082: what comes from further away is dropped. */
  | { readonly type: 'ttl-security'; readonly hops: number }
  /** Behind another router; how far is not known. */
  | { readonly type: 'multihop' };

/** The router's side of a BFDProfile: what we send is what it receives. Milliseconds. */
export interface BfdNeed {
  readonly profile: string;
  readonly id: string;
  readonly receiveIntervalMs: number;
  readonly transmitIntervalMs: number;
  readonly detectMultiplier: number;
  readonly multihop: boolean;
  /** Of packets that come over several hops. */
  readonly minimumTtl: number;
  readonly echoIntervalMs: number | null;
}

/** What of one family goes over the sessions of a group. */
export interface FamilyNeed {
  readonly family: IpFamily;
  /** Ascending; none where no advertisement reaches the router with this family. */
  readonly prefixes: readonly PrefixRule[];
  /** How many prefixes the rules let in at most; null where it is more than {@link LARGEST_LIMIT}. */
  readonly possible: number | null;
  /** What a healthy speaker stays below. */
  readonly maximumPrefixes: number;
}

/** The prefixes of one length inside a block of a pool. */
export interface PrefixRule {
  readonly prefix: Prefix;
  /** At least the block's own. */
  readonly length: number;
  readonly pools: readonly string[];
  readonly advertisements: readonly string[];
}

/** A limit above this protects no router any more. */
export const LARGEST_LIMIT = 100_000;

/** Routes with this community have this preference. */
export interface PreferenceRule {
  readonly community: number | LargeCommunity;
  readonly localPref: number;
  readonly advertisements: readonly string[];
  /** The alias of the community, where a Community object names it. */
  readonly alias: string | null;
}

export interface Untranslated {
  readonly advertisement: string;
  readonly localPref: number;
  /** The literal that would tell it, which no other advertisement carries. */
  readonly suggestion: string;
}

/** RFC 8326: a neighbor is about to leave, use its routes last. */
export const GRACEFUL_SHUTDOWN = 0xffff_0000;
