/**
 * The plan: what the controller and the speakers do with a snapshot. Which Service gets which address, which sessions each node has, which
 * prefixes go to which peer, and what is not announced and why.
 *
 * {@link plan} computes the whole, {@link planNode} what one speaker carries out; both run the same functions of `allocator/` and
 * `announce/`. Rows of announcements are made node by node while they are read, so that a plan of a million rows needs the memory of one
 * node. Layer 2 has no engine yet: who would answer is decided here, and no speaker carries it out.
 */
import { type Allocation, allocate } from '../allocator/allocator.ts';
import { AdvertisementIndex } from '../announce/advertisements.ts';
import { type AssignedService, NodeView } from '../announce/bgp.ts';
import type { Layer2Service } from '../announce/l2.ts';
import type { Session } from '../announce/sessions.ts';
import type { RouteAttributes } from '../bgp/route.ts';
import type { Node } from '../cluster/node.ts';
import { compareText } from '../compare-text.ts';
import type { Finding } from '../config/problem.ts';
import { formatIp } from '../net/ip.ts';
import { Layer2Plan } from './layer2-plan.ts';
import { mergedLocalPrefFindings } from './merged-local-pref.ts';
import { type NodePlan, nodePlanOf, prefixText, refusalsOn, routeOrderOf, type ServiceRefusal } from './node-plan.ts';
import { notAnnouncedFindings } from './not-announced.ts';
import {
  type BgpRow,
  communityTextsOf,
  type Layer2Row,
  type NotAnnouncedRow,
  type ServiceRow,
  type SessionRow,
} from './row.ts';
import { DEFAULT_PLAN_OPTIONS, type PlanOptions, type Snapshot } from './snapshot.ts';

export interface Plan {
  readonly snapshot: Snapshot;
  readonly options: PlanOptions;
  /** By Service key. */
  readonly allocations: ReadonlyMap<string, Allocation>;
  /** By namespace and name. */
  readonly services: readonly ServiceRow[];
  /** By node and peer. */
  readonly sessions: readonly SessionRow[];
  /** The snapshot's findings, then those of the plan itself. */
  readonly diagnostics: readonly Finding[];
  /** Each node as announcing sees it, by name. */
  readonly views: readonly NodeView[];
  /** The Services that have addresses, by key. */
  readonly assigned: readonly AssignedService[];
  /** Who answers ARP and NDP. */
  readonly layer2: Layer2Plan;
  /** By node; made while they are read. What they have of the announcements is what the rows have. */
  nodePlans(): Iterable<NodePlan>;
  /** By node, peer and prefix; made while they are read. */
  bgpRows(): Iterable<BgpRow>;
  /** By node and address. */
  layer2Rows(): Iterable<Layer2Row>;
  /** By node, Service, protocol and reason; made while they are read. */
  notAnnouncedRows(): Iterable<NotAnnouncedRow>;
  /** What the speaker of this node carries out; undefined where the snapshot has no such node. */
  node(name: string): NodePlan | undefined;
}

/** Computes what is to be done with a snapshot. Total: any snapshot has a plan. */
export function plan(snapshot: Snapshot, options: PlanOptions = DEFAULT_PLAN_OPTIONS): Plan {
  const allocations = allocationsOf(snapshot, options);
  const assigned = assignedOf(snapshot, allocations);
  const nodes = nodesOf(snapshot);
  const views = nodes.map((node) => new NodeView(node, snapshot.config, options));
  const layer2 = new Layer2Plan(layer2ServicesOf(snapshot, assigned), snapshot.endpoints, nodes, options);
  const order = routeOrderOf(assigned);
  const nodePlan = (view: NodeView): NodePlan => nodePlanOf(view, assigned, snapshot.endpoints, order);
  return {
    snapshot,
    options,
    allocations,
    services: serviceRowsOf(snapshot, allocations),
    sessions: views.flatMap((view) => view.sessions.map((session) => sessionRowOf(view.node.name, session))),
    diagnostics: [
      ...snapshot.findings,
      ...notAnnouncedFindings(snapshot, assigned, views, layer2),
      ...mergedLocalPrefFindings(snapshot, assigned, views, options.namespace),
    ],
    views,
    assigned,
    layer2,
    *nodePlans() {
      for (const view of views) yield nodePlan(view);
    },
    *bgpRows() {
      const rowOf = bgpRowMaker();
      for (const view of views) {
        const { node, sessions } = nodePlan(view);
        for (const {
          session: { peer },
          routes,
        } of sessions)
          for (const route of routes) yield rowOf(node, peer.name, route);
      }
    },
    layer2Rows: () => layer2.rows(),
    *notAnnouncedRows() {
      for (const view of views) {
        const { name } = view.node;
        yield* refusalRows(name, [...refusalsOn(view, assigned, snapshot.endpoints)], layer2.refusalsOn(name));
      }
    },
    node(name) {
      const view = views.find((candidate) => candidate.node.name === name);
      return view === undefined ? undefined : nodePlan(view);
    },
  };
}

