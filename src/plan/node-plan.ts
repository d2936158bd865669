/** One node's part of a plan: what a speaker carries out. */
import { compareText } from '../allocator/order.ts';
import {
  type AssignedService,
  type Contribution,
  mergePrefix,
  type NodeView,
  type Route,
  routesOf,
} from '../announce/bgp.ts';
import type { Refusal } from '../announce/eligibility.ts';
import type { Session } from '../announce/sessions.ts';
import { NO_ENDPOINTS, type ServiceEndpoints } from '../cluster/endpoints.ts';

import { formatPrefix } from '../net/prefix.ts';

export interface NodePlan {
  readonly node: string;
  /** By name of the peer. */
  readonly sessions: readonly PlannedSession[];
  /** By Service. */
  readonly notAnnounced: readonly ServiceRefusal[];
}

export interface PlannedSession {
  /** The session, with the peer that holds it, its key included. */
  readonly session: Session;
  /** By the text of the prefix. Routes that say the same share one `attributes` object. */
  readonly routes: readonly Route[];
}

export interface ServiceRefusal extends Refusal {
  /** `namespace/name`. */
  readonly service: string;
}

/**
 * Works out one node.
 *
 * @param assigned - by Service key, which is the order of the rows.
 */
export function nodePlanOf(
  view: NodeView,
  assigned: readonly AssignedService[],
  endpoints: ReadonlyMap<string, ServiceEndpoints>,
): NodePlan {
  const wanted = new Map(view.sessions.map((session) => [session, new Map<string, Contribution[]>()]));
  const notAnnounced: ServiceRefusal[] = [];
  for (const service of assigned) {
    // A pool that no BGPAdvertisement is for is not BGP's business: it gives no rows at all.
    if (service.audience.ofPool.length === 0) continue;
    const { contributions, refusal } = routesOf(service, endpoints.get(service.service.key) ?? NO_ENDPOINTS, view);
    if (refusal !== null) notAnnounced.push({ service: service.service.key, ...refusal });
    for (const contribution of contributions) {
      const prefixes = wanted.get(contribution.session);
      const text = formatPrefix(contribution.prefix);
      const same = prefixes?.get(text);
      if (same === undefined) prefixes?.set(text, [contribution]);
      else same.push(contribution);
    }
  }
  const sessions = [...wanted].map(([session, prefixes]) => ({
    session,
    routes: [...prefixes].sort(([a], [b]) => compareText(a, b)).map(([, contributions]) => mergePrefix(contributions)),
  }));
  return { node: view.node.name, sessions, notAnnounced };
}
