/** A pool that reaches into the addresses of Pods. */
import { formatIpRange, rangesOverlap } from '../../net/ip-range.ts';
import { podNetworks } from '../cluster-networks.ts';
import { manifest, node, pool } from '../example.ts';
import type { LintRule } from '../rule.ts';
import { few } from '../words.ts';

const NODE = node('node1', '10.0.0.11').replace(
  'status:',
  'spec: { podCIDR: 10.244.1.0/24, podCIDRs: [10.244.1.0/24] }\nstatus:',
);

export const poolOverlapsPodCidr: LintRule = {
  name: 'pool-overlaps-pod-cidr',
  severity: 'warning',
  help: 'Give the pool addresses that the cluster does not use inside.',
  summary: 'a pool overlaps the addresses of Pods',
  why: `The nodes route Pod addresses themselves. A Service that gets one of them is unreachable from the nodes that have that route, or takes the traffic of a Pod.`,
  fires: [manifest(pool('web', 'addresses: [10.244.0.0/16]'), NODE)],
  silent: [manifest(pool('web', 'addresses: [192.0.2.0/24]'), NODE)],
  check: (plan, objects) => {
    const networks = podNetworks(objects);
    return plan.snapshot.config.pools.flatMap((one) =>
      one.ranges.flatMap((range, i) => {
        const inside = networks.filter((network) => rangesOverlap(network.range, range));
        if (inside.length === 0) return [];
        return [
          {
            object: { kind: 'IPAddressPool', name: one.name },
            path: ['spec', 'addresses', i],
            message: `${formatIpRange(range)} overlaps ${few(
              inside.map((other) => `${formatIpRange(other.range)} (${other.source})`),
              2,
            )}`,
          },
        ];
      }),
    );
  },
};
