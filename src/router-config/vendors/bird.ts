/**
 * BIRD 2, as a whole bird.conf.
 *
 * Parts that a router with other tasks has already (device, kernel, bfd) may stand once only: a comment says so. The policy is a filter for
 * each group; BIRD merges equal paths on the way to the kernel.
 */
import type { LargeCommunity } from '../../bgp/route.ts';
import { formatIp } from '../../net/ip.ts';
import { formatPrefix } from '../../net/prefix.ts';
import type { FamilyNeed, NeighborGroup, PrefixRule, Router } from '../model.ts';
import type { Section } from '../section.ts';
import {
  byReason,
  familiesOf,
  groupDescription,
  groupSource,
  type KeyOf,
  nodeDescription,
  pathsOf,
  policySteps,
  simpleKeyFault,
  type Vendor,
  WHY_HELPER,
  WHY_OUTBOUND,
  whyBfd,
  whyDistance,
  whyKey,
  whyLimit,
  whyNode,
  whyPaths,
  whyTimers,
} from './vendor.ts';

/** Linux's default, which BIRD leaves on the BFD that it sends over several hops. */
const KERNEL_TTL = 64;

export const bird: Vendor = {
  name: 'bird',
  title: 'BIRD 2.0.8 and newer',
  evidence: { type: 'lab', software: 'BIRD 2.0' },
  comment: '#',
  mostPaths: 255,
  takesHoldTimeZero: true,
  bfdMultihopTtl: KERNEL_TTL,
  keyFault: (key) => simpleKeyFault(key, 80),
  sections: (router, keyOf) => [
    ...commonSections(router),
    ...router.groups.flatMap((group) => group.families.flatMap((need) => filterSections(group, need))),
    ...router.groups.flatMap((group) => groupSections(router, group, keyOf)),
  ],
};

/** BIRD's names have no "-". */
const symbol = (name: string): string => name.replaceAll('-', '_');

const filterName = (group: NeighborGroup, { family }: FamilyNeed): string => symbol(`${group.id}-IN-V${family}`);

function commonSections(router: Router): readonly Section[] {
  const paths = Math.max(...(['external', 'internal'] as const).map((type) => pathsOf(router, type, bird.mostPaths)));
  return [
    {
      why: ['Leave out what your bird.conf has already: protocols device, kernel and bfd stand once.'],
      lines: ['protocol device {}'],
    },
    ...(router.groups.some(({ bfd }) => bfd !== null)
      ? [{ why: ['BFD of the sessions below, which bring their own times.'], lines: ['protocol bfd {}'] }]
      : []),
    ...familiesOf(router).map((family) => ({
      why: [whyPaths(router)],
      lines: [
        'protocol kernel {',
        `  merge paths on limit ${paths};`,
        `  ipv${family} { import none; export where source = RTS_BGP; };`,
        '}',
      ],
    })),
  ];
}

function filterSections(group: NeighborGroup, need: FamilyNeed): readonly Section[] {
  const name = filterName(group, need);
  const steps = policySteps(group, need);
  if (need.prefixes.length === 0)
    return [
      {
        why: [`No BGPAdvertisement brings IPv${need.family} to ${group.peer.name}: nothing is let in.`],
        lines: [`filter ${name} { reject; }`],
      },
    ];
  return [
    { why: [`Routes of ${group.peer.name}: only prefixes of the pools.`], lines: [`filter ${name} {`] },
    { why: [], lines: ['  if net ~ ['] },
    ...patternSections(need.prefixes),
    { why: [], lines: ['  ] then {'] },
    ...steps.map(({ community, localPref, why }) => ({
      why: [why],
      lines: [
        community === null
          ? '    accept;'
          : `    if ${condition(community)} then { bgp_local_pref = ${localPref}; accept; }`,
      ],
    })),
    { why: [], lines: ['  }', '  reject;', '}'] },
  ];
}

function patternSections(prefixes: readonly PrefixRule[]): readonly Section[] {
  let left = prefixes.length;
  return byReason(prefixes).map(({ why, rules }) => ({
    why: [why],
    lines: rules.map(({ prefix, length }) => {
      left -= 1;
      return `    ${formatPrefix(prefix)}{${length},${length}}${left > 0 ? ',' : ''}`;
    }),
  }));
}

