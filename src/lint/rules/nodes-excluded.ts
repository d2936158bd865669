/** A cluster in which no node may announce. */
import { nodeRefusal } from '../../announce/eligibility.ts';
import { bgp, manifest, node, pool } from '../example.ts';
import type { LintRule } from '../rule.ts';

const EXCLUDED = 'node.kubernetes.io/exclude-from-external-load-balancers: ""';

export const nodesExcluded: LintRule = {
  name: 'nodes-excluded',
  severity: 'warning',
  help: 'Remove the label (kubectl label node NODE node.kubernetes.io/exclude-from-external-load-balancers-), run with --ignore-exclude-lb, or mend the network of the nodes.',
  summary: 'no node may announce: all are excluded from load balancers, or without network',
  why: `kubeadm puts the label node.kubernetes.io/exclude-from-external-load-balancers on control-plane nodes; in a cluster that has only those, every Service gets an address and none is announced. Its presence counts, whatever its value. The condition
NetworkUnavailable has the same effect.`,
  fires: [manifest(pool('web', 'addresses: [192.0.2.0/24]'), bgp('web', '{}'), node('node1', '10.0.0.11', EXCLUDED))],
  silent: [
    manifest(
      pool('web', 'addresses: [192.0.2.0/24]'),
      bgp('web', '{}'),
      node('node1', '10.0.0.11', EXCLUDED),
      node('node2', '10.0.0.12'),
    ),
  ],
  check: ({ snapshot: { config, nodes }, options }) => {
    const { bgpAdvertisements, l2Advertisements } = config;
    const [first] = nodes;
    if (first === undefined || bgpAdvertisements.length + l2Advertisements.length === 0) return [];
    if (nodes.some((one) => nodeRefusal(one, options) === null)) return [];
    return [
      {
        object: { kind: 'Node', namespace: '', name: first.name },
        path:
          nodeRefusal(first, options)?.reason === 'nodeLabeledExcludeBalancers'
            ? ['metadata', 'labels']
            : ['status', 'conditions'],
        message: `${nodes.length === 1 ? 'the only node' : `each of the ${nodes.length} nodes`} may announce nothing: ${nodeRefusal(first, options)?.message}`,
      },
    ];
  },
};
