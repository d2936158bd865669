/** Arista EOS, as text to paste in configuration mode. */
import type { LargeCommunity } from '../../bgp/route.ts';
import { formatIp, type IpFamily } from '../../net/ip.ts';
import { formatPrefix } from '../../net/prefix.ts';
import type { FamilyNeed, NeighborGroup, Router } from '../model.ts';
import { textOf } from '../preferences.ts';
import type { Section } from '../section.ts';
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

export const eos: Vendor = {
  name: 'eos',
  title: 'Arista EOS 4.25 and newer',
  evidence: { type: 'documentation', source: 'the Arista grammar of Batfish and published EOS configurations' },
  comment: '!',
  mostPaths: 128,
  takesHoldTimeZero: true,
  bfdMultihopTtl: null,
  keyFault: (key) => simpleKeyFault(key, 80),
  sections: (router, keyOf) => [
    ...router.groups.flatMap((group) => group.families.flatMap((need) => prefixSections(group, need))),
    ...communitiesOf(router).map((community) => ({
      why: [whyCommunity(community)],
      lines: [
        `ip ${typeof community === 'number' ? 'community-list' : 'large-community-list'} ${communityListName(community)} permit ${textOf(community)}`,
      ],
    })),
    ...router.groups.flatMap((group) => group.families.flatMap((need) => inboundSections(group, need))),
    { why: [WHY_OUTBOUND], lines: [`route-map ${OUTBOUND} deny 10`] },
    ...bgpSections(router, keyOf),
  ],
};

/** Lists are modes of their own, so that both families are written alike. */
function prefixSections(group: NeighborGroup, need: FamilyNeed): readonly Section[] {
  if (need.prefixes.length === 0) return [];
  let seq = 0;
  return [
    { why: [], lines: [`${need.family === 4 ? 'ip' : 'ipv6'} prefix-list ${prefixListName(group, need)}`] },
    ...byReason(need.prefixes).map(({ why, rules }) => ({
      why: [why],
      lines: rules.map((rule) => {
        seq += 10;
        return `   seq ${seq} permit ${prefixMatch(rule)}`;
      }),
    })),
  ];
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
      `   match ${need.family === 4 ? 'ip' : 'ipv6'} address prefix-list ${prefixListName(group, need)}`,
      ...(community === null ? [] : [`   ${matchCommunity(community)}`]),
      ...(localPref === null ? [] : [`   set local-preference ${localPref}`]),
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
          lines: ['   bgp bestpath as-path multipath-relax'],
        },
      ]
    : [];
  const paths = Math.max(...typesOf(router).map((type) => pathsOf(router, type, eos.mostPaths)));
  return [
    {
      why: [`peerASN of ${router.groups.map(({ peer }) => `BGPPeer ${peer.name}`).join(', ')}.`],
      lines: [`router bgp ${router.asn}`],
    },
    ...relax,
    { why: [whyPaths(router)], lines: [`   maximum-paths ${paths} ecmp ${paths}`] },
    ...router.groups.flatMap((group) => groupSections(group, keyOf)),
    ...familyBlocksOf(router).flatMap((family) => familySections(router, family)),
  ];
}

function groupSections(group: NeighborGroup, keyOf: KeyOf): readonly Section[] {
  const { id, peer, bfd, neighbors, distance, type } = group;
  const key = keyOf(group);
  const optional = (why: readonly string[], lines: readonly string[]): readonly Section[] =>
    lines.length === 0 ? [] : [{ why, lines: lines.map((line) => `   ${line}`) }];
  const limit = Math.max(...group.families.map(({ maximumPrefixes }) => maximumPrefixes));
  return [
    {
      why: [`${groupSource(group)}: myASN ${group.remoteAsn}.`],
      lines: [
        `   neighbor ${id} peer group`,
        `   neighbor ${id} remote-as ${group.remoteAsn}`,
        `   neighbor ${id} description ${groupDescription(group)}`,
      ],
    },
    ...optional([whyKey(group)], key === null ? [] : [`neighbor ${id} password 0 ${key}`]),
    ...optional([whyTimers(group)], [`neighbor ${id} timers ${peer.keepaliveSeconds} ${peer.holdTimeSeconds}`]),
    ...optional(
      [whyBfd(group)],
      bfd === null
        ? []
        : [
            `neighbor ${id} bfd`,
            `neighbor ${id} bfd interval ${bfd.transmitIntervalMs} min-rx ${bfd.receiveIntervalMs} multiplier ${bfd.detectMultiplier}`,
          ],
    ),
    ...optional(
      [whyDistance(group)],
      distance.type === 'ttl-security'
        ? [`neighbor ${id} ttl maximum-hops ${distance.hops}`]
        : distance.type === 'multihop' && type === 'external'
          ? [`neighbor ${id} ebgp-multihop 255`]
          : [],
    ),
    ...optional([WHY_HELPER], peer.enableGracefulRestart ? [`neighbor ${id} graceful-restart-helper`] : []),
    ...optional(
      [...group.families.map(whyLimit), 'Counted before the policy; the session comes back after 5 minutes.'],
      [`neighbor ${id} maximum-routes ${limit} warning-limit 80 percent`, `neighbor ${id} idle-restart-timer 300`],
    ),
    ...(neighbors.type === 'listed'
      ? neighbors.nodes.map((node) => ({
          why: [whyNode(node)],
          lines: [
            `   neighbor ${formatIp(node.address)} peer group ${id}`,
            `   neighbor ${formatIp(node.address)} description ${nodeDescription(node)}`,
          ],
        }))
      : [
          {
            why: ['Whoever dials from here with the key is a neighbor.'],
            lines: [
              `   bgp listen limit ${neighbors.limit}`,
              `   bgp listen range ${formatPrefix(neighbors.range)} peer-group ${id} remote-as ${group.remoteAsn}`,
            ],
          },
        ]),
  ];
}

function familySections(router: Router, family: IpFamily): readonly Section[] {
  const sections: Section[] = [{ why: [], lines: [`   address-family ipv${family}`] }];
  for (const group of router.groups) {
    const need = group.families.find((one) => one.family === family);
    if (need === undefined) {
      // A neighbor is active in IPv4 unless it is told otherwise.
      if (family === 4)
        sections.push({
          why: [`${group.peer.name} carries no IPv4.`],
          lines: [`      no neighbor ${group.id} activate`],
        });
      continue;
    }
    sections.push(
      {
        why: ['Only prefixes of the pools, with the preference that is asked for.'],
        lines: [
          `      neighbor ${group.id} activate`,
          `      neighbor ${group.id} route-map ${inboundName(group, need)} in`,
        ],
      },
      { why: [WHY_OUTBOUND], lines: [`      neighbor ${group.id} route-map ${OUTBOUND} out`] },
    );
  }
  return sections;
}
