/** Addresses that are announced by ARP or NDP alone, and that nobody on the nodes' link would ask for. */
import { scopeCovers } from '../../config/advertisement.ts';
import { anySelectorMatches } from '../../config/selector.ts';
import { formatIpRange, rangeOfPrefix, rangesOverlap } from '../../net/ip-range.ts';
import { prefixOf } from '../../net/prefix.ts';
import { layer2, manifest, node, pool } from '../example.ts';
import type { LintRule } from '../rule.ts';
import { isAdvertised } from '../scope.ts';

/** What a subnet of servers usually is: a Node does not say how long its prefix is. */
const USUAL_LENGTH = { 4: 24, 6: 64 } as const;

export const layer2PoolNotOnSubnet: LintRule = {
  name: 'layer2-pool-not-on-subnet',
  severity: 'info',
  help: "Use free addresses of the nodes' own subnet, let the router have the pool's network on that link, or announce the pool by BGP.",
  summary: "a pool is announced by layer 2 only, and is not on the nodes' subnet",
  why: `ARP and NDP answer questions, and hosts ask only for addresses that they take to be on the link. For others they go to their router, which knows nothing of the pool: layer 2 announces no route. A Node does not
say how long its prefix is, so this rule guesses /24 and /64, and says so.`,
  fires: [
    manifest(
      pool('web', 'addresses: [192.0.2.0/24]'),
      layer2('web', 'ipAddressPools: [web]'),
      node('node1', '10.0.0.11'),
    ),
  ],
  silent: [
    manifest(
      pool('web', 'addresses: [10.0.0.200-10.0.0.250]'),
      layer2('web', 'ipAddressPools: [web]'),
      node('node1', '10.0.0.11'),
    ),
  ],
  check: (plan) => {
    const { config, nodes } = plan.snapshot;
    return config.pools.flatMap((one) => {
      if (isAdvertised(one, plan, 'bgp')) return [];
      const selectors = config.l2Advertisements.filter((advertisement) => scopeCovers(advertisement, one));
      const subnets = nodes
        .filter(({ labels }) => selectors.some(({ nodeSelectors }) => anySelectorMatches(nodeSelectors, labels)))
        .flatMap(({ internalIPs }) => internalIPs.map((ip) => rangeOfPrefix(prefixOf(ip, USUAL_LENGTH[ip.family]))));
      return one.ranges.flatMap((range, i) => {
        const { family } = range.first;
        const known = subnets.filter(({ first }) => first.family === family);
        if (known.length === 0 || known.some((subnet) => rangesOverlap(subnet, range))) return [];
        return [
          {
            object: { kind: 'IPAddressPool', name: one.name },
            path: ['spec', 'addresses', i],
            message: `${formatIpRange(range)} is in the /${USUAL_LENGTH[family]} of no node that may answer for it, and nothing but ARP or NDP announces it (Nodes do not say how long their prefix is: /${USUAL_LENGTH[family]} is a guess)`,
          },
        ];
      });
    });
  },
};