const condition = (community: number | LargeCommunity): string =>
  typeof community === 'number'
    ? `(${community >>> 16}, ${community & 0xffff}) ~ bgp_community`
    : `(${community.globalAdministrator}, ${community.localData1}, ${community.localData2}) ~ bgp_large_community`;

function groupSections(router: Router, group: NeighborGroup, keyOf: KeyOf): readonly Section[] {
  const { peer, bfd, neighbors } = group;
  const template = symbol(group.id);
  const key = keyOf(group);
  const optional = (why: string, lines: readonly string[]): readonly Section[] =>
    lines.length === 0 ? [] : [{ why: [why], lines: lines.map((line) => `  ${line}`) }];
  return [
    {
      why: [`${groupSource(group)}: peerASN ${router.asn}, myASN ${group.remoteAsn}.`],
      lines: [
        `template bgp ${template} {`,
        `  local ${formatIp(router.address)} as ${router.asn};`,
        `  description "${groupDescription(group)}";`,
      ],
    },
    ...optional(whyKey(group), key === null ? [] : [`password "${key}";`]),
    ...optional(whyTimers(group), [
      `hold time ${peer.holdTimeSeconds};`,
      ...(peer.keepaliveSeconds === 0 ? [] : [`keepalive time ${peer.keepaliveSeconds};`]),
    ]),
    // BIRD refuses the neighbor as long: by default for a minute after the first loss, though the node dials within seconds.
    ...optional(
      'After a loss the session comes back in 5 s; each further one within 5 minutes doubles that, up to 5 minutes.',
      ['error wait time 5, 300;'],
    ),
    ...optional(
      `${whyBfd(group)}${bfd?.multihop === true && bfd.minimumTtl >= KERNEL_TTL ? ` It goes out with the default TTL of the kernel, which has to be 255 (minimumTtl ${bfd.minimumTtl}).` : ''}`,
      bfd === null
        ? []
        : [
            `bfd { min rx interval ${bfd.receiveIntervalMs} ms; min tx interval ${bfd.transmitIntervalMs} ms; multiplier ${bfd.detectMultiplier}; };`,
          ],
    ),
    ...distanceSections(group),
    ...optional(WHY_HELPER, peer.enableGracefulRestart ? ['graceful restart aware;'] : []),
    ...group.families.flatMap((need) => [
      {
        why: [WHY_OUTBOUND],
        lines: [`  ipv${need.family} {`, `    import filter ${filterName(group, need)};`, '    export none;'],
      },
      {
        why: [
          whyLimit(need),
          'What the filter refuses is kept, so that it is counted too; the session comes back after a while.',
        ],
        lines: ['    import keep filtered on;', `    receive limit ${need.maximumPrefixes} action restart;`, '  };'],
      },
    ]),
    { why: [], lines: ['}'] },
    ...(neighbors.type === 'listed'
      ? neighbors.nodes.map((node, i) => ({
          why: [whyNode(node)],
          lines: [
            `protocol bgp ${template}_${i + 1} from ${template} { neighbor ${formatIp(node.address)} as ${group.remoteAsn}; description "${nodeDescription(node)}"; }`,
          ],
        }))
      : [
          {
            why: ['Whoever dials from here with the key is a neighbor.'],
            lines: [
              `protocol bgp ${template}_DYNAMIC from ${template} { neighbor range ${formatPrefix(neighbors.range)} as ${group.remoteAsn}; dynamic name "${template}_"; }`,
            ],
          },
        ]),
  ];
}

/** iBGP neighbors are taken to be far away, eBGP neighbors to be near, unless it is said; BFD follows. */
function distanceSections(group: NeighborGroup): readonly Section[] {
  const { distance, type } = group;
  if (distance.type === 'connected')
    return type === 'internal' ? [{ why: ['The nodes are on a subnet of this router.'], lines: ['  direct;'] }] : [];
  const lines =
    distance.type === 'ttl-security'
      ? [distance.hops === 1 ? '  direct;' : `  multihop ${distance.hops};`, '  ttl security on;']
      : ['  multihop 255;'];
  return [{ why: [whyDistance(group)], lines }];
}
