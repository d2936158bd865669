/** One finding for each Service that has an address which nobody announces. */
import {
  type AssignedService,
  type NodeView,
  type PartialRefusal,
  refusalFor,
  refusalOf,
  routesOf,
  shortfallOf,
} from '../announce/bgp.ts';
import type { NotAnnouncedReason, Refusal } from '../announce/eligibility.ts';
import type { Layer2Service } from '../announce/l2.ts';
import { NO_ENDPOINTS, type ServiceEndpoints } from '../cluster/endpoints.ts';
import type { Finding } from '../config/problem.ts';
import { formatIp } from '../net/ip.ts';
import type { Layer2Plan } from './layer2-plan.ts';
import type { Snapshot } from './snapshot.ts';

export const SERVICE_NOT_ANNOUNCED = 'service-not-announced';

/** A Service that has an address, with what has to be known of the nodes to judge it. */
export interface Announcement {
  readonly assigned: AssignedService;
  readonly endpoints: ServiceEndpoints;
  /** Undefined where no L2Advertisement is for its pool. */
  readonly layer2: Layer2Service | undefined;
  /** Without nodes only what no node could change is found: that nothing advertises the Service. */
  readonly nodesAreKnown: boolean;
  /** Whether some node announces it; asked only where a BGPAdvertisement is for it. */
  isAnnounced(): boolean;
  /** Whether some node answers for it; asked only where an L2Advertisement is for it. */
  isAnswered(): boolean;
  /** Why nobody does, over all nodes; asked only where that is so. */
  reasons(): readonly ReasonCount[];
}

/** A reason, on how many nodes it is one, and what the first of them says. */
export interface ReasonCount extends PartialRefusal {
  count: number;
}

/** What is to be said of a Service that nobody announces; null where somebody does. */
export function notAnnouncedFinding(announcement: Announcement): Finding | null {
  const { assigned, layer2, nodesAreKnown } = announcement;
  const byBgp = assigned.audience.forService.length > 0;
  if (byBgp && (!nodesAreKnown || announcement.isAnnounced())) return null;
  const byLayer2 = (layer2?.audience.forService.length ?? 0) > 0;
  if (byLayer2 && (!nodesAreKnown || announcement.isAnswered())) return null;
  return byBgp || byLayer2
    ? withoutNode(assigned, announcement.endpoints, announcement.reasons())
    : withoutAdvertisement(assigned, layer2);
}

/** The findings of a snapshot, by Service. */
export function notAnnouncedFindings(
  snapshot: Snapshot,
  services: readonly AssignedService[],
  views: readonly NodeView[],
  layer2: Layer2Plan,
): readonly Finding[] {
  const byName = new Map(views.map((view) => [view.node.name, view]));
  return services.flatMap((assigned) => {
    const { key } = assigned.service;
    const endpoints = snapshot.endpoints.get(key) ?? NO_ENDPOINTS;
    const answering = layer2.assignedOf(key);
    const finding = notAnnouncedFinding({
      assigned,
      endpoints,
      layer2: answering,
      nodesAreKnown: views.length > 0,
      isAnnounced: () => isAnnounced(assigned, endpoints, views, byName),
      isAnswered: () => answering !== undefined && layer2.view.hasOwner(answering, endpoints),
      reasons: () => countReasons(assigned, endpoints, answering, views, (node) => layer2.refusalOn(node, key)),
    });
    return finding === null ? [] : [finding];
  });
}

function isAnnounced(
  assigned: AssignedService,
  endpoints: ServiceEndpoints,
  views: readonly NodeView[],
  byName: ReadonlyMap<string, NodeView>,
): boolean {
  const announces = (view: NodeView | undefined): boolean =>
    view !== undefined && routesOf(assigned, endpoints, view).contributions.length > 0;
  if (assigned.service.externalTrafficPolicy !== 'Local') return endpoints.servable && views.some(announces);
  for (const name of endpoints.servableNodes) if (announces(byName.get(name))) return true;
  return false;
}

/**
 * Why nobody announces a Service, node by node.
 *
 * @param views - by name of the node: what the first of them says is what is told.
 * @param layer2RefusalOn - why the node does not answer for it; asked only where an L2Advertisement is for it.
 */
export function countReasons(
  assigned: AssignedService,
  endpoints: ServiceEndpoints,
  layer2: Layer2Service | undefined,
  views: readonly NodeView[],
  layer2RefusalOn: (node: string) => Refusal | null,
): readonly ReasonCount[] {
  const byBgp = assigned.audience.forService.length > 0;
  const byLayer2 = (layer2?.audience.forService.length ?? 0) > 0;
  const reasons = new Map<NotAnnouncedReason, ReasonCount>();
  const note = (refusal: Refusal | null, address: number | null): void => {
    if (refusal === null) return;
    const seen = reasons.get(refusal.reason);
    if (seen === undefined) reasons.set(refusal.reason, { ...refusal, address, count: 1 });
    else seen.count++;
  };
  for (const view of views) {
    if (byBgp) {
      const refusal = refusalOf(assigned, endpoints, view);
      const shortfall = refusal === null ? shortfallOf(assigned, view) : null;
      note(refusal ?? shortfall, shortfall?.address ?? null);
    }
    if (byLayer2) note(layer2RefusalOn(view.node.name), null);
  }
  return [...reasons.values()];
}

function withoutAdvertisement(
  { service, pool, ips, audience }: AssignedService,
  layer2: Layer2Service | undefined,
): Finding {
  const kinds = [
    ...(audience.ofPool.length > 0 ? ['BGPAdvertisement'] : []),
    ...((layer2?.audience.ofPool.length ?? 0) > 0 ? ['L2Advertisement'] : []),
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
  { service, ips }: AssignedService,
  endpoints: ServiceEndpoints,
  reasons: readonly ReasonCount[],
): Finding {
  const told = reasons.map(
    (found) =>
      `${found.reason} on ${found.count} ${found.count === 1 ? 'node' : 'nodes'} (${refusalFor(found, ips).message})`,
  );
  const idle = !endpoints.servable && reasons.every(({ reason }) => reason === 'noEndpoints' || reason === 'notOwner');
  return findingOf(
    service.key,
    idle ? 'info' : 'warning',
    `${listOf(ips)} is announced by no node: ${told.join('; ')}`,
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
