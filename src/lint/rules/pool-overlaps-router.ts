/** A pool that has the address of a router, or of our own end of a session. */
import { formatIp, type Ip } from '../../net/ip.ts';
import { rangeContains } from '../../net/ip-range.ts';
import { manifest, peer, pool } from '../example.ts';
import type { LintRule } from '../rule.ts';
import { few } from '../words.ts';

export const poolOverlapsRouter: LintRule = {
  name: 'pool-overlaps-router',
  severity: 'warning',
  help: 'Take the address out of the pool.',
  summary: 'a pool has the address of a BGPPeer',
  why: `A Service that gets the router's address makes the nodes announce it to that very router: at best the router refuses it, at worst the session, and with it every Service, goes down as soon
as it is announced.`,
  fires: [manifest(pool('web', 'addresses: [10.0.0.0/24]'), peer('router-a', 'peerAddress: 10.0.0.1'))],
  silent: [manifest(pool('web', 'addresses: [192.0.2.0/24]'), peer('router-a', 'peerAddress: 10.0.0.1'))],
  check: (plan) => {
    const { pools, peers } = plan.snapshot.config;
    const ends = peers.flatMap(({ name, peerAddress, sourceAddress }): { ip: Ip; whose: string }[] => [
      ...(peerAddress === null ? [] : [{ ip: peerAddress, whose: `peerAddress of ${name}` }]),
      ...(sourceAddress === null ? [] : [{ ip: sourceAddress, whose: `sourceAddress of ${name}` }]),
    ]);
    return pools.flatMap((one) =>
      one.ranges.flatMap((range, i) => {
        const inside = ends.filter(({ ip }) => rangeContains(range, ip));
        if (inside.length === 0) return [];
        return [
          {
            object: { kind: 'IPAddressPool', name: one.name },
            path: ['spec', 'addresses', i],
            message: `the pool has ${few(inside.map(({ ip, whose }) => `${formatIp(ip)} (${whose})`))}`,
          },
        ];
      }),
    );
  },
};
