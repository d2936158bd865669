/** A pool that has the address of a node: MetalLB checked it once, and took the check back (0.15.1). */
import { formatIp } from '../../net/ip.ts';
import { rangeContains } from '../../net/ip-range.ts';
import { manifest, node, pool } from '../example.ts';
import type { LintRule } from '../rule.ts';
import { few } from '../words.ts';

export const poolOverlapsNode: LintRule = {
  name: 'pool-overlaps-node',
  severity: 'warning',
  help: "Take the nodes' addresses out of the pool, by a range that begins behind them for example.",
  summary: 'a pool has the address of a node',
  why: `Sooner or later a Service gets it. Then the network has two owners for one address: routers send the node's own traffic (kubelet, API server, SSH) to whichever node announces
the Service, or ARP answers come from two machines.`,
  fires: [manifest(pool('web', 'addresses: [10.0.0.0/24]'), node('node1', '10.0.0.11'))],
  silent: [manifest(pool('web', 'addresses: [10.0.0.100-10.0.0.199]'), node('node1', '10.0.0.11'))],
  check: (plan) =>
    plan.snapshot.config.pools.flatMap((one) =>
      one.ranges.flatMap((range, i) => {
        const inside = plan.snapshot.nodes.flatMap(({ name, internalIPs }) =>
          internalIPs.filter((ip) => rangeContains(range, ip)).map((ip) => `${formatIp(ip)} of ${name}`),
        );
        if (inside.length === 0) return [];
        return [
          {
            object: { kind: 'IPAddressPool', name: one.name },
            path: ['spec', 'addresses', i],
            message: `the pool has ${inside.length === 1 ? 'the address' : 'the addresses'} ${few(inside)}`,
          },
        ];
      }),
    ),
};
