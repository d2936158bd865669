/** The rows of a plan, as `metallb plan -o json` prints them: a public interface, where fields may be added and none renamed or removed. */
import type { AllocationState } from '../allocator/allocator.ts';
import type { NotAnnouncedReason } from '../announce/eligibility.ts';
import { formatExtendedCommunity } from '../bgp/extended-community.ts';
import { formatCommunity, formatLargeCommunity, type RouteAttributes } from '../bgp/route.ts';

export interface ServiceRow {
  readonly namespace: string;
  readonly name: string;
  readonly state: AllocationState;
  readonly ips: readonly string[];
  readonly pool: string | null;
  readonly message: string | null;
}

/** A BGP session that is configured on a node. */
export interface SessionRow {
  readonly node: string;
  readonly peer: string;
  /** Null where the peer is unnumbered. */
  readonly peerAddress: string | null;
  readonly peerPort: number;
  readonly myASN: number;
  /** Null where it is dynamic. */
  readonly peerASN: number | null;
  readonly type: 'external' | 'internal';
  readonly vrf: string | null;
  readonly interface: string | null;
  readonly holdTimeSeconds: number;
  readonly keepaliveSeconds: number;
  readonly bfdProfile: string | null;
  readonly authentication: 'none' | 'md5';
}

/** One node, peer and prefix: the Adj-RIB-Out. */
export interface BgpRow {
  readonly node: string;
  readonly peer: string;
  readonly prefix: string;
  /** As configured; null when unset or the peer is external. */
  readonly localPref: number | null;
  readonly med: number | null;
  readonly asPathPrepend: number;
  readonly communities: readonly string[];
  readonly largeCommunities: readonly string[];
  /** Only where there are any. */
  readonly extendedCommunities?: readonly string[];
  readonly services: readonly string[];
  readonly advertisements: readonly string[];
}

/** One node and address: who answers ARP or NDP. */
export interface Layer2Row {
  readonly node: string;
  readonly ip: string;
  readonly interfaces: readonly string[] | null;
  readonly services: readonly string[];
  readonly advertisements: readonly string[];
}

/** An assigned Service that a node does not announce. */
export interface NotAnnouncedRow {
  readonly node: string;
  readonly service: string;
  readonly protocol: 'bgp' | 'layer2';
  readonly reason: NotAnnouncedReason;
  readonly message: string;
}

/** The communities of a route as rows have them. */
export const communityTextsOf = (
  attributes: RouteAttributes,
): Pick<BgpRow, 'communities' | 'largeCommunities' | 'extendedCommunities'> => ({
  communities: attributes.communities.map(formatCommunity),
  largeCommunities: attributes.largeCommunities.map(formatLargeCommunity),
  ...(attributes.extendedCommunities === undefined
    ? {}
    : { extendedCommunities: attributes.extendedCommunities.map(formatExtendedCommunity) }),
});
