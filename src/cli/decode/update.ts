/** UPDATEs in the form of the contract (docs/offline-commands.md): every attribute by its name, null or [] where it is absent. */
import type { Aggregator } from '../../bgp/packet/attribute-aggregator.ts';
import type { AsPath } from '../../bgp/packet/attribute-as-path.ts';
import type { MpReach, MpUnreach } from '../../bgp/packet/attribute-mp.ts';
import type { AttributeName, ValueOf } from '../../bgp/packet/attribute-registry.ts';
import { ipFamilyOf, type Nlri } from '../../bgp/packet/nlri.ts';
import { attributeOf, type Update } from '../../bgp/packet/update.ts';
import { formatCommunity, formatLargeCommunity } from '../../bgp/route.ts';
import { formatIp, ipFromBytes } from '../../net/ip.ts';
import { formatPrefix } from '../../net/prefix.ts';
import { toHex } from '../../wire/hex.ts';

/** `192.0.2.0/24`, or with path identifiers `{ prefix, pathId }`. */
export type NlriJson = string | { readonly prefix: string; readonly pathId: number };

export interface AggregatorJson {
  readonly asn: number;
  readonly address: string;
}

export interface MpReachJson {
  readonly afi: number;
  readonly safi: number;
  readonly nextHop: string | null;
  readonly linkLocalNextHop: string | null;
  readonly nlri: readonly NlriJson[];
  /** Only of a family whose NLRI are no plain prefixes: all behind AFI and SAFI, in hex. */
  readonly opaque?: string;
}

export interface MpUnreachJson {
  readonly afi: number;
  readonly safi: number;
  readonly withdrawn: readonly NlriJson[];
  readonly opaque?: string;
}

export interface AttributesJson {
  readonly origin: 'IGP' | 'EGP' | 'INCOMPLETE' | null;
  readonly asPath: AsPath | null;
  readonly nextHop: string | null;
  readonly localPref: number | null;
  readonly med: number | null;
  readonly communities: readonly string[];
  readonly largeCommunities: readonly string[];
  readonly extendedCommunities: readonly string[];
  readonly atomicAggregate: boolean;
  readonly aggregator: AggregatorJson | null;
  readonly originatorId: string | null;
  readonly clusterList: readonly string[];
  readonly as4Path: AsPath | null;
  readonly as4Aggregator: AggregatorJson | null;
  readonly mpReach: MpReachJson | null;
  readonly mpUnreach: MpUnreachJson | null;
  readonly unknown: readonly { readonly type: number; readonly flags: number; readonly value: string }[];
}

export interface UpdateJson {
  readonly withdrawn: readonly NlriJson[];
  readonly nlri: readonly NlriJson[];
  readonly attributes: AttributesJson;
}

/** What an UPDATE says. */
export const updateJson = (update: Update): UpdateJson => ({
  withdrawn: update.withdrawn.map(nlriJson),
  nlri: update.nlri.map(nlriJson),
  attributes: attributesJson(update),
});

/** An UPDATE in which nothing could be told apart. */
export const nothingUnderstood = (): UpdateJson => updateJson({ withdrawn: [], attributes: [], nlri: [] });

function attributesJson(update: Update): AttributesJson {
  const get = <Name extends AttributeName>(name: Name): ValueOf<Name> | undefined => attributeOf(update, name);
  const origin = get('ORIGIN');
  const nextHop = get('NEXT_HOP');
  const originatorId = get('ORIGINATOR_ID');
  const reach = get('MP_REACH_NLRI');
  const unreach = get('MP_UNREACH_NLRI');
  return {
    origin: origin === undefined ? null : (origin.toUpperCase() as AttributesJson['origin']),
    asPath: get('AS_PATH') ?? null,
    nextHop: nextHop === undefined ? null : formatIp(nextHop),
    localPref: get('LOCAL_PREF') ?? null,
    med: get('MULTI_EXIT_DISC') ?? null,
    communities: (get('COMMUNITIES') ?? []).map(formatCommunity),
    largeCommunities: (get('LARGE_COMMUNITY') ?? []).map(formatLargeCommunity),
    extendedCommunities: (get('EXTENDED_COMMUNITIES') ?? []).map((c) => c.toString(16).padStart(16, '0')),
    atomicAggregate: get('ATOMIC_AGGREGATE') === null,
    aggregator: aggregatorJson(get('AGGREGATOR')),
    originatorId: originatorId === undefined ? null : identifierText(originatorId),
    clusterList: (get('CLUSTER_LIST') ?? []).map(identifierText),
    as4Path: get('AS4_PATH') ?? null,
    as4Aggregator: aggregatorJson(get('AS4_AGGREGATOR')),
    mpReach: reach === undefined ? null : mpReachJson(reach),
    mpUnreach: unreach === undefined ? null : mpUnreachJson(unreach),
    unknown: unknownJson(update),
  };
}

/** ONLY_TO_CUSTOMER has no field of its own in the contract: it stands here with its octets. */
function unknownJson({ attributes }: Update): AttributesJson['unknown'] {
  return attributes.flatMap((a) => {
    if (a.type === 'unknown') return [{ type: a.code, flags: a.flags, value: toHex(a.value) }];
    if (a.type !== 'ONLY_TO_CUSTOMER') return [];
    return [{ type: 35, flags: a.flags, value: a.value.toString(16).padStart(8, '0') }];
  });
}

const nlriJson = (nlri: Nlri): NlriJson =>
  nlri.pathId === undefined ? formatPrefix(nlri) : { prefix: formatPrefix(nlri), pathId: nlri.pathId };

const aggregatorJson = (value: Aggregator | undefined): AggregatorJson | null =>
  value === undefined ? null : { asn: value.asn, address: formatIp(value.address) };

/** A BGP identifier or a cluster's, as routers print it. */
export const identifierText = (id: number): string => formatIp({ family: 4, value: BigInt(id) });

function mpReachJson(value: MpReach): MpReachJson {
  const { afi, safi } = value.family;
  if (value.prefixes === undefined) {
    const nextHop = opaqueNextHop(value.opaque);
    return { afi, safi, nextHop, linkLocalNextHop: null, nlri: [], opaque: toHex(value.opaque) };
  }
  return {
    afi,
    safi,
    nextHop: formatIp(value.nextHop),
    linkLocalNextHop: value.linkLocal === null ? null : formatIp(value.linkLocal),
    nlri: value.prefixes.map(nlriJson),
  };
}

const mpUnreachJson = ({ family: { afi, safi }, prefixes, opaque }: MpUnreach): MpUnreachJson => ({
  afi,
  safi,
  withdrawn: (prefixes ?? []).map(nlriJson),
  ...(opaque === undefined ? {} : { opaque: toHex(opaque) }),
});

/** Where the next hop of a foreign family is one plain address; VPN ones have a route distinguisher before it (RFC 4364 section 4.3.2). */
function opaqueNextHop(octets: Uint8Array): string | null {
  const length = octets[0] ?? 0;
  const distinguisher = length === 12 || length === 24 ? 8 : 0;
  const address = octets.subarray(1 + distinguisher, 1 + length);
  return address.length === 4 || address.length === 16 ? formatIp(ipFromBytes(address)) : null;
}

/** Every family whose NLRI are plain prefixes: a tool has not negotiated anything, and wants to see them all. */
export const PLAIN_FAMILIES = [1, 2].flatMap((afi) =>
  [1, 2].map((safi) => ({ afi, safi })).filter((family) => ipFamilyOf(family) !== null),
);
