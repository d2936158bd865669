/**
 * The cluster of the bench of `World`, as a watch would deliver it: Services with three endpoints each in five pools, nodes in racks, two
 * routers a rack, and for each pool and router an advertisement; with layer 2, one L2Advertisement for each pool, of all nodes. Deterministic.
 */
import type { Resource } from '../src/config/resource.ts';

export interface WorldSize {
  readonly services: number;
  readonly nodes: number;
  readonly peers: number;
  readonly pools: number;
}

/** 100 advertisements: one for each pool and peer. */
export const WORLD: WorldSize = { services: 10_000, nodes: 500, peers: 20, pools: 5 };

const PEERS_PER_NODE = 2;
const BORN = Date.UTC(2024, 0, 1);

let written = 0;

/** An object as the API server sends it: each writing has a resourceVersion of its own. */
export function resource(
  apiVersion: string,
  kind: string,
  meta: {
    readonly namespace: string;
    readonly name: string;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
  },
  body: Record<string, unknown>,
): Resource {
  const { namespace, name, labels = {}, annotations = {} } = meta;
  const creationTimestamp = new Date(BORN + 1_000 * (written % 100_000)).toISOString();
  const metadata = { name, namespace, labels, annotations, creationTimestamp };
  const version = { uid: `${kind}-${name}`, resourceVersion: String(++written) };
  return { apiVersion, kind, metadata, body: { apiVersion, kind, metadata: { ...metadata, ...version }, ...body } };
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
export const nodeName = (i: number): string => `node-${String(i).padStart(3, '0')}`;
export const serviceName = (i: number): string => `service-${String(i).padStart(5, '0')}`;
export const poolOf = (i: number, size: WorldSize): number => i % size.pools;

export const nodeOf = (i: number, size: WorldSize, rack = i % (size.peers / PEERS_PER_NODE), beat = 0): Resource =>
  resource(
    'v1',
    'Node',
    { namespace: '', name: nodeName(i), labels: { 'kubernetes.io/os': 'linux', rack: `rack-${rack}` } },
    {
      status: {
        addresses: [{ type: 'InternalIP', address: `10.0.${Math.floor(i / 250)}.${(i % 250) + 1}` }],
        conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: beat }],
      },
    },
  );

export const serviceOf = (i: number, size: WorldSize, ingress: readonly string[] = [], port = 80): Resource =>
  resource(
    'v1',
    'Service',
    {
      namespace: 'default',
      name: serviceName(i),
      labels: { app: serviceName(i) },
      annotations: { 'metallb.io/address-pool': `pool-${poolOf(i, size)}` },
    },
    {
      spec: {
        type: 'LoadBalancer',
        clusterIPs: [`172.16.${Math.floor(i / 250)}.${(i % 250) + 1}`],
        externalTrafficPolicy: i % 2 === 0 ? 'Local' : 'Cluster',
        ports: [{ port, protocol: 'TCP' }],
        selector: { app: serviceName(i) },
      },
      status: { loadBalancer: { ingress: ingress.map((ip) => ({ ip })) } },
    },
  );

export const sliceOf = (i: number, size: WorldSize, moved = 0, ready = true): Resource =>
  resource(
    'discovery.k8s.io/v1',
    'EndpointSlice',
    { namespace: 'default', name: `${serviceName(i)}-slice`, labels: { 'kubernetes.io/service-name': serviceName(i) } },
    {
      addressType: 'IPv4',
      endpoints: [0, 1, 2].map((k) => ({
        addresses: [`10.244.${(i + k) % 250}.${k + 1}`],
        conditions: { ready, serving: ready, terminating: false },
        nodeName: nodeName((i * 7 + k + moved) % size.nodes),
      })),
    },
  );

export const advertisementOf = (name: string, spec: Record<string, unknown>): Resource =>
  resource('metallb.io/v1beta1', 'BGPAdvertisement', { namespace: 'metallb-system', name }, { spec });

export const layer2AdvertisementOf = (name: string, spec: Record<string, unknown>): Resource =>
  resource('metallb.io/v1beta1', 'L2Advertisement', { namespace: 'metallb-system', name }, { spec });

export const peerOf = (i: number, holdTime = '90s'): Resource =>
  resource(
    'metallb.io/v1beta2',
    'BGPPeer',
    { namespace: 'metallb-system', name: `router-${i}` },
    {
      spec: {
        myASN: 64_513,
        peerASN: 64_512,
        peerAddress: `10.1.0.${i + 1}`,
        holdTime,
        nodeSelectors: [{ matchLabels: { rack: `rack-${Math.floor(i / PEERS_PER_NODE)}` } }],
      },
    },
  );

export const poolResource = (p: number, avoidBuggyIPs = false): Resource =>
  resource(
    'metallb.io/v1beta1',
    'IPAddressPool',
    { namespace: 'metallb-system', name: `pool-${p}` },
    {
      spec: { addresses: [`10.${100 + p}.0.0/16`], avoidBuggyIPs },
    },
  );

/** Everything, in the order in which reflectors list it. */
export function* clusterOf(size: WorldSize, layer2 = false): Generator<Resource> {
  for (const i of range(size.nodes)) yield nodeOf(i, size);
  for (const p of range(size.pools)) yield poolResource(p);
  for (const i of range(size.peers)) yield peerOf(i);
  for (const p of range(size.pools))
    for (const i of range(size.peers))
      yield advertisementOf(`pool-${p}-router-${i}`, {
        ipAddressPools: [`pool-${p}`],
        peers: [`router-${i}`],
        communities: [`64512:${p * 100 + i}`],
      });
  for (const p of range(layer2 ? size.pools : 0))
    yield layer2AdvertisementOf(`pool-${p}`, { ipAddressPools: [`pool-${p}`] });
  for (const i of range(size.services)) yield serviceOf(i, size);
  for (const i of range(size.services)) yield sliceOf(i, size);
}
