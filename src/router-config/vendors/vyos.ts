/**
 * VyOS, as set commands for configuration mode.
 *
 * VyOS makes an FRR configuration of them: community lists are regular expressions there, over communities as FRR writes them.
 */
import { formatIp, type IpFamily } from '../../net/ip.ts';
import { formatPrefix } from '../../net/prefix.ts';
import type { BfdNeed, Distance, FamilyNeed, NeighborGroup, PrefixRule, Router } from '../model.ts';
import { GRACEFUL_SHUTDOWN } from '../model.ts';
import { textOf } from '../preferences.ts';
import type { Section } from '../section.ts';
import {
  byReason,
  communitiesOf,
  communityListName,
  familiesOf,
  groupDescription,
  groupSource,
  hasSeveralNeighborAses,
  inboundName,
  type KeyOf,
  nodeDescription,
  OUTBOUND,
  pathsOf,
  policySteps,
  prefixListName,
  simpleKeyFault,
  typesOf,
  type Vendor,
  WHY_HELPER,
  WHY_OUTBOUND,
  whyBfd,
  whyCommunity,
  whyDistance,
  whyKey,
  whyLimit,
  whyNode,
  whyPaths,
  whyTimers,
} from './vendor.ts';

const BGP = 'set protocols bgp';

/** Statements about a neighbor or a peer group, named `neighbor A` or `peer-group G`; `--check` proposes the same ones. */
export const vyosStatements = {
  remoteAs: (who: string, asn: number) => `${BGP} ${who} remote-as ${asn}`,
  password: (who: string, key: string) => `${BGP} ${who} password '${key}'`,
  timers: (who: string, keepalive: number, hold: number): readonly string[] => [
    `${BGP} ${who} timers keepalive ${keepalive}`,
    `${BGP} ${who} timers holdtime ${hold}`,
  ],
  bfd: (who: string, need: BfdNeed) => `${BGP} ${who} bfd profile ${need.id}`,
  bfdProfile: (need: BfdNeed): readonly string[] => {
    const profile = `set protocols bfd profile ${need.id}`;
    return [
      `${profile} interval multiplier ${need.detectMultiplier}`,
      `${profile} interval receive ${need.receiveIntervalMs}`,
      `${profile} interval transmit ${need.transmitIntervalMs}`,
      ...(need.multihop ? [`${profile} minimum-ttl ${need.minimumTtl}`] : []),
      ...(need.echoIntervalMs === null
        ? []
        : [`${profile} interval echo-interval ${need.echoIntervalMs}`, `${profile} echo-mode`]),
    ];
  },
  distance: (who: string, distance: Distance, type: NeighborGroup['type']): readonly string[] => {
    if (distance.type === 'ttl-security') return [`${BGP} ${who} ttl-security hops ${distance.hops}`];
    return distance.type === 'multihop' && type === 'external' ? [`${BGP} ${who} ebgp-multihop 255`] : [];
  },
  activate: (who: string, family: IpFamily) => `${BGP} ${who} address-family ipv${family}-unicast`,
  inbound: (who: string, family: IpFamily, name: string) =>
    `${BGP} ${who} address-family ipv${family}-unicast route-map import ${name}`,
  outbound: (who: string, family: IpFamily) =>
    `${BGP} ${who} address-family ipv${family}-unicast route-map export ${OUTBOUND}`,
  maximumPrefix: (who: string, family: IpFamily, limit: number) =>
    `${BGP} ${who} address-family ipv${family}-unicast maximum-prefix ${limit}`,
  maximumPaths: (family: IpFamily, type: NeighborGroup['type'], paths: number) =>
    `${BGP} address-family ipv${family}-unicast maximum-paths ${type === 'internal' ? 'ibgp' : 'ebgp'} ${paths}`,
  prefixList: (
    name: string,
    seq: number,
    { prefix, length }: Pick<PrefixRule, 'prefix' | 'length'>,
  ): readonly string[] => {
    const { family } = prefix.address;
    const rule = `set policy prefix-list${family === 4 ? '' : '6'} ${name} rule ${seq}`;
    return [
      `${rule} action permit`,
      `${rule} prefix ${formatPrefix(prefix)}`,
      ...(length === prefix.length ? [] : [`${rule} ge ${length}`, `${rule} le ${length}`]),
    ];
  },
} as const;

