/** What the file of a vendor has to give, and what several of them write alike. */
import type { LargeCommunity } from '../../bgp/route.ts';
import { formatIp } from '../../net/ip.ts';
import { formatPrefix } from '../../net/prefix.ts';
import type { FamilyNeed, NeighborGroup, NeighborNode, PreferenceRule, PrefixRule, Router } from '../model.ts';
import { GRACEFUL_SHUTDOWN } from '../model.ts';
import { plainText } from '../plain-text.ts';
import { textOf } from '../preferences.ts';
import type { Section } from '../section.ts';

export type VendorName = 'frr' | 'bird' | 'ios-xe' | 'vyos' | 'junos' | 'eos';

export interface Vendor {
  readonly name: VendorName;
  /** With the versions that the text is written for. */
  readonly title: string;
  readonly evidence: Evidence;
  /** Begins a comment line. */
  readonly comment: string;
  /** The most equal paths that the platform uses. */
  readonly mostPaths: number;
  /** Whether a session without keepalives (hold time 0) can be configured. */
  readonly takesHoldTimeZero: boolean;
  /** The TTL of the BFD that it sends over several hops, where that is lower than 255. */
  readonly bfdMultihopTtl: number | null;
  /** Why the key cannot be written, in words that do not show it; null where it can. */
  keyFault(key: string): string | null;
  /** @param keyOf - what stands where the key belongs; null for a group without one. */
  sections(router: Router, keyOf: KeyOf): readonly Section[];
}

/** How it is known that a router takes the text. */
export type Evidence =
  | { readonly type: 'lab'; readonly software: string }
  /** What the syntax was compared with. */
  | { readonly type: 'documentation'; readonly source: string };

export type KeyOf = (group: NeighborGroup) => string | null;

/** The sentence of the evidence. */
export const evidenceText = (evidence: Evidence): string =>
  evidence.type === 'lab'
    ? `Booted unchanged by ${evidence.software} in the lab`
    : `Status: not run on a device; syntax compared with ${evidence.source}`;

/** One condition and what follows from it, in the order in which a policy asks. */
export interface PolicyStep {
  readonly community: number | LargeCommunity | null;
  /** Null keeps what the route has. */
  readonly localPref: number | null;
  readonly why: string;
}

/** What the inbound policy of a group asks of a route of the family whose prefix is let in. */
export const policySteps = (group: NeighborGroup, need: FamilyNeed): readonly PolicyStep[] => [
  {
    community: GRACEFUL_SHUTDOWN,
    localPref: 0,
    why: 'RFC 8326 graceful shutdown: the node is about to leave, use its routes last.',
  },
  ...preferencesFor(group, need).map((rule) => ({
    community: rule.community,
    localPref: rule.localPref,
    why: whyPreference(rule),
  })),
  {
    community: null,
    localPref: null,
    why:
      group.type === 'internal'
        ? 'iBGP: LOCAL_PREF comes with the route and stays.'
        : 'Everything else from the pools keeps the default preference.',
  },
];

/** Those of advertisements that make prefixes of the family. */
const preferencesFor = ({ preferences }: NeighborGroup, { prefixes }: FamilyNeed): readonly PreferenceRule[] => {
  const making = new Set(prefixes.flatMap(({ advertisements }) => advertisements));
  return preferences.filter(({ advertisements }) => advertisements.some((name) => making.has(name)));
};

function whyPreference({ community, localPref, advertisements, alias }: PreferenceRule): string {
  const name = alias === null ? textOf(community) : `${textOf(community)} (${alias})`;
  return `${advertisements.map((one) => `BGPAdvertisement ${one}`).join(', ')}: localPref ${localPref} for routes with ${name}.`;
}

export const whyCommunity = (community: number | LargeCommunity): string =>
  `Routes with ${textOf(community)}${community === GRACEFUL_SHUTDOWN ? ' (GRACEFUL_SHUTDOWN)' : ''}, for the policy below.`;

/** The name of the list that holds one community. */
export const communityListName = (community: number | LargeCommunity): string =>
  community === GRACEFUL_SHUTDOWN
    ? 'METALLB-GRACEFUL-SHUTDOWN'
    : `METALLB-${typeof community === 'number' ? 'COMMUNITY' : 'LARGE'}-${textOf(community).replaceAll(':', '-')}`;

/** Each community that a policy of the router asks for, once, the one of graceful shutdown first. */
export function communitiesOf(router: Router): readonly (number | LargeCommunity)[] {
  const asked = new Map<string, number | LargeCommunity>();
  for (const group of router.groups)
    for (const need of group.families)
      for (const { community } of policySteps(group, need))
        if (community !== null) asked.set(communityListName(community), community);
  return [...asked.values()];
}

export const prefixListName = (group: NeighborGroup, { family }: Pick<FamilyNeed, 'family'>): string =>
  `${group.id}-V${family}`;

export const inboundName = (group: NeighborGroup, { family }: Pick<FamilyNeed, 'family'>): string =>
  `${group.id}-IN-V${family}`;

/** Nothing is sent to nodes. */
export const OUTBOUND = 'METALLB-OUT';

/** `10.100.0.0/24 ge 32`: the prefixes of one length in a block, as most languages write it. */
export const prefixMatch = ({ prefix, length }: Pick<PrefixRule, 'prefix' | 'length'>): string =>
  length === prefix.length
    ? formatPrefix(prefix)
    : `${formatPrefix(prefix)} ge ${length}${length === (prefix.address.family === 4 ? 32 : 128) ? '' : ` le ${length}`}`;