/** Only what the speaker of one node carries out; undefined where the snapshot has no such node. */
export function planNode(
  snapshot: Snapshot,
  name: string,
  options: PlanOptions = DEFAULT_PLAN_OPTIONS,
): NodePlan | undefined {
  const node = snapshot.nodes.find((candidate) => candidate.name === name);
  if (node === undefined) return undefined;
  const assigned = assignedOf(snapshot, allocationsOf(snapshot, options));
  return nodePlanOf(new NodeView(node, snapshot.config, options), assigned, snapshot.endpoints);
}

const allocationsOf = (snapshot: Snapshot, options: PlanOptions): ReadonlyMap<string, Allocation> =>
  allocate(snapshot.services, snapshot.config, snapshot.namespaces, options);

/** The Services that have addresses, by key. */
function assignedOf(snapshot: Snapshot, allocations: ReadonlyMap<string, Allocation>): readonly AssignedService[] {
  const advertisements = new AdvertisementIndex(snapshot.config.bgpAdvertisements, snapshot.config.pools);
  const assigned = new Map<string, AssignedService>();
  for (const service of snapshot.services) {
    const allocation = allocations.get(service.key);
    if (allocation === undefined || allocation.pool === null || assigned.has(service.key)) continue;
    const audience = advertisements.audienceOf(allocation.pool, service);
    assigned.set(service.key, { service, pool: allocation.pool, ips: allocation.ips, audience });
  }
  return [...assigned.values()].sort((a, b) => compareText(a.service.key, b.service.key));
}

/** The same Services, with the advertisements that layer 2 has for them. */
function layer2ServicesOf(snapshot: Snapshot, assigned: readonly AssignedService[]): readonly Layer2Service[] {
  const { l2Advertisements, pools } = snapshot.config;
  if (l2Advertisements.length === 0) return [];
  const advertisements = new AdvertisementIndex(l2Advertisements, pools);
  return assigned.map((one) => ({ ...one, audience: advertisements.audienceOf(one.pool, one.service) }));
}

/** The refusals of both protocols on one node, by Service; both come by Service. */
function* refusalRows(
  node: string,
  bgp: readonly ServiceRefusal[],
  layer2: Iterable<ServiceRefusal>,
): Generator<NotAnnouncedRow> {
  let next = 0;
  const rowOf = ({ service, reason, message }: ServiceRefusal, protocol: NotAnnouncedRow['protocol']) => ({
    node,
    service,
    protocol,
    reason,
    message,
  });
  for (const refusal of layer2) {
    for (let other = bgp[next]; other !== undefined; other = bgp[next]) {
      if (compareText(other.service, refusal.service) > 0) break;
      yield rowOf(other, 'bgp');
      next++;
    }
    yield rowOf(refusal, 'layer2');
  }
  for (const other of bgp.slice(next)) yield rowOf(other, 'bgp');
}

/** By name, each once. */
const nodesOf = (snapshot: Snapshot): readonly Node[] =>
  [...new Map(snapshot.nodes.map((node) => [node.name, node])).values()].sort((a, b) => compareText(a.name, b.name));

function serviceRowsOf(snapshot: Snapshot, allocations: ReadonlyMap<string, Allocation>): readonly ServiceRow[] {
  const rows = new Map<string, ServiceRow>();
  for (const { key, namespace, name } of snapshot.services) {
    const allocation = allocations.get(key);
    if (allocation === undefined || rows.has(key)) continue;
    const { state, ips, pool, message } = allocation;
    rows.set(key, { namespace, name, state, ips: ips.map(formatIp), pool, message });
  }
  return [...rows.values()].sort((a, b) => compareText(a.namespace, b.namespace) || compareText(a.name, b.name));
}

const sessionRowOf = (node: string, { peer, type }: Session): SessionRow => ({
  node,
  peer: peer.name,
  peerAddress: peer.peerAddress === null ? null : formatIp(peer.peerAddress),
  peerPort: peer.peerPort,
  myASN: peer.myASN,
  peerASN: peer.peerASN,
  type,
  vrf: peer.vrf,
  interface: peer.interface,
  holdTimeSeconds: peer.holdTimeSeconds,
  keepaliveSeconds: peer.keepaliveSeconds,
  bfdProfile: peer.bfdProfile,
  authentication: peer.authentication.type,
});

/** Makes rows of routes; the texts of an attribute set are made once, since thousands of routes share it. */
function bgpRowMaker(): (node: string, peer: string, route: NodePlan['sessions'][number]['routes'][number]) => BgpRow {
  const texts = new Map<RouteAttributes, ReturnType<typeof communityTextsOf>>();
  return (node, peer, { prefix, attributes, services, advertisements }) => {
    let text = texts.get(attributes);
    if (text === undefined) {
      text = communityTextsOf(attributes);
      texts.set(attributes, text);
    }
    return {
      node,
      peer,
      prefix: prefixText(prefix),
      localPref: attributes.localPref,
      med: attributes.med,
      asPathPrepend: attributes.asPathPrepend,
      ...text,
      services,
      advertisements: advertisements.length < 2 ? advertisements : [...advertisements].sort(compareText),
    };
  };
}
