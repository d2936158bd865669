/**
 * One measurement of `World` in a process of its own: `controller` decides, has no node and keeps the findings that look at all nodes;
 * `speaker` follows the statuses and keeps one node's sessions and routes. With `layer2` as second argument every Service is announced by
 * layer 2 too. A change is timed from the object as JSON to the decision, parsing included. Prints one line of JSON.
 */
import { formatIp } from '../src/net/ip.ts';
import { DEFAULT_PLAN_OPTIONS } from '../src/plan/snapshot.ts';
import type { Change, WorldChange } from '../src/plan/world/change.ts';
import { World } from '../src/plan/world.ts';
import {
  advertisementOf,
  clusterOf,
  layer2AdvertisementOf,
  nodeName,
  nodeOf,
  peerOf,
  poolOf,
  poolResource,
  serviceName,
  serviceOf,
  sliceOf,
  WORLD,
} from './world-cluster.ts';

/** One kind of step: milliseconds by the clock, and how many routes are to be sent or withdrawn in all. */
export interface Figure {
  readonly what: string;
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly routes: number;
}

export interface WorldFigures {
  readonly startMs: number;
  readonly heldMegabytes: number;
  readonly figures: readonly Figure[];
}

const view = process.argv[2] === 'controller' ? 'controller' : 'speaker';
const layer2 = process.argv[3] === 'layer2';
const CHANGES = 4_000;
const OWN = 0;

const objects = [...clusterOf(WORLD, layer2)];
const upsert = (object: Change['object'] & { readonly body: unknown }): Change =>
  ({ type: 'upsert', object }) as Change;
const decided = new World({ planOptions: DEFAULT_PLAN_OPTIONS, node: null, allocation: 'decide' });
decided.apply(objects.map(upsert));
decided.start();
const addressesOf = (i: number): readonly string[] =>
  decided.allocations.get(`default/${serviceName(i)}`)?.ips.map(formatIp) ?? [];

/** For the speaker the statuses are written already. */
const listed =
  view === 'controller'
    ? objects
    : objects.map((object) =>
        object.kind === 'Service'
          ? serviceOf(
              Number(object.metadata.name.slice(-5)),
              WORLD,
              addressesOf(Number(object.metadata.name.slice(-5))),
            )
          : object,
      );

globalThis.gc?.();
const heapBefore = process.memoryUsage().heapUsed;
const starting = performance.now();
const world = new World({
  planOptions: DEFAULT_PLAN_OPTIONS,
  node: view === 'controller' ? null : nodeName(OWN),
  allocation: view === 'controller' ? 'decide' : 'follow',
  layer2: true,
  clusterFindings: view === 'controller',
});
world.apply(listed.map(upsert));
const first = world.start();
const startMs = performance.now() - starting;
globalThis.gc?.();
const heldMegabytes = (process.memoryUsage().heapUsed - heapBefore) / 2 ** 20;

const figures: Figure[] = [];
const routesIn = ({ routesChanged }: WorldChange): number =>
  routesChanged.reduce((sum, { announce, withdraw }) => sum + announce.length + withdraw.length, 0);

/** Applies one step at a time; the objects are made before the clock runs. */
function measure(what: string, count: number, make: (n: number) => readonly Change[]): void {
  const clock: number[] = [];
  let routes = 0;
  for (let n = 0; n < count; n++) {
    const changes = make(n);
    const from = performance.now();
    const change = world.apply(changes);
    clock.push(performance.now() - from);
    routes += routesIn(change);
  }
  clock.sort((a, b) => a - b);
  const at = (part: number): number => clock[Math.min(count - 1, Math.floor(count * part))] ?? Number.NaN;
  figures.push({ what, count, p50: at(0.5), p99: at(0.99), max: at(1), routes });
}

const nth = (n: number): number => (n * 7919) % WORLD.services;
const status = (i: number): readonly string[] => (view === 'controller' ? [] : addressesOf(i));
const service = (i: number, port?: number): Change => upsert(serviceOf(i, WORLD, status(i), port));
const deleted = (i: number): Change => ({
  type: 'delete',
  object: { apiVersion: 'v1', kind: 'Service', namespace: 'default', name: serviceName(i) },
});

measure('one: EndpointSlice, endpoints move', CHANGES, (n) => [upsert(sliceOf(nth(n), WORLD, 1 + (n % 7)))]);
measure('one: EndpointSlice, none can serve or all can again', CHANGES, (n) => [
  upsert(sliceOf(nth(n >> 1), WORLD, 0, n % 2 === 1)),
]);
measure('one: Service, a port changes', CHANGES, (n) => [service(nth(n), 81 + (n % 7))]);
measure('one: Service deleted or made anew', CHANGES, (n) => [
  n % 2 === 0 ? deleted(nth(n >> 1)) : service(nth(n >> 1)),
]);
measure('one: another Node, heartbeat', CHANGES, (n) => [upsert(nodeOf(1 + (n % 499), WORLD, undefined, n + 1))]);
measure('one: another Node, relabelled', CHANGES, (n) => [upsert(nodeOf(1 + (n % 499), WORLD, n % 10))]);
measure('one: another Node comes or goes', CHANGES, (n) => {
  const name = nodeName(1 + ((n >> 1) % 499));
  return [
    n % 2 === 0
      ? { type: 'delete', object: { apiVersion: 'v1', kind: 'Node', namespace: '', name } }
      : upsert(nodeOf(1 + ((n >> 1) % 499), WORLD)),
  ];
});
measure('BGPAdvertisement of one pool and router', 100, (n) => [
  upsert(
    advertisementOf(`pool-${poolOf(n, WORLD)}-router-${n % 20}`, {
      ipAddressPools: [`pool-${poolOf(n, WORLD)}`],
      peers: [`router-${n % 20}`],
      communities: [`64512:${n}`],
    }),
  ),
]);
measure('BGPPeer of another rack', 100, (n) => [upsert(peerOf(2 + (n % 18), `${30 + n}s`))]);
measure('all: BGPAdvertisement of every pool', 40, (n) => [
  upsert(advertisementOf('all', { communities: [`64513:${n}`] })),
]);
measure('all: IPAddressPools, all five edited', 20, (n) =>
  [0, 1, 2, 3, 4].map((p) => upsert(poolResource(p, n % 2 === 0))),
);
if (layer2)
  measure('all: L2Advertisement of every pool', 40, (n) => [
    upsert(layer2AdvertisementOf('all', { interfaces: [`eth${n}`] })),
  ]);
if (view === 'speaker') {
  measure('all: the own Node in another rack', 40, (n) => [upsert(nodeOf(OWN, WORLD, (n + 1) % 10))]);
  measure('all: a BGPPeer of the own Node', 40, (n) => [upsert(peerOf(0, `${30 + n}s`))]);
}

process.stdout.write(
  `${JSON.stringify({ startMs, heldMegabytes, figures, allocated: world.allocations.size, routes: routesIn(first), answered: first.layer2Changed.announce.length })}\n`,
);
