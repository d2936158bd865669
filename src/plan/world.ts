/**
 * The plan of a living cluster, kept up to date by change: the controller's view (who has which address) and one node's (its sessions and
 * routes), each equal at every moment to what `plan` says of all objects.
 *
 *   change -> objects (parsed once) -> happenings -> affected.ts -> the keys to work out again
 *          -> configuration -> endpoints -> addresses -> nodes -> sessions -> routes and layer 2 -> findings -> what is different
 *
 * The rules are those of `plan`, in the same functions: `buildConfig`, `reduceEndpoints`, the allocator, `sessionsOf`, `routesOf`,
 * `mergePrefix`, `Layer2View`, `notAnnouncedFinding`, `sharedPrefixFindings`. What is here is which of them has to run again. A change
 * costs what it touches: one Service for a Service or an EndpointSlice, a pool's Services for a pool or an advertisement, all of them for
 * the own node, for another node those that it has a part in.
 *
 * Addresses are decided here (`allocation: 'decide'`), or read from the statuses that a controller writes (`'follow'`). Whoever decides
 * holds objects back until all have been listed: {@link World.start} first adopts what the statuses say, then serves the rest by age.
 *
 * Who answers for which address (`layer2`), and the findings that look at all nodes at once (`clusterFindings`), are kept where they are
 * asked for. Without an L2Advertisement layer 2 costs nothing.
 */
import type { Allocation, PoolCounters } from '../allocator/allocator.ts';
import { type AllocationChange, LiveAllocation } from '../allocator/live-allocation.ts';
import { type AssignedService, NodeView, routesOf } from '../announce/bgp.ts';
import type { Session } from '../announce/sessions.ts';
import type { Node } from '../cluster/node.ts';
import type { Service } from '../cluster/service.ts';
import type { Config } from '../config/config.ts';
import type { Pool } from '../config/pool.ts';
import type { Finding } from '../config/problem.ts';
import { affected, type Happening, type Indexes, Touched } from './affected.ts';
import type { NodePlan, ServiceRefusal } from './node-plan.ts';
import type { Layer2Row } from './row.ts';
import type { PlanOptions } from './snapshot.ts';
import { type Change, NO_SESSIONS_CHANGE, type WorldChange } from './world/change.ts';
import { announcesTheSame, ClusterFindings } from './world/cluster-findings.ts';
import { FollowedAllocation } from './world/followed-allocation.ts';
import { Layer2Services, NO_LAYER2_CHANGE } from './world/layer2-services.ts';
import { type Announcement, NodeRoutes, type SessionsChange } from './world/node-routes.ts';
import { NO_AUDIENCE, PoolServices } from './world/pool-services.ts';
import { sameData } from './world/same-data.ts';
import { WorldObjects } from './world/world-objects.ts';

export interface WorldOptions {
  readonly planOptions: PlanOptions;
  /** The node whose sessions and routes are kept; null keeps none. */
  readonly node: string | null;
  /** Whether addresses are decided here, or read from the Services' statuses. */
  readonly allocation: 'decide' | 'follow';
  /** Whether it is kept who answers ARP and NDP: on the node, or, where no node's part is kept, anywhere. */
  readonly layer2?: boolean;
  /** Whether the findings that look at all nodes are kept: `service-not-announced` and `merged-local-pref`. */
  readonly clusterFindings?: boolean;
}

export class World {
  readonly #options: WorldOptions;
  readonly #objects: WorldObjects;
  readonly #allocation: LiveAllocation | FollowedAllocation;
  readonly #pools = new PoolServices();
  readonly #routes = new NodeRoutes();
  /** Null where nobody asks for it. */
  readonly #layer2: Layer2Services | null;
  readonly #judge: ClusterFindings | null;
  #view: NodeView | null = null;
  #counters = new Map<string, PoolCounters>();
  #started = false;
  #held = false;
  readonly #indexes: Indexes;

