/** externalTrafficPolicy Local behind an aggregate: nodes draw traffic that they drop (MetalLB announces it so, and so do we). */

import type { NodeView } from '../../announce/bgp.ts';
import { nodeRefusal } from '../../announce/eligibility.ts';
import { NO_ENDPOINTS } from '../../cluster/endpoints.ts';
import type { BgpAdvertisement } from '../../config/advertisement.ts';
import { scopeCovers } from '../../config/advertisement.ts';
import { anySelectorMatches } from '../../config/selector.ts';
import type { IpFamily } from '../../net/ip.ts';
import { formatPrefix, prefixOf } from '../../net/prefix.ts';
import type { Plan } from '../../plan/plan.ts';
import { bgp, endpoints, manifest, node, peer, pool, service } from '../example.ts';
import type { LintRule, RuleFinding } from '../rule.ts';
import { type Assigned, assignedServices } from '../scope.ts';
import { few } from '../words.ts';

const CLUSTER = manifest(
  pool('web', 'addresses: [192.0.2.0/24]'),
  peer('router-a', 'peerAddress: 10.0.0.1'),
  node('node1', '10.0.0.11'),
  node('node2', '10.0.0.12'),
  service('shop', 'externalTrafficPolicy: Local'),
  service('blog'),
  endpoints('shop', 'node1'),
  endpoints('blog', 'node1'),
);

export const localWithAggregation: LintRule = {
  name: 'local-with-aggregation',
  severity: 'warning',
  help: 'Take the Service out of the aggregate (a pool of its own with aggregation length 32, or 128 for IPv6), use externalTrafficPolicy: Cluster, or run an endpoint on every node that announces.',
  summary: 'a Service with externalTrafficPolicy Local is behind an aggregate that other nodes announce',
  why: `A node announces an aggregate as soon as one Service in it can be served there, and so draws the traffic of all of them. A Service with externalTrafficPolicy Local is served only on nodes that have an endpoint of it: on the others
its packets are dropped, and clients see a share of their connections time out. MetalLB announces it this way, and so does metallb-ts; without aggregation only the nodes with an endpoint announce the Service.`,
  fires: [manifest(CLUSTER, bgp('web', 'ipAddressPools: [web]\naggregationLength: 24'))],
  silent: [manifest(CLUSTER, bgp('web', 'ipAddressPools: [web]'))],
  check: (plan) => {
    const aggregates = plan.snapshot.config.bgpAdvertisements.filter(
      ({ aggregationLength, aggregationLengthV6 }) => aggregationLength < 32 || aggregationLengthV6 < 128,
    );
    if (aggregates.length === 0) return [];
    const assigned = assignedServices(plan);
    if (!assigned.some(({ service: { externalTrafficPolicy } }) => externalTrafficPolicy === 'Local')) return [];
    return aggregates.flatMap((advertisement) => findingsOf(advertisement, assigned, plan));
  },
};

/** The Services of one prefix, one entry each. */
type Group = readonly Assigned[];

function findingsOf(
  advertisement: BgpAdvertisement,
  assigned: readonly Assigned[],
  plan: Plan,
): readonly RuleFinding[] {
  const pools = new Set(
    plan.snapshot.config.pools.filter((one) => scopeCovers(advertisement, one)).map(({ name }) => name),
  );
  const groups = new Map<string, Set<Assigned>>();
  for (const one of assigned.filter(({ pool: name }) => pools.has(name)))
    for (const ip of one.ips) {
      const length = ip.family === 4 ? advertisement.aggregationLength : advertisement.aggregationLengthV6;
      if (length === (ip.family === 4 ? 32 : 128)) continue;
      const prefix = formatPrefix(prefixOf(ip, length));
      const group = groups.get(prefix);
      if (group === undefined) groups.set(prefix, new Set([one]));
      else group.add(one);
    }
  return [...groups].flatMap(([prefix, group]) => {
    const family = prefix.includes(':') ? 6 : 4;
    return blackHoles([...group], nodesOf(advertisement, family, plan), plan).map(
      ({ service: { namespace, name }, where }) => ({
        object: { kind: 'Service', namespace, name },
        path: ['spec', 'externalTrafficPolicy'],
        message: `${prefix} (BGPAdvertisement ${advertisement.name}) draws the traffic of this Service, whose externalTrafficPolicy is Local, ${where}`,
      }),
    );
  });
}

/** The nodes that announce what the advertisement is for, as far as it depends on no Service. */
const nodesOf = (advertisement: BgpAdvertisement, family: IpFamily, { views, options }: Plan): readonly string[] =>
  views
    .filter((view) => mayAnnounce(view, advertisement, family) && nodeRefusal(view.node, options) === null)
    .map((view) => view.node.name);

const mayAnnounce = (view: NodeView, { nodeSelectors, peers }: BgpAdvertisement, family: IpFamily): boolean =>
  anySelectorMatches(nodeSelectors, view.node.labels) &&
  view.sessions.some(
    ({ names, families }) =>
      families.includes(family) && (peers.length === 0 || names.some((name) => peers.includes(name))),
  );

function blackHoles(
  group: Group,
  nodes: readonly string[],
  { snapshot, views }: Plan,
): readonly { readonly service: Assigned['service']; readonly where: string }[] {
  const endpointsOf = ({ service: { key } }: Assigned) => snapshot.endpoints.get(key) ?? NO_ENDPOINTS;
  const local = group.filter(({ service: { externalTrafficPolicy } }) => externalTrafficPolicy === 'Local');
  const served = group.filter((one) => endpointsOf(one).servable);
  if (views.length === 0 || served.length === 0) {
    // Who announces is not known: with another Service in the aggregate it can be a node without an endpoint of this one.
    return group.length < 2
      ? []
      : local.map(({ service: one }) => ({
          service: one,
          where: `to every node that announces it for any of its ${group.length} Services, also to those without an endpoint of this one, which drop it`,
        }));
  }
  const everywhere = served.some(({ service: { externalTrafficPolicy } }) => externalTrafficPolicy !== 'Local');
  const announcers = everywhere
    ? nodes
    : nodes.filter((name) => served.some((one) => endpointsOf(one).servableNodes.has(name)));
  return local.flatMap((one) => {
    const { servableNodes } = endpointsOf(one);
    const without = announcers.filter((name) => !servableNodes.has(name));
    return without.length === 0
      ? []
      : [{ service: one.service, where: `to ${few(without)} too, where it has no endpoint: there it is dropped` }];
  });
}
