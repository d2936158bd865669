/** A pool that reaches into the addresses of Pods. */
import { podNetworks, poolsInside } from '../cluster-networks.ts';
import { manifest, node, pool } from '../example.ts';
import type { LintRule } from '../rule.ts';

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
  check: (plan, objects) => poolsInside(plan, podNetworks(objects)),
};
