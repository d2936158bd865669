/**
 * Juniper Junos, as set commands for `load set`.
 *
 * Junos derives the keepalive time from the hold time, helps restarting neighbors unless it is told not to, and filters what is too far away by
 * a firewall filter; where that differs from what a BGPPeer says, a comment says so.
 */
import type { LargeCommunity } from '../../bgp/route.ts';
import { formatIp } from '../../net/ip.ts';
import { formatPrefix } from '../../net/prefix.ts';
import type { FamilyNeed, NeighborGroup, Router } from '../model.ts';
import { textOf } from '../preferences.ts';
import type { Section } from '../section.ts';
import {
  byReason,
  communitiesOf,
  communityListName,
  groupDescription,
  groupSource,
  hasSeveralNeighborAses,
  type KeyOf,
  nodeDescription,
  OUTBOUND,
  policySteps,
  simpleKeyFault,
  type Vendor,
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

const LOAD_BALANCE = 'METALLB-LOAD-BALANCE';

export const junos: Vendor = {
  name: 'junos',
  title: 'Juniper Junos 21.1 and newer',
  evidence: {
    type: 'documentation',
    source: 'the Juniper reference of statements and the Junos grammar of Batfish',
  },
  comment: '#',
  mostPaths: 64,
  takesHoldTimeZero: true,
  bfdMultihopTtl: null,
  keyFault: (key) => simpleKeyFault(key, 126),
  sections: (router, keyOf) => [
    ...communitiesOf(router).map((community) => ({
      why: [whyCommunity(community)],
      lines: [`set policy-options community ${communityListName(community)} members ${members(community)}`],
    })),
    ...router.groups.flatMap(policySections),
    { why: [WHY_OUTBOUND], lines: [`set policy-options policy-statement ${OUTBOUND} then reject`] },
    {
      why: [
        whyPaths(router),
        'per-packet means per connection; platforms use 16 paths unless chassis maximum-ecmp says more.',
      ],
      lines: [
        `set policy-options policy-statement ${LOAD_BALANCE} then load-balance per-packet`,
        `set routing-options forwarding-table export ${LOAD_BALANCE}`,
      ],
    },
    {
      why: [`peerASN of ${router.groups.map(({ peer }) => `BGPPeer ${peer.name}`).join(', ')}.`],
      lines: [`set routing-options autonomous-system ${router.asn}`],
    },
    ...router.groups.flatMap((group) => groupSections(router, group, keyOf)),
  ],
};

const members = (community: number | LargeCommunity): string =>
  typeof community === 'number' ? textOf(community) : `large:${textOf(community)}`;

const policyName = ({ id }: NeighborGroup): string => `${id}-IN`;

/** A term for each step and family; a term that names prefixes lets through what one of them matches. */
function policySections(group: NeighborGroup): readonly Section[] {
  const policy = `set policy-options policy-statement ${policyName(group)}`;
  return [
    ...group.families.flatMap((need) =>
      need.prefixes.length === 0
        ? []
        : policySteps(group, need).flatMap((step, i) =>
            termSections(`${policy} term V${need.family}-${i + 1}`, step, need),
          ),
    ),
    { why: ['Nothing but the pools.'], lines: [`${policy} term REST then reject`] },
  ];
}

function termSections(
  term: string,
  { community, localPref, why }: ReturnType<typeof policySteps>[number],
  need: FamilyNeed,
): readonly Section[] {
  return [
    { why: [why], lines: [`${term} from family inet${need.family === 4 ? '' : '6'}`] },
    ...byReason(need.prefixes).map((run) => ({
      why: [run.why],
      lines: run.rules.map(({ prefix, length }) =>
        length === prefix.length
          ? `${term} from route-filter ${formatPrefix(prefix)} exact`
          : `${term} from route-filter ${formatPrefix(prefix)} prefix-length-range /${length}-/${length}`,
      ),
    })),
    {
      why: [],
      lines: [
        ...(community === null ? [] : [`${term} from community ${communityListName(community)}`]),
        ...(localPref === null ? [] : [`${term} then local-preference ${localPref}`]),
        `${term} then accept`,
      ],
    },
  ];
}

function groupSections(router: Router, group: NeighborGroup, keyOf: KeyOf): readonly Section[] {
  const { peer, bfd, neighbors, type } = group;
  const bgp = `set protocols bgp group ${group.id}`;
  const key = keyOf(group);
  const optional = (why: readonly string[], lines: readonly string[]): readonly Section[] =>
    lines.length === 0 ? [] : [{ why, lines }];
  return [
    {
      why: [`${groupSource(group)}: myASN ${group.remoteAsn}.`],
      lines: [
        `${bgp} type ${type}`,
        ...(type === 'external' ? [`${bgp} peer-as ${group.remoteAsn}`] : []),
        `${bgp} description "${groupDescription(group)}"`,
      ],
    },
    ...optional([whyKey(group)], key === null ? [] : [`${bgp} authentication-key "${key}"`]),
    {
      why: [whyTimers(group), `Junos sends a keepalive every third of the hold time.`],
      lines: [`${bgp} hold-time ${peer.holdTimeSeconds}`],
    },
    ...optional(
      [whyBfd(group)],
      bfd === null
        ? []
        : [
            `${bgp} bfd-liveness-detection minimum-receive-interval ${bfd.receiveIntervalMs}`,
            `${bgp} bfd-liveness-detection transmit-interval minimum-interval ${bfd.transmitIntervalMs}`,
            `${bgp} bfd-liveness-detection multiplier ${bfd.detectMultiplier}`,
            `${bgp} bfd-liveness-detection session-mode ${bfd.multihop ? 'multihop' : 'single-hop'}`,
          ],
    ),
    ...distanceSections(group, bgp),
    ...group.families.flatMap((need) => {
      const limit = `${bgp} family inet${need.family === 4 ? '' : '6'} unicast prefix-limit`;
      return [
        {
          why: [whyLimit(need), 'Counted before the policy; the session comes back after 5 minutes.'],
          lines: [`${limit} maximum ${need.maximumPrefixes}`, `${limit} teardown 80 idle-timeout 5`],
        },
      ];
    }),
    {
      why: ['Only prefixes of the pools, with the preference that is asked for.'],
      lines: [`${bgp} import ${policyName(group)}`],
    },
    { why: [WHY_OUTBOUND], lines: [`${bgp} export ${OUTBOUND}`] },
    {
      why: [whyPaths(router)],
      lines: [`${bgp} multipath${hasSeveralNeighborAses(router) ? ' multiple-as' : ''}`],
    },
    ...(neighbors.type === 'listed'
      ? neighbors.nodes.map((node, i) => ({
          why: [
            whyNode(node),
            ...(peer.enableGracefulRestart && i === 0
              ? ['enableGracefulRestart of the BGPPeer: Junos helps a restarting neighbor without being told.']
              : []),
          ],
          lines: [`${bgp} neighbor ${formatIp(node.address)} description "${nodeDescription(node)}"`],
        }))
      : [
          {
            why: ['Whoever dials from here with the key is a neighbor.'],
            lines: [`${bgp} allow ${formatPrefix(neighbors.range)}`],
          },
        ]),
  ];
}

function distanceSections(group: NeighborGroup, bgp: string): readonly Section[] {
  const { distance, type } = group;
  if (distance.type === 'connected') return [];
  if (distance.type === 'ttl-security')
    return [
      {
        why: [
          whyDistance(group),
          `Junos sends with TTL 255 so; to drop what has lost more than ${distance.hops} it needs a firewall filter (ttl-except) on lo0.`,
        ],
        lines: [distance.hops === 1 ? `${bgp} ttl 255` : `${bgp} multihop ttl 255`],
      },
    ];
  return type === 'internal' ? [] : [{ why: [whyDistance(group)], lines: [`${bgp} multihop ttl 255`] }];
}
