/** A Service whose endpoints run where nobody announces it. */

import { isForService } from '../../announce/advertisements.ts';
import { nodeRefusal } from '../../announce/eligibility.ts';
import { NO_ENDPOINTS } from '../../cluster/endpoints.ts';
import { scopeCovers } from '../../config/advertisement.ts';
import { anySelectorMatches } from '../../config/selector.ts';
import { bgp, endpoints, manifest, node, peer, pool, service } from '../example.ts';
import type { LintRule } from '../rule.ts';
import { assignedServices, isAdvertised } from '../scope.ts';
import { few } from '../words.ts';

const CLUSTER = manifest(
  pool('web', 'addresses: [192.0.2.0/24]'),
  peer('router-a', 'peerAddress: 10.0.0.1\nnodeSelectors: [{ matchLabels: { edge: "true" } }]'),
  bgp('web', '{}'),
  node('node1', '10.0.0.11', 'edge: "true"'),
  node('node2', '10.0.0.12'),
);

export const localEndpointsNotAnnounced: LintRule = {
  name: 'local-endpoints-not-announced',
  severity: 'warning',
  insteadOf: ['service-not-announced'],
  help: 'Run the Pods on the nodes that announce (node affinity), let the nodes with the Pods announce (nodeSelectors of peers and advertisements), or use externalTrafficPolicy: Cluster.',
  summary: 'a Service with externalTrafficPolicy Local has endpoints on nodes that do not announce it',
  why: `With externalTrafficPolicy Local a node serves a Service only from its own endpoints, and only a node that announces it gets its traffic. Where no node has both, nobody announces the Service: that is a warning. Where some have both, the endpoints on the others
never get traffic from outside: that is an info.`,
  fires: [manifest(CLUSTER, service('shop', 'externalTrafficPolicy: Local'), endpoints('shop', 'node2'))],
  silent: [
    manifest(CLUSTER, service('shop', 'externalTrafficPolicy: Local'), endpoints('shop', 'node1')),
    manifest(CLUSTER, service('shop'), endpoints('shop', 'node2')),
  ],
  check: (plan) => {
    const { config, endpoints: all } = plan.snapshot;
    const { views, options } = plan;
    if (views.length === 0) return [];
    const byName = new Map(views.map((view) => [view.node.name, view]));
    const pools = new Map(config.pools.map((one) => [one.name, one]));
    return assignedServices(plan).flatMap((assigned) => {
      const { service: one } = assigned;
      const owner = pools.get(assigned.pool);
      const { servable, servableNodes } = all.get(one.key) ?? NO_ENDPOINTS;
      if (one.externalTrafficPolicy !== 'Local' || !servable || owner === undefined) return [];
      // Layer 2 has one node for each Service anyway.
      if (isAdvertised(owner, plan, 'layer2')) return [];
      const advertisements = config.bgpAdvertisements.filter(
        (candidate) => scopeCovers(candidate, owner) && isForService(candidate, one),
      );
      if (advertisements.length === 0) return [];
      const idle = [...servableNodes].filter((name) => {
        const view = byName.get(name);
        // Nodes that are excluded, or unknown, have another reason, which service-not-announced gives.
        if (view === undefined || nodeRefusal(view.node, options) !== null) return false;
        return !advertisements.some(
          ({ nodeSelectors, peers }) =>
            anySelectorMatches(nodeSelectors, view.node.labels) &&
            view.sessions.some(({ names }) => peers.length === 0 || names.some((peerName) => peers.includes(peerName))),
        );
      });
      if (idle.length === 0) return [];
      const none = idle.length === servableNodes.size;
      return [
        {
          object: { kind: 'Service', namespace: one.namespace, name: one.name },
          path: ['spec', 'externalTrafficPolicy'],
          ...(none ? {} : { severity: 'info' as const }),
          message: none
            ? `nobody announces it: it has endpoints on ${few(idle)} only, and ${idle.length === 1 ? 'that node has' : 'those nodes have'} no session over which to announce it`
            : `its endpoints on ${few(idle)} get no traffic from outside: ${idle.length === 1 ? 'that node has' : 'those nodes have'} no session over which to announce it`,
        },
      ];
    });
  },
};
