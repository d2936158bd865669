import { expect, it } from 'vitest';
import { collectResources } from '../../manifest/collect.ts';
import { parseManifests } from '../../manifest/manifest.ts';
import { formatPrefix } from '../../net/prefix.ts';
import { DEFAULT_PLAN_OPTIONS } from '../snapshot.ts';
import { World } from '../world.ts';
import type { Change } from './change.ts';

function upserts(text: string): readonly Change[] {
  const file = parseManifests('test.yaml', text);
  if (!file.ok) throw new Error(file.error.message);
  return collectResources([file.value], DEFAULT_PLAN_OPTIONS).resources.map((object) => ({ type: 'upsert', object }));
}

const POOL = (name: string, range: string): string => `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: ${name}, namespace: metallb-system}
spec: {addresses: ["${range}"]}
---`;

const SERVICE = (ip: string): string => `
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec: {type: LoadBalancer, clusterIP: 10.96.0.1, clusterIPs: [10.96.0.1], ports: [{port: 80}]}
status: {loadBalancer: {ingress: [{ip: ${ip}}]}}
`;

const REST = `
apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: {name: router, namespace: metallb-system}
spec: {myASN: 64500, peerASN: 64501, peerAddress: 192.0.2.1}
---
apiVersion: metallb.io/v1beta1
kind: BGPAdvertisement
metadata: {name: all, namespace: metallb-system}
spec: {}
---
apiVersion: v1
kind: Node
metadata: {name: n1}
status: {addresses: [{type: InternalIP, address: 192.0.2.10}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-1, namespace: default, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
endpoints: [{addresses: [10.244.1.9], nodeName: n1, conditions: {ready: true}}]
---`;

const gone = (name: string): Change => ({
  type: 'delete',
  object: { apiVersion: 'metallb.io/v1beta1', kind: 'IPAddressPool', namespace: 'metallb-system', name },
});

function start(...texts: string[]): World {
  const world = new World({ planOptions: DEFAULT_PLAN_OPTIONS, node: 'n1', allocation: 'follow' });
  world.apply(texts.flatMap(upserts));
  world.start();
  return world;
}

const routes = (world: World): readonly string[] => world.routesOf('router').map(({ prefix }) => formatPrefix(prefix));

it('keeps what is announced when its pool goes, until the status says another address', () => {
  const world = start(POOL('a', '198.51.100.0/24'), REST, SERVICE('198.51.100.7'));
  expect(routes(world)).toEqual(['198.51.100.7/32']);
  const { routesChanged, allocationsChanged } = world.apply([gone('a')]);
  expect(routesChanged).toEqual([]);
  expect(allocationsChanged).toMatchObject([
    { after: { state: 'Assigned', message: expect.stringContaining('until') } },
  ]);
  // Whatever else happens meanwhile.
  world.apply(upserts(POOL('b', '203.0.113.0/24')));
  expect(routes(world)).toEqual(['198.51.100.7/32']);
  world.apply(upserts(SERVICE('203.0.113.1')));
  expect(routes(world)).toEqual(['203.0.113.1/32']);
  // Nothing is left of the pool that is gone.
  world.apply(upserts(SERVICE('198.51.100.7')));
  expect(routes(world)).toEqual([]);
});

it('withdraws where the last endpoint goes, pool or no pool, and takes up the pool again', () => {
  const world = start(POOL('a', '198.51.100.0/24'), REST, SERVICE('198.51.100.7'));
  world.apply([gone('a')]);
  const slice = upserts(REST).filter(({ object }) => 'kind' in object && object.kind === 'EndpointSlice');
  world.apply([
    {
      type: 'delete',
      object: { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', namespace: 'default', name: 'web-1' },
    },
  ]);
  expect(routes(world)).toEqual([]);
  world.apply(slice);
  expect(routes(world)).toEqual(['198.51.100.7/32']);
  const { allocationsChanged } = world.apply(upserts(POOL('a', '198.51.100.0/25')));
  expect(allocationsChanged).toMatchObject([{ after: { state: 'Assigned', pool: 'a', message: null } }]);
  expect(routes(world)).toEqual(['198.51.100.7/32']);
});

it('announces nothing whose pool was never there', () => {
  expect(routes(start(REST, SERVICE('198.51.100.7')))).toEqual([]);
});

it('gives nothing to a Service that was made anew under the name', () => {
  const world = start(
    POOL('a', '198.51.100.0/24'),
    REST,
    SERVICE('198.51.100.7').replace('name: web', 'uid: u1, name: web'),
  );
  world.apply([gone('a')]);
  expect(routes(world)).toEqual(['198.51.100.7/32']);
  world.apply(upserts(SERVICE('198.51.100.7').replace('name: web', 'uid: u2, name: web')));
  expect(routes(world)).toEqual([]);
});
