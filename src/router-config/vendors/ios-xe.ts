/**
 * Cisco IOS-XE, as text to paste in configuration mode.
 *
 * BFD's times belong to an interface or to a map of addresses: what stands on an interface is a comment, since its name is not known here.
 */
import type { LargeCommunity } from '../../bgp/route.ts';
import { formatIp, type Ip, type IpFamily } from '../../net/ip.ts';
import { formatPrefix } from '../../net/prefix.ts';
import type { BfdNeed, FamilyNeed, NeighborGroup, Router } from '../model.ts';
import { textOf } from '../preferences.ts';
import type { Section } from '../section.ts';
import { neighborStatements } from './neighbor-statements.ts';
import {
  byReason,
  communitiesOf,
  communityListName,
  familyBlocksOf,
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
  prefixMatch,
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

/** The statements that it has in common with FRR, and IOS-XE's own. */
export const iosXeStatements = {
  ...neighborStatements,
  bfd: (who: string, need: BfdNeed) => `neighbor ${who} fall-over bfd ${need.multihop ? 'multi-hop' : 'single-hop'}`,
  /** To be put on the interface, or on a map of addresses, as the comments of the configuration say. */
  bfdProfile: (need: BfdNeed): readonly string[] => [
    `bfd-template ${need.multihop ? 'multi-hop' : 'single-hop'} ${need.id}`,
    ` interval min-tx ${need.transmitIntervalMs} min-rx ${need.receiveIntervalMs} multiplier ${need.detectMultiplier}`,
  ],
  /** What only a person can fill in. */
  bfdNote: (need: BfdNeed): readonly string[] =>
    need.multihop
      ? [`! bfd map ipv4 NODE/32 ROUTER/32 ${need.id}, for each node`]
      : [`! on the interface towards the nodes: bfd template ${need.id}`],
  maximumPrefix: (who: string, limit: number): readonly string[] => [
    `neighbor ${who} maximum-prefix ${limit} 80 restart 5`,
  ],
} as const;

export const iosXe: Vendor = {
  name: 'ios-xe',
  title: 'Cisco IOS-XE 17.4 and newer',
  evidence: {
    type: 'documentation',
    source: 'the configuration guides of IOS-XE and the Cisco grammar of Batfish',
  },
  comment: '!',
  mostPaths: 32,
  takesHoldTimeZero: true,
  bfdMultihopTtl: null,
  keyFault: (key) => simpleKeyFault(key, 25),
  sections: (router, keyOf) => [
    ...bfdSections(router),
    ...router.groups.flatMap((group) => group.families.flatMap((need) => prefixSections(group, need))),
    { why: ['Communities are written as two numbers.'], lines: ['ip bgp-community new-format'] },
    ...communitiesOf(router).map((community) => ({
      why: [whyCommunity(community)],
      lines: [
        `ip ${typeof community === 'number' ? 'community-list' : 'large-community-list'} standard ${communityListName(community)} permit ${textOf(community)}`,
      ],
    })),
    ...router.groups.flatMap((group) => group.families.flatMap((need) => inboundSections(group, need))),
    { why: [WHY_OUTBOUND], lines: [`route-map ${OUTBOUND} deny 10`] },
    ...bgpSections(router, keyOf),
  ],
};

function bfdSections(router: Router): readonly Section[] {
  const sections: Section[] = [];
  const said = new Set<string>();
  for (const { bfd, neighbors } of router.groups) {
    if (bfd === null) continue;
    if (!said.has(bfd.id))
      sections.push({
        why: [
          `BFDProfile ${bfd.profile}: what the speaker sends is received here, and the other way round.`,
          ...(bfd.multihop
            ? []
            : [
                'Put the template on the interface towards the nodes, whose name is not known here:',
                ` interface ...: bfd template ${bfd.id}${bfd.echoIntervalMs === null ? ', no bfd echo' : ', bfd echo, no ip redirects'}`,
              ]),
        ],
        lines: [...iosXeStatements.bfdProfile(bfd), 'exit'],
      });
    said.add(bfd.id);
    if (!bfd.multihop) continue;
    const family = router.address.family === 4 ? 'ipv4' : 'ipv6';
    const own = hostPrefix(router.address);
    const theirs =
      neighbors.type === 'listed'
        ? neighbors.nodes.map(({ address }) => hostPrefix(address))
        : [formatPrefix(neighbors.range)];
    sections.push({
      why: ['Which sessions over several hops the template is for.'],
      lines: theirs.map((node) => `bfd map ${family} ${node} ${own} ${bfd.id}`),
    });
  }
  return sections;
}

const hostPrefix = (address: Ip): string => `${formatIp(address)}/${address.family === 4 ? 32 : 128}`;

function prefixSections(group: NeighborGroup, need: FamilyNeed): readonly Section[] {
  let seq = 0;
  return byReason(need.prefixes).map(({ why, rules }) => ({
    why: [why],
    lines: rules.map((rule) => {
      seq += 10;
      return iosXeStatements.prefixList(prefixListName(group, need), need.family, seq, prefixMatch(rule));
    }),
  }));
}

function inboundSections(group: NeighborGroup, need: FamilyNeed): readonly Section[] {
  const name = inboundName(group, need);
  if (need.prefixes.length === 0)
    return [
      {
        why: [`No BGPAdvertisement brings IPv${need.family} to ${group.peer.name}: nothing is let in.`],
        lines: [`route-map ${name} deny 10`],
      },
    ];
  return policySteps(group, need).map(({ community, localPref, why }, i) => ({
    why: [why],
    lines: [
      `route-map ${name} permit ${(i + 1) * 10}`,
      ` match ${need.family === 4 ? 'ip' : 'ipv6'} address prefix-list ${prefixListName(group, need)}`,
      ...(community === null ? [] : [` ${matchCommunity(community)}`]),
      ...(localPref === null ? [] : [` set local-preference ${localPref}`]),
    ],
  }));
}

const matchCommunity = (community: number | LargeCommunity): string =>
  `match ${typeof community === 'number' ? 'community' : 'large-community'} ${communityListName(community)}`;

function bgpSections(router: Router, keyOf: KeyOf): readonly Section[] {
  const relax = hasSeveralNeighborAses(router)
    ? [
        {
          why: ['The nodes are in several AS: their paths count as equal.'],
          lines: [' bgp bestpath as-path multipath-relax'],
        },
      ]
    : [];
  return [
    {
      why: [`peerASN of ${router.groups.map(({ peer }) => `BGPPeer ${peer.name}`).join(', ')}.`],
      lines: [`router bgp ${router.asn}`],
    },
    ...relax,
    ...router.groups.flatMap((group) => groupSections(group, keyOf)),
    ...familyBlocksOf(router).flatMap((family) => familySections(router, family)),
  ];
}

function groupSections(group: NeighborGroup, keyOf: KeyOf): readonly Section[] {
  const { id, peer, bfd, neighbors, type } = group;
  const key = keyOf(group);
  const optional = (why: string, lines: readonly string[]): readonly Section[] =>
    lines.length === 0 ? [] : [{ why: [why], lines: lines.map((line) => ` ${line}`) }];
  return [
    {
      why: [`${groupSource(group)}: myASN ${group.remoteAsn}.`],
      lines: [
        ` neighbor ${id} peer-group`,
        ` ${iosXeStatements.remoteAs(id, group.remoteAsn)}`,
        ` neighbor ${id} description ${groupDescription(group)}`,
      ],
    },
    ...optional(whyKey(group), key === null ? [] : [iosXeStatements.password(id, key)]),
    ...optional(whyTimers(group), [iosXeStatements.timers(id, peer.keepaliveSeconds, peer.holdTimeSeconds)]),
    ...optional(whyBfd(group), bfd === null ? [] : [iosXeStatements.bfd(id, bfd)]),
    ...optional(whyDistance(group), iosXeStatements.distance(id, group.distance, type)),
    ...optional(WHY_HELPER, peer.enableGracefulRestart ? [`neighbor ${id} ha-mode graceful-restart`] : []),
    ...(neighbors.type === 'listed'
      ? neighbors.nodes.map((node) => ({
          why: [whyNode(node)],
          lines: [
            ` neighbor ${formatIp(node.address)} peer-group ${id}`,
            ` neighbor ${formatIp(node.address)} description ${nodeDescription(node)}`,
          ],
        }))
      : [
          {
            why: ['Whoever dials from here with the key is a neighbor.'],
            lines: [
              ` bgp listen limit ${neighbors.limit}`,
              ` bgp listen range ${formatPrefix(neighbors.range)} peer-group ${id}`,
            ],
          },
        ]),
  ];
}

function familySections(router: Router, family: IpFamily): readonly Section[] {
  const sections: Section[] = [{ why: [], lines: [` address-family ipv${family} unicast`] }];
  for (const group of router.groups) {
    const need = group.families.find((one) => one.family === family);
    const members =
      group.neighbors.type === 'listed' ? group.neighbors.nodes.map(({ address }) => formatIp(address)) : [];
    if (need === undefined) {
      // A neighbor is active in IPv4 unless it is told otherwise.
      if (family === 4)
        sections.push({
          why: [`${group.peer.name} carries no IPv4.`],
          lines: (members.length > 0 ? members : [group.id]).map((who) => `  no neighbor ${who} activate`),
        });
      continue;
    }
    sections.push(
      {
        why: ['Only prefixes of the pools, with the preference that is asked for.'],
        lines: [group.id, ...members]
          .map((who) => `  ${iosXeStatements.activate(who)}`)
          .concat(`  ${iosXeStatements.inbound(group.id, inboundName(group, need))}`),
      },
      { why: [WHY_OUTBOUND], lines: [`  ${iosXeStatements.outbound(group.id)}`] },
      {
        why: [whyLimit(need), 'The session comes back after 5 minutes.'],
        lines: iosXeStatements.maximumPrefix(group.id, need.maximumPrefixes).map((line) => `  ${line}`),
      },
    );
  }
  for (const type of typesOf(router, family))
    sections.push({
      why: [whyPaths(router), 'Without this line one path is used.'],
      lines: [`  ${iosXeStatements.maximumPaths(type, pathsOf(router, type, iosXe.mostPaths))}`],
    });
  return [...sections, { why: [], lines: [' exit-address-family'] }];
}
