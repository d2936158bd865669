/** Addresses of a family that no session of their advertisements carries (docs/decisions.md 26). */
import { scopeCovers } from '../../config/advertisement.ts';
import { formatIpRange } from '../../net/ip-range.ts';
import { bgp, manifest, peer, pool } from '../example.ts';
import { leftOut } from '../reference.ts';
import type { LintRule } from '../rule.ts';
import { familiesOfPeer, isAdvertised, peersReached } from '../scope.ts';
import { few } from '../words.ts';

const DUAL = pool('web', "addresses: [192.0.2.0/24, '2001:db8:10::/64']");

export const poolFamilyWithoutSession: LintRule = {
  name: 'pool-family-without-session',
  severity: 'warning',
  help: 'Set dualStackAddressFamily: true on the peers (the router must activate the family too), or add a peer of that family.',
  summary: "no session carries a pool's IPv4 or IPv6 addresses",
  why: `A session carries the family of its own addresses only, as in MetalLB's FRR modes. The addresses of the other family are given out, stand in the Services' status, and are announced by nobody.`,
  fires: [manifest(DUAL, peer('router-a', 'peerAddress: 10.0.0.1'), bgp('web', 'ipAddressPools: [web]'))],
  silent: [
    manifest(
      DUAL,
      peer('router-a', 'peerAddress: 10.0.0.1\ndualStackAddressFamily: true'),
      bgp('web', 'ipAddressPools: [web]'),
    ),
    manifest(
      DUAL,
      peer('router-a', 'peerAddress: 10.0.0.1'),
      peer('router-a-v6', "peerAddress: '2001:db8::1'"),
      bgp('web', 'ipAddressPools: [web]'),
    ),
  ],
  check: (plan) => {
    const { pools, peers, bgpAdvertisements } = plan.snapshot.config;
    if (leftOut(plan, 'BGPPeer').size > 0) return [];
    return pools.flatMap((one) => {
      if (isAdvertised(one, plan, 'layer2')) return [];
      const named = bgpAdvertisements.filter((advertisement) => scopeCovers(advertisement, one)).map((a) => a.peers);
      const reached = [...new Set(named.flatMap((names) => peersReached(names, peers)))];
      const carried = new Set(reached.flatMap(familiesOfPeer));
      const i = one.ranges.findIndex(({ first }) => !carried.has(first.family));
      const range = one.ranges[i];
      if (reached.length === 0 || range === undefined) return [];
      return [
        {
          object: { kind: 'IPAddressPool', name: one.name },
          path: ['spec', 'addresses', i],
          message: `no session carries IPv${range.first.family}: ${few(reached.map(({ name }) => name))} ${reached.length === 1 ? 'is' : 'are'} of the other family only, so ${formatIpRange(range)} is announced to nobody`,
        },
      ];
    });
  },
};