  constructor(options: WorldOptions) {
    this.#options = options;
    const { planOptions, node } = options;
    const objects = new WorldObjects(planOptions);
    this.#objects = objects;
    this.#allocation =
      options.allocation === 'decide'
        ? new LiveAllocation([], objects.namespaces, planOptions)
        : new FollowedAllocation([], planOptions);
    const judges = options.clusterFindings === true;
    const layer2 =
      judges || options.layer2 === true ? new Layer2Services(options.layer2 ? node : null, planOptions) : null;
    this.#layer2 = layer2;
    this.#judge = judges && layer2 !== null ? new ClusterFindings(planOptions, layer2) : null;
    this.#indexes = {
      node,
      get config() {
        return objects.config.config;
      },
      get configJudgesNodes() {
        return objects.config.judgesNodes;
      },
      servicesOfPool: (pool) => this.#pools.of(pool),
      servicesOfNamespace: (namespace) => objects.servicesOfNamespace(namespace),
    };
  }

  /** All objects have been listed: the configuration is parsed, and {@link start} has less to do at once. */
  prepare(breathe: () => Promise<void>): Promise<void> {
    return this.#objects.config.prepare(breathe);
  }

  /** All objects have been listed: everything is decided at once, and from now on by change. */
  start(): WorldChange {
    this.#started = true;
    const touched = new Touched();
    touched.config = true;
    touched.pools = true;
    touched.sessions = true;
    touched.peers = true;
    for (const { key } of this.#objects.services.values()) this.#happen({ type: 'service', key, gone: false }, touched);
    return this.#work(touched);
  }

  /** Takes in changes as one step. Before {@link start} they are only remembered. */
  apply(changes: readonly Change[]): WorldChange {
    const touched = new Touched();
    for (const change of changes) for (const happening of this.#objects.take(change)) this.#happen(happening, touched);
    return this.#started ? this.#work(touched) : this.#changeOf([], [], NO_SESSIONS_CHANGE);
  }

  /**
   * From now until {@link release} nobody gets an address: who may keep what its status says keeps it, and who waits goes on waiting. So many
   * Services can be taken in step by step, oldest first, as if they had come at once.
   */
  hold(): void {
    this.#held = true;
  }

  /** All are known: who waits is served. */
  release(): WorldChange {
    this.#held = false;
    return this.#work(new Touched());
  }

  /** The configuration in force. */
  get config(): Config {
    return this.#objects.config.config;
  }

  /** By Service key. */
  get allocations(): ReadonlyMap<string, Allocation> {
    return this.#allocation.allocations;
  }

  /** By name of the pool; empty where addresses are not decided here. */
  get pools(): ReadonlyMap<string, PoolCounters> {
    return this.#counters;
  }

  /** What the speaker of the node carries out; undefined where the node is not known. */
  get nodePlan(): NodePlan | undefined {
    return this.#routes.plan;
  }

  /** The sessions of the node, by name of the peer; empty where the node is not known. */
  get sessions(): readonly Session[] {
    return this.#view?.sessions ?? [];
  }

  /** Whether the labels of all nodes can matter to the configuration, by what was taken in so far. */
  get judgesNodes(): boolean {
    return this.#objects.config.judgesNodes;
  }

  /** What the node announces, Service by Service, in no order. */
  announcements(): Iterable<Announcement> {
    return this.#routes.announcements();
  }

  /** All routes of one session of the node, by the name of the peer that holds it. */
  routesOf(peer: string): NodePlan['sessions'][number]['routes'] {
    return this.#routes.routesOf(peer);
  }

  /**
   * Who answers ARP and NDP, by node and address: on the node whose part is kept, or, without one, on all. Without a node this is decided
   * when it is asked for: it takes a moment the first time, and where much has changed meanwhile.
   */
  layer2Rows(): readonly Layer2Row[] {
    return this.#layer2?.rows() ?? [];
  }

  /** Why a node does not answer, by Service; of a node that is not known nothing is said. Decided when it is asked for. */
  layer2RefusalsOn(node: string): Iterable<ServiceRefusal> {
    return this.#objects.nodes.get(`/${node}`) === undefined ? [] : (this.#layer2?.refusalsOn(node) ?? []);
  }

  /** The node whose part is kept, as it is in force. */
  get node(): Node | undefined {
    return this.#options.node === null ? undefined : this.#objects.nodes.get(`/${this.#options.node}`);
  }

  service(key: string): Service | undefined {
    return this.#objects.services.get(key);
  }

  /** `metadata.uid` of a Service; null where it is not there, or never was in a cluster. */
  uidOf(service: string): string | null {
    return this.#objects.services.uidOf(service);
  }

  /** What was found in the objects, in the order of a snapshot's findings; then those that look at all nodes, as a plan's diagnostics. */
  get findings(): readonly Finding[] {
    return [...this.#objects.findings, ...(this.#judge?.findings ?? [])];
  }

  #happen(happening: Happening, touched: Touched): void {
    affected(happening, touched, this.#indexes);
  }

  #work(touched: Touched): WorldChange {
    if (touched.config) this.#configure(touched);
    for (const key of touched.endpoints)
      if (this.#objects.endpoints.sumUp(key, this.service(key))) this.#happen({ type: 'servable', key }, touched);
    const allocations = this.#allocate(touched);
    for (const { service } of allocations) this.#happen({ type: 'allocation', key: service }, touched);
    for (const pool of touched.advertised) this.#advertise(pool);
    for (const pool of touched.layer2Advertised) this.#advertiseLayer2(pool);
    this.#replaceNodes(touched);
    const sessions = this.#connect(touched);
    for (const key of touched.routes) this.#announce(key);
    if (this.#layer2 !== null) for (const key of touched.layer2) this.#answer(key, this.#layer2);
    if (this.#judge !== null) this.#find(touched, this.#judge);
    return this.#changeOf(allocations, this.#count(touched, allocations), sessions);
  }

  #configure(touched: Touched): void {
    const { config, nodes } = this.#objects;
    const before = config.findings;
    const { pools, advertisements, layer2Advertisements, peers } = config.build([...nodes.values()]);
    this.#objects.noteConfigFindings(before);
    for (const pool of pools) this.#happen({ type: 'pool', ...pool }, touched);
    for (const advertisement of advertisements) this.#happen({ type: 'advertisement', ...advertisement }, touched);
    for (const advertisement of layer2Advertisements)
      this.#happen({ type: 'layer2Advertisement', ...advertisement }, touched);
    if (peers) this.#happen({ type: 'peers' }, touched);
  }

  #allocate(touched: Touched): readonly AllocationChange[] {
    for (const key of touched.gone) this.#allocation.remove(key);
    const services = [...touched.allocations].flatMap((key) => this.service(key) ?? []);
    this.#allocation.update(services, touched.pools ? this.config.pools : null);
    const changes = this.#allocation.settle(!this.#held);
    for (const { service, before, after } of changes)
      this.#pools.file(service, before?.pool ?? null, after?.pool ?? null);
    return changes;
  }

  #advertise(name: string): void {
    this.#pools.advertise(name, this.#poolOf(name), this.config.bgpAdvertisements);
    this.#judge?.advertise(name);
  }

  #advertiseLayer2(name: string): void {
    this.#layer2?.advertise(name, this.#poolOf(name), this.config.l2Advertisements, this.#objects.nodes.values());
    this.#judge?.advertiseLayer2();
  }

  #poolOf(name: string): Pool | undefined {
    return this.config.pools.find((pool) => pool.name === name);
  }

  /** Puts nodes in force for whoever looks at more than the own one. */
  #replaceNodes(touched: Touched): void {
    const { nodes } = this.#objects;
    if (touched.config || touched.peers) this.#judge?.configure(nodes.values(), this.config, touched.peers);
    if (this.#layer2 === null) return;
    for (const name of touched.nodes) {
      const node = nodes.get(`/${name}`);
      const change = this.#layer2.replaceNode(name, node);
      for (const key of change.standings) this.#happen({ type: 'standing', key }, touched);
      this.#judge?.replaceNode(name, node, this.config, change);
    }
  }

  /** The node's sessions; where they or the node are others, every Service has to be looked at. */
  #connect(touched: Touched): SessionsChange {
    if (!touched.sessions) return NO_SESSIONS_CHANGE;
    const node = this.node;
    const view = node === undefined ? null : new NodeView(node, this.config, this.#options.planOptions);
    if (view !== null && this.#view !== null && announcesTheSame(this.#view, view)) return NO_SESSIONS_CHANGE;
    this.#view = view;
    for (const key of this.allocations.keys()) touched.routes.add(key);
    return this.#routes.see(view);
  }

  #announce(key: string): void {
    const assigned = this.#assignedOf(key);
    const audience = assigned === null ? NO_AUDIENCE : this.#pools.audienceOf(assigned.pool, assigned.service);
    // A pool that no BGPAdvertisement is for is not BGP's business: it gives no rows at all.
    if (this.#view === null || assigned === null || audience.ofPool.length === 0) this.#routes.set(key, null);
    else this.#routes.set(key, routesOf({ ...assigned, audience }, this.#objects.endpoints.of(key), this.#view));
  }

  #answer(key: string, layer2: Layer2Services): void {
    layer2.set(key, this.#assignedOf(key), this.#objects.endpoints.of(key));
  }

  #find(touched: Touched, judge: ClusterFindings): void {
    for (const key of new Set([...touched.routes, ...touched.layer2])) {
      const assigned = this.#assignedOf(key);
      const audience = assigned === null ? null : this.#pools.audienceOf(assigned.pool, assigned.service);
      judge.set(
        key,
        assigned === null || audience === null ? null : { ...assigned, audience },
        this.#objects.endpoints.of(key),
      );
    }
    judge.judge(this.#objects.ledger);
  }

  /** The Service with its addresses; null where it has none. */
  #assignedOf(key: string): Omit<AssignedService, 'audience'> | null {
    const [service, allocation] = [this.service(key), this.allocations.get(key)];
    if (service === undefined || allocation === undefined || allocation.pool === null) return null;
    return { service, pool: allocation.pool, ips: allocation.ips };
  }

  /** Counts the pools that a change may have touched; what comes back are those whose numbers are others. */
  #count(touched: Touched, allocations: readonly AllocationChange[]): readonly string[] {
    const allocation = this.#allocation;
    if (!(allocation instanceof LiveAllocation)) return [];
    const names = new Set(
      touched.pools ? [...this.#counters.keys(), ...this.config.pools.map(({ name }) => name)] : [],
    );
    for (const { before, after } of allocations)
      for (const pool of [before?.pool, after?.pool]) if (typeof pool === 'string') names.add(pool);
    return [...names].filter((name) => {
      const counters = allocation.countersOf(name);
      if (sameData(counters, this.#counters.get(name))) return false;
      if (counters === undefined) this.#counters.delete(name);
      else this.#counters.set(name, counters);
      return true;
    });
  }

  #changeOf(
    allocationsChanged: readonly AllocationChange[],
    poolsChanged: readonly string[],
    sessionsChanged: SessionsChange,
  ): WorldChange {
    const { routes, refusals, announcements } = this.#routes.flush();
    const findingsChanged = this.#started ? this.#objects.takeFindings() : { added: [], removed: [] };
    return {
      allocationsChanged,
      poolsChanged,
      sessionsChanged,
      routesChanged: routes,
      refusalsChanged: refusals,
      announcementsChanged: announcements,
      layer2Changed: this.#layer2?.flush() ?? NO_LAYER2_CHANGE,
      findingsChanged,
    };
  }
}
