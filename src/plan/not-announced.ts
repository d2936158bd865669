/** One finding for each Service that has an address which nobody announces. */
import { type AssignedService, type NodeView, routesOf } from '../announce/bgp.ts';
import type { NotAnnouncedReason, Refusal } from '../announce/eligibility.ts';
import { NO_ENDPOINTS } from '../cluster/endpoints.ts';
import type { Finding } from '../config/problem.ts';
import { formatIp } from '../net/ip.ts';
import type { Layer2Outcome, Layer2Plan } from './layer2-plan.ts';
import type { Snapshot } from './snapshot.ts';

export const SERVICE_NOT_ANNOUNCED = 'service-not-announced';

/** Without nodes only what no node could change is found: that nothing advertises the Service. */
export function notAnnouncedFindings(
  snapshot: Snapshot,
  assigned: readonly AssignedService[],
  views: readonly NodeView[],
  layer2: Layer2Plan,
): readonly Finding[] {
  const byName = new Map(views.map((view) => [view.node.name, view]));
  const findings: Finding[] = [];
  for (const service of assigned) {
    if (service.audience.forService.length > 0 && isAnnounced(snapshot, service, views, byName)) continue;
    const outcome = layer2.of(service.service.key);
    const answered = (outcome?.assigned.audience.forService.length ?? 0) > 0;
    if (answered && (views.length === 0 || outcome?.decision.owner !== null)) continue;
    findings.push(
      service.audience.forService.length === 0 && !answered
        ? withoutAdvertisement(service, outcome)
        : withoutNode(snapshot, service, views, answered ? outcome : undefined, layer2),
    );
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

function withoutAdvertisement(
  { service, pool, ips, audience }: AssignedService,
  layer2: Layer2Outcome | undefined,
): Finding {
  const kinds = [
    ...(audience.ofPool.length > 0 ? ['BGPAdvertisement'] : []),
    ...((layer2?.assigned.audience.ofPool.length ?? 0) > 0 ? ['L2Advertisement'] : []),
  ];
  if (kinds.length === 0)
    return findingOf(
      service.key,
      'warning',
      `${listOf(ips)}: no BGPAdvertisement and no L2Advertisement is for pool "${pool}"`,
      `Add "${pool}" to spec.ipAddressPools of a BGPAdvertisement or an L2Advertisement.`,
    );
  return findingOf(
    service.key,
    'warning',
    `${listOf(ips)}: no ${kinds.join(' and no ')} of pool "${pool}" has serviceSelectors that match its labels`,
    `Change the serviceSelectors of a ${kinds.join(' or an ')}, or the labels of the Service.`,
  );
}

function withoutNode(
  snapshot: Snapshot,
  assigned: AssignedService,
  views: readonly NodeView[],
  answering: Layer2Outcome | undefined,
  layer2: Layer2Plan,
): Finding {
  const endpoints = snapshot.endpoints.get(assigned.service.key) ?? NO_ENDPOINTS;
  const reasons = new Map<NotAnnouncedReason, { count: number; message: string }>();
  const note = (refusal: Refusal | null): void => {
    if (refusal === null) return;
    const seen = reasons.get(refusal.reason);
    if (seen === undefined) reasons.set(refusal.reason, { count: 1, message: refusal.message });
    else seen.count++;
  };
  for (const view of views) {
    if (assigned.audience.forService.length > 0) note(routesOf(assigned, endpoints, view).refusal);
    if (answering !== undefined)
      note(layer2.view.refusalOn(view.node.name, answering.assigned, answering.endpoints, answering.decision));
  }
  const told = [...reasons].map(
    ([reason, { count, message }]) => `${reason} on ${count} ${count === 1 ? 'node' : 'nodes'} (${message})`,
  );
  const idle = !endpoints.servable && [...reasons.keys()].every((r) => r === 'noEndpoints' || r === 'notOwner');
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
