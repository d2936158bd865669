/**
 * The permanent proof that a world kept up to date by change is the plan of everything: random lives of a cluster, compared after every
 * step. `WORLD_RUNS` and `WORLD_STEPS` make it longer, `FC_SEED` draws other lives.
 */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Allocator } from '../allocator/allocator.ts';
import type { Route } from '../announce/bgp.ts';
import type { RouteAttributes } from '../bgp/route.ts';
import type { Finding } from '../config/problem.ts';
import { formatIp, type Ip } from '../net/ip.ts';
import { formatPrefix } from '../net/prefix.ts';
import { MERGED_LOCAL_PREF } from './merged-local-pref.ts';
import type { NodePlan } from './node-plan.ts';
import { SERVICE_NOT_ANNOUNCED } from './not-announced.ts';
import type { Plan } from './plan.ts';
import type { Layer2Row } from './row.ts';
import { DEFAULT_PLAN_OPTIONS, type PlanOptions } from './snapshot.ts';
import { WorldModel } from './testing/world-model.ts';
import { life, SYSTEM } from './testing/world-steps.ts';
import type { Change, WorldChange } from './world/change.ts';
import { coreKindOf } from './world/world-object.ts';
import { World } from './world.ts';

const RUNS = Number(process.env.WORLD_RUNS ?? 8);
const STEPS = Number(process.env.WORLD_STEPS ?? 500);
const TIMEOUT_MS = 30_000 + RUNS * STEPS * 50;

const OPTIONS: PlanOptions = { ...DEFAULT_PLAN_OPTIONS, namespace: SYSTEM };
const [OWN, OTHER] = ['n0', 'n1'];

/** Says where the two differ, and only then takes the time to find out. */
const expectSame = (actual: unknown, expected: unknown, what: string): void => {
  if (!isDeepStrictEqual(actual, expected)) expect(actual, what).toEqual(expected);
};

/** What somebody knows who has carried out every change, and has seen nothing else. */
class Carried {
  readonly addresses = new Map<string, readonly string[]>();
  readonly routes = new Map<string, Map<string, RouteAttributes>>();
  readonly refusals = new Map<string, string>();
  readonly announcements = new Map<string, readonly string[]>();
  readonly layer2 = new Map<string, Layer2Row>();
  readonly findings = new Map<string, number>();

  take(change: WorldChange): void {
    for (const { service, after } of change.allocationsChanged)
      if (after === null) this.addresses.delete(service);
      else this.addresses.set(service, after.ips.map(formatIp));
    for (const { peer } of change.sessionsChanged.removed) this.routes.delete(peer.name);
    for (const { peer } of change.sessionsChanged.added) this.routes.set(peer.name, new Map());
    for (const { peer, announce, withdraw } of change.routesChanged) {
      const table = this.routes.get(peer);
      for (const prefix of withdraw)
        expect(table?.delete(formatPrefix(prefix)), 'what is withdrawn was there').toBe(true);
      for (const { prefix, attributes } of announce) {
        expect(table?.get(formatPrefix(prefix)), 'what is announced is news').not.toEqual(attributes);
        table?.set(formatPrefix(prefix), attributes);
      }
    }
    for (const { service, refusal } of change.refusalsChanged)
      if (refusal === null) this.refusals.delete(service);
      else this.refusals.set(service, refusal.message);
    for (const { service, peers } of change.announcementsChanged) {
      expect(this.announcements.get(service) ?? [], 'whom it is announced to is news').not.toEqual(peers);
      if (peers.length === 0) this.announcements.delete(service);
      else this.announcements.set(service, peers);
    }
    for (const ip of change.layer2Changed.withdraw)
      expect(this.layer2.delete(ip), 'what is answered no longer was answered').toBe(true);
    for (const row of change.layer2Changed.announce) {
      expect(this.layer2.get(row.ip), 'what is answered is news').not.toEqual(row);
      this.layer2.set(row.ip, row);
    }
    for (const finding of change.findingsChanged.added) this.#count(finding, 1);
    for (const finding of change.findingsChanged.removed) this.#count(finding, -1);
  }

  #count(finding: Finding, by: number): void {
    const key = JSON.stringify(finding);
    const count = (this.findings.get(key) ?? 0) + by;
    if (count === 0) this.findings.delete(key);
    else this.findings.set(key, count);
  }
}

const attributesByPrefix = (routes: readonly Route[]): Map<string, RouteAttributes> =>
  new Map(routes.map(({ prefix, attributes }) => [formatPrefix(prefix), attributes]));

/** What is found in Services is not among what a follower is handed. */
const ofAllNodes = (findings: readonly Finding[]): readonly Finding[] =>
  findings.filter(({ rule }) => rule === SERVICE_NOT_ANNOUNCED || rule === MERGED_LOCAL_PREF);