export const vyos: Vendor = {
  name: 'vyos',
  title: 'VyOS 1.4 and newer',
  evidence: { type: 'documentation', source: 'the command definitions, templates and tests of VyOS (vyos-1x)' },
  comment: '#',
  mostPaths: 256,
  takesHoldTimeZero: false,
  bfdMultihopTtl: null,
  keyFault: (key) => simpleKeyFault(key, 80),
  sections: (router, keyOf) => [
    ...bfdSections(router),
    ...router.groups.flatMap((group) => group.families.flatMap((need) => prefixSections(group, need))),
    ...communitiesOf(router).map((community) => {
      const list = `set policy ${typeof community === 'number' ? 'community-list' : 'large-community-list'} ${communityListName(community)} rule 10`;
      // FRR writes the well-known community as its name.
      const written = community === GRACEFUL_SHUTDOWN ? 'graceful-shutdown' : textOf(community);
      return { why: [whyCommunity(community)], lines: [`${list} action permit`, `${list} regex '_${written}_'`] };
    }),
    ...router.groups.flatMap((group) => group.families.flatMap((need) => inboundSections(group, need))),
    { why: [WHY_OUTBOUND], lines: [`set policy route-map ${OUTBOUND} rule 10 action deny`] },
    {
      why: [`peerASN of ${router.groups.map(({ peer }) => `BGPPeer ${peer.name}`).join(', ')}.`],
      lines: [`${BGP} system-as ${router.asn}`],
    },
    ...(hasSeveralNeighborAses(router)
      ? [
          {
            why: ['The nodes are in several AS: their paths count as equal.'],
            lines: [`${BGP} parameters bestpath as-path multipath-relax`],
          },
        ]
      : []),
    ...router.groups.flatMap((group) => groupSections(group, keyOf)),
    ...familiesOf(router).map((family) => ({
      why: [whyPaths(router)],
      lines: typesOf(router, family).map((type) =>
        vyosStatements.maximumPaths(family, type, pathsOf(router, type, vyos.mostPaths)),
      ),
    })),
  ],
};

function bfdSections({ groups }: Router): readonly Section[] {
  const profiles = new Map(groups.flatMap(({ bfd }) => (bfd === null ? [] : [[bfd.id, bfd] as const])));
  return [...profiles.values()].map((bfd) => ({
    why: [`BFDProfile ${bfd.profile}: what the speaker sends is received here, and the other way round.`],
    lines: vyosStatements.bfdProfile(bfd),
  }));
}

function prefixSections(group: NeighborGroup, need: FamilyNeed): readonly Section[] {
  let seq = 0;
  return byReason(need.prefixes).map(({ why, rules }) => ({
    why: [why],
    lines: rules.flatMap((rule) => {
      seq += 10;
      return vyosStatements.prefixList(prefixListName(group, need), seq, rule);
    }),
  }));
}

function inboundSections(group: NeighborGroup, need: FamilyNeed): readonly Section[] {
  const name = inboundName(group, need);
  if (need.prefixes.length === 0)
    return [
      {
        why: [`No BGPAdvertisement brings IPv${need.family} to ${group.peer.name}: nothing is let in.`],
        lines: [`set policy route-map ${name} rule 10 action deny`],
      },
    ];
  return policySteps(group, need).map(({ community, localPref, why }, i) => {
    const rule = `set policy route-map ${name} rule ${(i + 1) * 10}`;
    return {
      why: [why],
      lines: [
        `${rule} action permit`,
        `${rule} match ${need.family === 4 ? 'ip' : 'ipv6'} address prefix-list ${prefixListName(group, need)}`,
        ...(community === null
          ? []
          : [
              typeof community === 'number'
                ? `${rule} match community community-list ${communityListName(community)}`
                : `${rule} match large-community large-community-list ${communityListName(community)}`,
            ]),
        ...(localPref === null ? [] : [`${rule} set local-preference ${localPref}`]),
      ],
    };
  });
}

function groupSections(group: NeighborGroup, keyOf: KeyOf): readonly Section[] {
  const { id, peer, bfd, neighbors, type } = group;
  const who = `peer-group ${id}`;
  const key = keyOf(group);
  const optional = (why: string, lines: readonly string[]): readonly Section[] =>
    lines.length === 0 ? [] : [{ why: [why], lines }];
  return [
    {
      why: [`${groupSource(group)}: myASN ${group.remoteAsn}.`],
      lines: [vyosStatements.remoteAs(who, group.remoteAsn), `${BGP} ${who} description '${groupDescription(group)}'`],
    },
    ...optional(whyKey(group), key === null ? [] : [vyosStatements.password(who, key)]),
    ...optional(whyTimers(group), vyosStatements.timers(who, peer.keepaliveSeconds, peer.holdTimeSeconds)),
    ...optional(whyBfd(group), bfd === null ? [] : [vyosStatements.bfd(who, bfd)]),
    ...optional(whyDistance(group), vyosStatements.distance(who, group.distance, type)),
    ...optional(WHY_HELPER, peer.enableGracefulRestart ? [`${BGP} ${who} graceful-restart restart-helper`] : []),
    ...group.families.flatMap((need) => [
      {
        why: ['Only prefixes of the pools, with the preference that is asked for.'],
        lines: [vyosStatements.inbound(who, need.family, inboundName(group, need))],
      },
      { why: [WHY_OUTBOUND], lines: [vyosStatements.outbound(who, need.family)] },
      {
        why: [whyLimit(need), 'Counted after the policy, unlike elsewhere: VyOS has no other limit.'],
        lines: [vyosStatements.maximumPrefix(who, need.family, need.maximumPrefixes)],
      },
    ]),
    ...(neighbors.type === 'listed'
      ? neighbors.nodes.map((node) => ({
          why: [whyNode(node)],
          lines: [
            `${BGP} neighbor ${formatIp(node.address)} peer-group ${id}`,
            `${BGP} neighbor ${formatIp(node.address)} description '${nodeDescription(node)}'`,
          ],
        }))
      : [
          {
            why: ['Whoever dials from here with the key is a neighbor.'],
            lines: [
              `${BGP} listen limit ${neighbors.limit}`,
              `${BGP} listen range ${formatPrefix(neighbors.range)} peer-group ${id}`,
            ],
          },
        ]),
  ];
}
