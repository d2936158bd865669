/** A pool with addresses that no router forwards, or no host accepts. */
import { formatIpRange, rangeOfPrefix, rangesOverlap } from '../../net/ip-range.ts';
import { parsePrefix } from '../../net/prefix.ts';
import { pool } from '../example.ts';
import type { LintRule } from '../rule.ts';

/** IANA's registries of special-purpose addresses, what cannot be a destination beyond the link. */
const SPECIAL = (
  [
    ['0.0.0.0/8', 'this network'],
    ['127.0.0.0/8', 'loopback'],
    ['169.254.0.0/16', 'link-local'],
    ['224.0.0.0/4', 'multicast'],
    ['240.0.0.0/4', 'reserved'],
    ['::/127', 'unspecified and loopback'],
    ['fe80::/10', 'link-local'],
    ['ff00::/8', 'multicast'],
  ] as const
).flatMap(([text, what]) => {
  const prefix = parsePrefix(text);
  return prefix.ok ? [{ text, what, range: rangeOfPrefix(prefix.value) }] : [];
});

export const poolNotRoutable: LintRule = {
  name: 'pool-not-routable',
  severity: 'warning',
  help: 'Use addresses that your network routes: private ones (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, fc00::/7) or your own public ones.',
  summary: 'a pool has loopback, link-local, multicast or reserved addresses',
  why: `Routers and hosts refuse such destinations: a Service that gets one is assigned and announced, and never reached. MetalLB accepts them without a word; 0.0.0.0/0 is one of them.`,
  fires: [pool('web', 'addresses: [169.254.10.0/24]'), pool('all', 'addresses: [0.0.0.0/0]')],
  silent: [pool('web', 'addresses: [172.16.10.0/24, 2001:db8:10::/64]')],
  check: (plan) =>
    plan.snapshot.config.pools.flatMap((one) =>
      one.ranges.flatMap((range, i) => {
        const special = SPECIAL.find((candidate) => rangesOverlap(candidate.range, range));
        if (special === undefined) return [];
        return [
          {
            object: { kind: 'IPAddressPool', name: one.name },
            path: ['spec', 'addresses', i],
            message: `${formatIpRange(range)} has addresses of ${special.text}, which are ${special.what}: nobody can reach a Service there`,
          },
        ];
      }),
    ),
};