/** By Service: the names of the peers that get a route which is there for it. */
function audiencesOf(node: NodePlan | undefined): Map<string, readonly string[]> {
  const audiences = new Map<string, Set<string>>();
  for (const { session, routes } of node?.sessions ?? [])
    for (const { services } of routes)
      for (const service of services) {
        const peers = audiences.get(service) ?? new Set();
        audiences.set(service, peers.add(session.peer.name));
      }
  return new Map([...audiences].map(([service, peers]) => [service, [...peers].sort()]));
}

/** The numbers of the pools by the naive way: who has which address, each counted once. */
function countersOf({ snapshot, allocations }: Plan): Map<string, unknown> {
  const empty = new Allocator(snapshot.config.pools, snapshot.namespaces);
  return new Map(
    snapshot.config.pools.map(({ name }) => {
      const used = (family: Ip['family']): number =>
        new Set(
          [...allocations.values()].flatMap(({ pool, ips }) =>
            pool === name ? ips.filter((ip) => ip.family === family).map(formatIp) : [],
          ),
        ).size;
      const all = empty.countersOf(name);
      const [v4, v6] = [used(4), used(6)];
      return [
        name,
        {
          ...all,
          assignedIPv4: v4,
          assignedIPv6: v6,
          availableIPv4: (all?.usableIPv4 ?? 0n) - BigInt(v4),
          availableIPv6: (all?.usableIPv6 ?? 0n) - BigInt(v6),
        },
      ];
    }),
  );
}

/** A controller with one node's view, and the speaker of another node that follows what the controller writes. */
class Cluster {
  readonly model = new WorldModel(OPTIONS);
  readonly world = new World({
    planOptions: OPTIONS,
    node: OWN,
    allocation: 'decide',
    layer2: true,
    clusterFindings: true,
  });
  /** Keeps no node's part, and follows: it has everybody's layer 2, and the same findings. */
  readonly observer = new World({
    planOptions: OPTIONS,
    node: null,
    allocation: 'follow',
    layer2: true,
    clusterFindings: true,
  });
  readonly speaker = new World({ planOptions: OPTIONS, node: OTHER, allocation: 'follow', layer2: true });
  readonly carried = new Carried();

  #before: ReadonlyMap<string, readonly Ip[]> = new Map();

  compare(changes: readonly Change[], change: WorldChange, start: boolean): void {
    const { world, carried } = this;
    carried.take(change);
    const planned = this.model.plan((key) => world.allocations.get(key)?.ips ?? []);
    expectSame(world.allocations, planned.allocations, 'addresses');
    expectSame(world.nodePlan, planned.node(OWN), 'the node');
    expectSame(world.findings, planned.diagnostics, 'findings');
    expectSame(world.pools, countersOf(planned), 'pool counters');
    this.#compareCarried(planned);
    this.#compareWithRestart(changes);

    const followed = [
      ...changes.filter(({ object }) => coreKindOf(apiOf(object)) !== 'Service'),
      ...this.#statuses(planned),
    ];
    this.speaker.apply(followed);
    if (start) this.speaker.start();
    expectSame(this.speaker.nodePlan, planned.node(OTHER), 'the speaker that follows');
    this.observer.apply(followed);
    if (start) this.observer.start();
    expectSame(ofAllNodes(this.observer.findings), ofAllNodes(planned.diagnostics), 'findings of who only looks');
    this.#compareLayer2(planned);
  }

