/** One finding for each Service that has an address which nobody announces. */
import { isForService } from '../announce/advertisements.ts';
import { type AssignedService, type NodeView, routesOf } from '../announce/bgp.ts';
import type { NotAnnouncedReason } from '../announce/eligibility.ts';
import { NO_ENDPOINTS } from '../cluster/endpoints.ts';
import { scopeCovers } from '../config/advertisement.ts';
import type { Finding } from '../config/problem.ts';
import { formatIp } from '../net/ip.ts';
import type { Snapshot } from './snapshot.ts';

export const SERVICE_NOT_ANNOUNCED = 'service-not-announced';

/** Without nodes only what no node could change is found: that nothing advertises the Service. */
export function notAnnouncedFindings(
  snapshot: Snapshot,
  assigned: readonly AssignedService[],
  views: readonly NodeView[],
): readonly Finding[] {
  const byName = new Map(views.map((view) => [view.node.name, view]));
  const findings: Finding[] = [];
  for (const service of assigned) {
    const finding =
      service.audience.forService.length === 0
        ? withoutAdvertisement(snapshot, service)
        : isAnnounced(snapshot, service, views, byName)
          ? null
          : withoutNode(snapshot, service, views);
    if (finding !== null) findings.push(finding);
  }
  return findings;
}

function isAnnounced(
  snapshot: Snapshot,
  service: AssignedService,
  views: readonly NodeView[],
  byName: ReadonlyMap<string, NodeView>,
): boolean {
  if (views.length === 0) return true; // nothing can be said
  const endpoints = snapshot.endpoints.get(service.service.key) ?? NO_ENDPOINTS;
  const announces = (view: NodeView | undefined): boolean =>
    view !== undefined && routesOf(service, endpoints, view).contributions.length > 0;
  if (service.service.externalTrafficPolicy !== 'Local') return endpoints.servable && views.some(announces);
  for (const name of endpoints.servableNodes) if (announces(byName.get(name))) return true;
  return false;
}

function withoutAdvertisement(snapshot: Snapshot, { service, pool, ips, audience }: AssignedService): Finding {
  const owner = snapshot.config.pools.find((candidate) => candidate.name === pool);
  const layer2 = snapshot.config.l2Advertisements.some(
    (advertisement) => owner !== undefined && scopeCovers(advertisement, owner) && isForService(advertisement, service),
  );
  const why =
    audience.ofPool.length > 0
      ? `no BGPAdvertisement of pool "${pool}" has serviceSelectors that match its labels`
      : `no BGPAdvertisement is for pool "${pool}"`;
  return findingOf(
    service.key,
    'warning',
    layer2
      ? `${listOf(ips)}: ${why}, and layer 2, which an L2Advertisement asks for, is not running in this version`
      : `${listOf(ips)}: ${why}`,
    audience.ofPool.length > 0
      ? 'Change the serviceSelectors of a BGPAdvertisement, or the labels of the Service.'
      : `Add "${pool}" to spec.ipAddressPools of a BGPAdvertisement.`,
  );
}

function withoutNode(snapshot: Snapshot, assigned: AssignedService, views: readonly NodeView[]): Finding {
  const endpoints = snapshot.endpoints.get(assigned.service.key) ?? NO_ENDPOINTS;
  const reasons = new Map<NotAnnouncedReason, { count: number; message: string }>();
  for (const view of views) {
    const { refusal } = routesOf(assigned, endpoints, view);
    if (refusal === null) continue;
    const seen = reasons.get(refusal.reason);
    if (seen === undefined) reasons.set(refusal.reason, { count: 1, message: refusal.message });
    else seen.count++;
  }
  const told = [...reasons].map(
    ([reason, { count, message }]) => `${reason} on ${count} ${count === 1 ? 'node' : 'nodes'} (${message})`,
  );
  const idle = reasons.size === 1 && reasons.has('noEndpoints');
  return findingOf(
    assigned.service.key,
    idle ? 'info' : 'warning',
    `${listOf(assigned.ips)} is announced by no node: ${told.join('; ')}`,
    idle
      ? 'It is announced as soon as an endpoint can serve: look at the Pods behind it, and give the EndpointSlice to plan.'
      : 'The reasons say what to change; `metallb plan` shows them node by node.',
  );
}

function findingOf(key: string, severity: 'warning' | 'info', message: string, help: string): Finding {
  const slash = key.indexOf('/');
  return {
    rule: SERVICE_NOT_ANNOUNCED,
    severity,
    message,
    help,
    object: { kind: 'Service', namespace: key.slice(0, slash), name: key.slice(slash + 1) },
    path: [],
  };
}

const listOf = (ips: AssignedService['ips']): string => ips.map(formatIp).join(', ');
