/** One node's part of a plan: what a speaker carries out. */

import {
  type AssignedService,
  type Contribution,
  mergePrefix,
  type NodeView,
  type Route,
  routesOf,
  type ServiceRoutes,
} from '../announce/bgp.ts';
import type { Refusal } from '../announce/eligibility.ts';
import type { Session } from '../announce/sessions.ts';
import { NO_ENDPOINTS, type ServiceEndpoints } from '../cluster/endpoints.ts';
import { compareText } from '../compare-text.ts';
import { formatIp } from '../net/ip.ts';
import { formatPrefix, type Prefix } from '../net/prefix.ts';

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
 * @param order - of `assigned`, where it is known already.
 */
export function nodePlanOf(
  view: NodeView,
  assigned: readonly AssignedService[],
  endpoints: ReadonlyMap<string, ServiceEndpoints>,
  order: RouteOrder = routeOrderOf(assigned),
): NodePlan {
  const wanted = new Map<Session, Contribution[]>(view.sessions.map((session) => [session, []]));
  const notAnnounced: ServiceRefusal[] = [];
  const found = assigned.map((service) => {
    const routes = announcedOf(service, endpoints, view);
    if (routes.refusal !== null) notAnnounced.push(serviceRefusal(service, routes.refusal));
    return routes.contributions;
  });
  for (const i of order)
    for (const contribution of found[i] as readonly Contribution[])
      wanted.get(contribution.target.session)?.push(contribution);
  const sessions = [...wanted].map(([session, contributions]) => ({ session, routes: mergedByPrefix(contributions) }));
  return { node: view.node.name, sessions, notAnnounced };
}

/** The routes of one session, by the text of the prefix. */
function mergedByPrefix(contributions: Contribution[]): readonly Route[] {
  const compare = (a: Contribution, b: Contribution): number =>
    a.prefix === b.prefix ? 0 : compareText(prefixText(a.prefix), prefixText(b.prefix));
  contributions.sort((a, b) => compare(a, b) || compareText(a.service, b.service));
  const routes: Route[] = [];
  for (let i = 0; i < contributions.length; ) {
    const first = contributions[i] as Contribution;
    let end = i + 1;
    while (end < contributions.length && compare(first, contributions[end] as Contribution) === 0) end++;
    routes.push(mergePrefix(end === i + 1 ? [first] : contributions.slice(i, end)));
    i = end;
  }
  return routes;
}

/** What the node does not announce, by Service, without working out what it does. */
export function* refusalsOn(
  view: NodeView,
  assigned: readonly AssignedService[],
  endpoints: ReadonlyMap<string, ServiceEndpoints>,
): Generator<ServiceRefusal> {
  for (const service of assigned) {
    const { refusal } = announcedOf(service, endpoints, view);
    if (refusal !== null) yield serviceRefusal(service, refusal);
  }
}

/** Indexes of Services, such that their routes come nearly sorted: to sort them on each of thousands of sessions is quick then. */
export type RouteOrder = readonly number[];

/** @param assigned - by Service key. */
export const routeOrderOf = (assigned: readonly AssignedService[]): RouteOrder =>
  assigned
    .map(({ ips }, i) => ({ i, text: ips[0] === undefined ? '' : `${formatIp(ips[0])}/` }))
    .sort((a, b) => compareText(a.text, b.text) || a.i - b.i)
    .map(({ i }) => i);

const TEXTS = new WeakMap<Prefix, string>();

/** The text of a prefix, made once for each object: thousands of routes share it. */
export function prefixText(prefix: Prefix): string {
  let text = TEXTS.get(prefix);
  if (text === undefined) {
    text = formatPrefix(prefix);
    TEXTS.set(prefix, text);
  }
  return text;
}

const NOTHING: ServiceRoutes = { contributions: [], refusal: null };

/** A pool that no BGPAdvertisement is for is not BGP's business: it gives no rows at all. */
const announcedOf = (
  assigned: AssignedService,
  endpoints: ReadonlyMap<string, ServiceEndpoints>,
  view: NodeView,
): ServiceRoutes =>
  assigned.audience.ofPool.length === 0
    ? NOTHING
    : routesOf(assigned, endpoints.get(assigned.service.key) ?? NO_ENDPOINTS, view);

const serviceRefusal = ({ service }: AssignedService, { reason, message }: Refusal): ServiceRefusal => ({
  service: service.key,
  reason,
  message,
});