  #compareLayer2(planned: Plan): void {
    const rows = [...planned.layer2Rows()];
    expectSame(this.observer.layer2Rows(), rows, 'who answers');
    const refusals = [...planned.notAnnouncedRows()].filter(({ protocol }) => protocol === 'layer2');
    for (const [world, own] of [
      [this.world, OWN],
      [this.speaker, OTHER],
    ] as const) {
      const answered = rows.filter(({ node }) => node === own);
      expectSame(world.layer2Rows(), answered, `what ${own} answers for`);
      expectSame(
        [...world.layer2RefusalsOn(own)],
        refusals.flatMap(({ node, service, reason, message }) => (node === own ? [{ service, reason, message }] : [])),
        `why ${own} does not answer`,
      );
    }
    expectSame(
      this.carried.layer2,
      new Map(rows.flatMap((row) => (row.node === OWN ? [[row.ip, row] as const] : []))),
      'what is answered, as it was reported',
    );
    Cluster.answered += rows.length;
    for (const { rule } of planned.diagnostics) Cluster.rules.set(rule, (Cluster.rules.get(rule) ?? 0) + 1);
  }

  /** That the lives have something to compare. */
  static answered = 0;
  static announced = 0;
  static readonly rules = new Map<string, number>();

  /**
   * Equality with a plan that is handed the world's own decisions says nothing of what was decided. Where everybody may keep what they
   * had, everybody does, and the oldest of those who wait is served first, as after a restart.
   */
  #compareWithRestart(changes: readonly Change[]): void {
    const gone = new Set(changes.flatMap(({ type, object }) => (type === 'delete' ? [serviceKeyOf(object)] : [])));
    const restarted = this.model.planAfterRestart(this.#before, gone).allocations;
    this.#before = new Map([...this.world.allocations].map(([key, { ips }]) => [key, ips]));
    if ([...restarted.values()].some(({ cleared }) => cleared !== null)) return;
    Cluster.undisturbed++;
    expectSame(this.#before, new Map([...restarted].map(([key, { ips }]) => [key, ips])), 'addresses that are kept');
  }

  static undisturbed = 0;

  #compareCarried(planned: Plan): void {
    const { carried } = this;
    expectSame(
      carried.addresses,
      new Map([...planned.allocations].map(([key, { ips }]) => [key, ips.map(formatIp)])),
      'addresses as they were reported',
    );
    const node = planned.node(OWN);
    expectSame(
      carried.routes,
      new Map(node?.sessions.map(({ session, routes }) => [session.peer.name, attributesByPrefix(routes)])),
      'routes as they were reported',
    );
    expectSame(
      carried.refusals,
      new Map(node?.notAnnounced.map(({ service, message }) => [service, message])),
      'refusals as they were reported',
    );
    const audiences = audiencesOf(node);
    expectSame(carried.announcements, audiences, 'whom Services are announced to, as it was reported');
    const announced = [...this.world.announcements()];
    expectSame(
      new Map(announced.map(({ service, peers }) => [service, peers])),
      audiences,
      'whom they are announced to',
    );
    Cluster.announced += announced.length;
    const findings = new Map<string, number>();
    for (const finding of planned.diagnostics) {
      const key = JSON.stringify(finding);
      findings.set(key, (findings.get(key) ?? 0) + 1);
    }
    expectSame(carried.findings, findings, 'findings as they were reported');
  }

  /** The Services as the API server has them once the controller has written. */
  #statuses(planned: Plan): readonly Change[] {
    const services = new Set(planned.snapshot.services.map(({ key }) => key));
    const gone = [...this.#written].filter((key) => !services.has(key));
    this.#written = services;
    const refOf = (key: string) => ({
      kind: 'Service',
      namespace: key.split('/')[0] ?? '',
      name: key.split('/')[1] ?? '',
    });
    return [
      ...gone.map((key): Change => ({ type: 'delete', object: { apiVersion: 'v1', ...refOf(key) } })),
      ...planned.snapshot.services.map((service): Change => {
        const ingress = this.world.allocations.get(service.key)?.ips ?? [];
        const version = { uid: null, resourceVersion: null };
        const parsed = { value: { ...service, ingress }, problems: [] };
        return { type: 'upsert', object: { kind: 'Service', ref: refOf(service.key), version, parsed } };
      }),
    ];
  }

  #written = new Set<string>();
}

/** Of a Service; of any other object a text that is no Service's key. */
const serviceKeyOf = (object: Change['object']): string => {
  if (coreKindOf(apiOf(object)) !== 'Service') return '';
  const { namespace, name } = 'metadata' in object ? object.metadata : 'ref' in object ? object.ref : object;
  return `${namespace}/${name}`;
};

const apiOf = (object: Change['object']): { apiVersion: string; kind: string } => ({
  apiVersion: 'apiVersion' in object ? object.apiVersion : 'v1',
  kind: object.kind,
});

describe('World', () => {
  it('equals the plan of everything after every step', { timeout: TIMEOUT_MS }, () => {
    let steps = 0;
    let runs = 0;
    fc.assert(
      fc.property(life(STEPS), ({ listed, later }) => {
        runs++;
        const cluster = new Cluster();
        const before = cluster.model.take(listed);
        cluster.world.apply(before);
        cluster.compare(before, cluster.world.start(), true);
        for (const batch of later) {
          steps++;
          const changes = cluster.model.take(batch);
          cluster.compare(changes, cluster.world.apply(changes), false);
        }
      }),
      { numRuns: RUNS },
    );
    process.stdout.write(
      `World against plan: ${runs} runs, ${steps} steps compared, ${Cluster.undisturbed} of them with a restart; ` +
        `${Cluster.answered} rows of layer 2, ${Cluster.rules.get(SERVICE_NOT_ANNOUNCED)} times ${SERVICE_NOT_ANNOUNCED}, ` +
        `${Cluster.rules.get(MERGED_LOCAL_PREF)} times ${MERGED_LOCAL_PREF}\n`,
    );
    expect(Cluster.answered).toBeGreaterThan(0);
    expect(Cluster.announced).toBeGreaterThan(0);
    expect(Cluster.rules.get(SERVICE_NOT_ANNOUNCED)).toBeGreaterThan(0);
    expect(Cluster.rules.get(MERGED_LOCAL_PREF)).toBeGreaterThan(0);
    expect(steps).toBeGreaterThan(RUNS);
  });
});
