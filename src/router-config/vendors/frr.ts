/**
 * FRR, as text for /etc/frr/frr.conf or `vtysh -f`.
 *
 * What is referred to comes before what refers to it, so that nothing is said of undefined route maps while it is read. Statements of the
 * whole router that would change other sessions (router ID, defaults of families) are left alone.
 */
import type { LargeCommunity } from '../../bgp/route.ts';
import { formatIp, type IpFamily } from '../../net/ip.ts';
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

/** The statements that it has in common with IOS-XE, and FRR's own. */
export const frrStatements = {
  ...neighborStatements,
  bfd: (who: string, need: BfdNeed) => `neighbor ${who} bfd profile ${need.id}`,
  bfdProfile: (need: BfdNeed): readonly string[] => ['bfd', ...profileLines(need)],
  bfdNote: (_: BfdNeed): readonly string[] => [],
  /** What the policy refuses is counted only where it is kept. */
  maximumPrefix: (who: string, limit: number): readonly string[] => [
    `neighbor ${who} soft-reconfiguration inbound`,
    `neighbor ${who} maximum-prefix ${limit} 80 restart 5 force`,
  ],
} as const;

export const frr: Vendor = {
  name: 'frr',
  title: 'FRR 8.4 and newer',
  evidence: { type: 'lab', software: 'FRR 8.4' },
  comment: '!',
  mostPaths: 64,
  takesHoldTimeZero: true,
  bfdMultihopTtl: null,
  keyFault: (key) => simpleKeyFault(key, 80),
  sections: (router, keyOf) => [
    ...bfdSections(router),
    ...router.groups.flatMap((group) => group.families.flatMap((need) => prefixSections(group, need))),
    ...communitySections(router),
    ...router.groups.flatMap((group) => group.families.flatMap((need) => inboundSections(group, need))),
    { why: [WHY_OUTBOUND], lines: [`route-map ${OUTBOUND} deny 10`, 'exit'] },
    ...bgpSections(router, keyOf),
  ],
};

function bfdSections({ groups }: Router): readonly Section[] {
  const profiles = new Map(groups.flatMap(({ bfd }) => (bfd === null ? [] : [[bfd.id, bfd] as const])));
  if (profiles.size === 0) return [];
  return [
    { why: ['BFD of the sessions below; bfdd has to run (/etc/frr/daemons).'], lines: ['bfd'] },
    ...[...profiles.values()].map((bfd) => ({
      why: [`BFDProfile ${bfd.profile}: what the speaker sends is received here, and the other way round.`],
      lines: [...profileLines(bfd), ' exit'],
    })),
    { why: [], lines: ['exit'] },
  ];
}

const profileLines = (bfd: BfdNeed): readonly string[] => [
  ` profile ${bfd.id}`,
  `  detect-multiplier ${bfd.detectMultiplier}`,
  `  receive-interval ${bfd.receiveIntervalMs}`,
  `  transmit-interval ${bfd.transmitIntervalMs}`,
  ...(bfd.multihop ? [`  minimum-ttl ${bfd.minimumTtl}`] : []),
  ...(bfd.echoIntervalMs === null
    ? []
    : [
        `  echo receive-interval ${bfd.echoIntervalMs}`,
        `  echo transmit-interval ${bfd.echoIntervalMs}`,
        '  echo-mode',
      ]),
];

function prefixSections(group: NeighborGroup, need: FamilyNeed): readonly Section[] {
  let seq = 0;
  return byReason(need.prefixes).map(({ why, rules }) => ({
    why: [why],
    lines: rules.map((rule) => {
      seq += 10;
      return frrStatements.prefixList(prefixListName(group, need), need.family, seq, prefixMatch(rule));
    }),
  }));
}

const communitySections = (router: Router): readonly Section[] =>
  communitiesOf(router).map((community) => ({
    why: [whyCommunity(community)],
    lines: [
      `bgp ${typeof community === 'number' ? 'community-list' : 'large-community-list'} standard ${communityListName(community)} seq 5 permit ${textOf(community)}`,
    ],
  }));

function inboundSections(group: NeighborGroup, need: FamilyNeed): readonly Section[] {
  const name = inboundName(group, need);
  if (need.prefixes.length === 0)
    return [
      {
        why: [`No BGPAdvertisement brings IPv${need.family} to ${group.peer.name}: nothing is let in.`],
        lines: [`route-map ${name} deny 10`, 'exit'],
      },
    ];
  const list = `match ${need.family === 4 ? 'ip' : 'ipv6'} address prefix-list ${prefixListName(group, need)}`;
  return policySteps(group, need).map(({ community, localPref, why }, i) => ({
    why: [why],
    lines: [
      `route-map ${name} permit ${(i + 1) * 10}`,
      ` ${list}`,
      ...(community === null ? [] : [` ${matchCommunity(community)}`]),
      ...(localPref === null ? [] : [` set local-preference ${localPref}`]),
      'exit',
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
    { why: [], lines: ['exit'] },
  ];
}

function groupSections(group: NeighborGroup, keyOf: KeyOf): readonly Section[] {
  const { id, peer, bfd, neighbors, type } = group;
  const key = keyOf(group);
  const distance = frrStatements.distance(id, group.distance, type);
  const optional = (why: string, lines: readonly string[]): readonly Section[] =>
    lines.length === 0 ? [] : [{ why: [why], lines: lines.map((line) => ` ${line}`) }];
  return [
    {
      why: [`${groupSource(group)}: myASN ${group.remoteAsn}.`],
      lines: [
        ` neighbor ${id} peer-group`,
        ` ${frrStatements.remoteAs(id, group.remoteAsn)}`,
        ` neighbor ${id} description ${groupDescription(group)}`,
      ],
    },
    ...optional(whyKey(group), key === null ? [] : [frrStatements.password(id, key)]),
    ...optional(whyTimers(group), [frrStatements.timers(id, peer.keepaliveSeconds, peer.holdTimeSeconds)]),
    ...optional(whyBfd(group), bfd === null ? [] : [`neighbor ${id} bfd`, frrStatements.bfd(id, bfd)]),
    ...optional(whyDistance(group), distance),
    ...optional(WHY_HELPER, peer.enableGracefulRestart ? [`neighbor ${id} graceful-restart-helper`] : []),
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
    if (need === undefined) {
      // A neighbor is active in IPv4 unless it is told otherwise.
      if (family === 4)
        sections.push({ why: [`${group.peer.name} carries no IPv4.`], lines: [`  no neighbor ${group.id} activate`] });
      continue;
    }
    sections.push(
      { why: [`Only prefixes of the pools, with the preference that is asked for.`], lines: inFamily(group, need) },
      { why: [WHY_OUTBOUND], lines: [`  ${frrStatements.outbound(group.id)}`] },
      {
        why: [
          whyLimit(need),
          'What the policy refuses is kept, so that it is counted too; the session comes back after 5 minutes.',
        ],
        lines: frrStatements.maximumPrefix(group.id, need.maximumPrefixes).map((line) => `  ${line}`),
      },
    );
  }
  for (const type of typesOf(router, family))
    sections.push({
      why: [whyPaths(router)],
      lines: [`  ${frrStatements.maximumPaths(type, pathsOf(router, type, frr.mostPaths))}`],
    });
  return [...sections, { why: [], lines: [' exit-address-family'] }];
}

const inFamily = (group: NeighborGroup, need: FamilyNeed): readonly string[] => [
  `  ${frrStatements.activate(group.id)}`,
  `  ${frrStatements.inbound(group.id, inboundName(group, need))}`,
];