export const whyPrefix = ({ pools, advertisements }: PrefixRule): string =>
  `${pools.map((pool) => `IPAddressPool ${pool}`).join(', ')} by ${advertisements.map((one) => `BGPAdvertisement ${one}`).join(', ')}.`;

/** Rules in runs that have one reason. */
export function byReason(prefixes: readonly PrefixRule[]): readonly { why: string; rules: readonly PrefixRule[] }[] {
  const runs: { why: string; rules: PrefixRule[] }[] = [];
  for (const rule of prefixes) {
    const why = whyPrefix(rule);
    const last = runs.at(-1);
    if (last?.why === why) last.rules.push(rule);
    else runs.push({ why, rules: [rule] });
  }
  return runs;
}

/** `BGPPeer dc1-router-primary`, and those that it answers for. */
export const groupSource = ({ peer, superseded }: NeighborGroup): string =>
  `BGPPeer ${peer.name}${superseded.length === 0 ? '' : `, also for ${superseded.join(', ')} with the same address`}`;

export const groupDescription = ({ peer }: NeighborGroup): string => plainText(`MetalLB ${peer.name}`);

export const nodeDescription = ({ node, address }: NeighborNode): string =>
  plainText(`MetalLB ${node ?? formatIp(address)}`);

export const whyNode = ({ node }: NeighborNode): string =>
  node === null ? 'sourceAddress of the BGPPeer.' : `Node ${node}.`;

export const whyTimers = ({ peer }: NeighborGroup): string =>
  `holdTime ${peer.holdTimeSeconds} s and keepaliveTime ${peer.keepaliveSeconds} s of the BGPPeer.`;

export const whyKey = ({ peer: { authentication } }: NeighborGroup): string => {
  if (authentication.type === 'none') return '';
  return authentication.source.type === 'secret'
    ? `TCP MD5 (RFC 2385): the key of Secret ${authentication.source.name}.`
    : 'TCP MD5 (RFC 2385): the text of spec.password is the key, for no Secret has that name.';
};

export const whyLimit = ({ family, possible, maximumPrefixes }: FamilyNeed): string =>
  possible === null
    ? `The IPv${family} pools have room for more prefixes than any router should take: ${maximumPrefixes} is the limit.`
    : `The IPv${family} pools make at most ${possible} prefixes; ${maximumPrefixes} leaves room for a pool that grows a little.`;

export const whyBfd = ({ bfd }: NeighborGroup): string => `BFDProfile ${bfd?.profile ?? ''}.`;

export const whyDistance = ({ distance, peer }: NeighborGroup): string =>
  distance.type === 'ttl-security'
    ? `ttlSecurityHops ${distance.hops} of the BGPPeer (RFC 5082): both sides send with TTL 255 and drop what has lost more.`
    : `The nodes are behind another router${peer.ebgpMultiHop ? ' (ebgpMultiHop)' : ''}. How many hops is not known: lower the number to what it is.`;

export const WHY_OUTBOUND =
  'Nodes need no routes, and maxPrefixes of the BGPPeer would end the session: nothing is sent.';

export const WHY_HELPER = 'enableGracefulRestart of the BGPPeer: keep its routes while a speaker restarts (RFC 4724).';

/** The paths of one type that the router has to use, as many as the platform can. */
export const pathsOf = ({ maximumPaths }: Router, type: NeighborGroup['type'], mostPaths: number): number =>
  Math.max(1, Math.min(maximumPaths[type], mostPaths));

export const whyPaths = ({ maximumPaths }: Router): string =>
  `${maximumPaths.announcers} nodes may announce the same prefix: traffic is shared among them.`;

/** The types of neighbors that there are, of those that carry the family where one is given. */
export const typesOf = ({ groups }: Router, family?: 4 | 6): readonly NeighborGroup['type'][] =>
  (['external', 'internal'] as const).filter((type) =>
    groups.some(
      (group) => group.type === type && (family === undefined || group.families.some((need) => need.family === family)),
    ),
  );

/** Whether paths of equal length come from neighbors in different AS. */
export const hasSeveralNeighborAses = ({ groups }: Router): boolean =>
  new Set(groups.filter(({ type }) => type === 'external').map(({ remoteAsn }) => remoteAsn)).size > 1;

/** The families that have a block: also IPv4 where some neighbors have to be told that they do not carry it. */
export const familyBlocksOf = (router: Router): readonly (4 | 6)[] =>
  router.groups.some(({ families }) => families.every(({ family }) => family !== 4))
    ? ([4, 6] as const).filter((family) => family === 4 || familiesOf(router).includes(family))
    : familiesOf(router);

export const familiesOf = ({ groups }: Router): readonly (4 | 6)[] =>
  ([4, 6] as const).filter((family) => groups.some(({ families }) => families.some((need) => need.family === family)));

/** Whether a key is printable ASCII without what quotes, escapes or is completed by a command line. */
export const simpleKeyFault = (key: string, longest: number): string | null => {
  if (/[^\x21-\x7e]/.test(key)) return 'it has a space, a control character or a character outside of ASCII';
  if (/["'\\?`$]/.test(key)) return 'it has a quote, a backslash, a question mark, a backtick or a dollar sign';
  if (key.length > longest) return `it is longer than ${longest} characters`;
  return null;
};
