/**
 * A large cluster as manifests: 10,000 Services, 100 nodes, 20 peers of which each node has two; 9,500 Services are `Local` with
 * endpoints on two nodes, 500 are `Cluster`. Deterministic: equal sizes give equal bytes.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ClusterSize {
  readonly services: number;
  readonly localServices: number;
  readonly nodes: number;
  readonly peers: number;
}

export const BIG: ClusterSize = { services: 10_000, localServices: 9_500, nodes: 100, peers: 20 };

const PEERS_PER_NODE = 2;

/** Writes the manifests into the folder, one file a kind, in the form that `kubectl get -o json` gives. */
export function writeCluster(folder: string, size: ClusterSize): void {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, items: readonly unknown[]): void =>
    writeFileSync(join(folder, `${name}.json`), JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  write('config', [...peersOf(size), ...poolAndAdvertisement()]);
  write(
    'nodes',
    range(size.nodes).map((i) => nodeOf(i, size)),
  );
  write(
    'services',
    range(size.services).map((i) => serviceOf(i, size)),
  );
  write(
    'endpoint-slices',
    range(size.services).map((i) => sliceOf(i, size)),
  );
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

const nodeName = (i: number): string => `node-${String(i).padStart(3, '0')}`;
const serviceName = (i: number): string => `service-${String(i).padStart(5, '0')}`;

/** Nodes come in racks; a rack has two routers of its own. */
const rackOf = (node: number, size: ClusterSize): number => node % (size.peers / PEERS_PER_NODE);

const nodeOf = (i: number, size: ClusterSize): unknown => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: nodeName(i), labels: { 'kubernetes.io/os': 'linux', rack: `rack-${rackOf(i, size)}` } },
  status: { addresses: [{ type: 'InternalIP', address: `10.0.${Math.floor(i / 250)}.${(i % 250) + 1}` }] },
});

const peersOf = (size: ClusterSize): unknown[] =>
  range(size.peers).map((i) => ({
    apiVersion: 'metallb.io/v1beta2',
    kind: 'BGPPeer',
    metadata: { name: `router-${String(i).padStart(2, '0')}`, namespace: 'metallb-system' },
    spec: {
      myASN: 64513,
      peerASN: 64512,
      peerAddress: `10.1.0.${i + 1}`,
      nodeSelectors: [{ matchLabels: { rack: `rack-${Math.floor(i / PEERS_PER_NODE)}` } }],
    },
  }));

const poolAndAdvertisement = (): unknown[] => [
  {
    apiVersion: 'metallb.io/v1beta1',
    kind: 'IPAddressPool',
    metadata: { name: 'production-pool', namespace: 'metallb-system' },
    spec: { addresses: ['10.96.0.0/16'] },
  },
  {
    apiVersion: 'metallb.io/v1beta1',
    kind: 'BGPAdvertisement',
    metadata: { name: 'production', namespace: 'metallb-system' },
    spec: { ipAddressPools: ['production-pool'], communities: ['64512:100'] },
  },
];

const serviceOf = (i: number, size: ClusterSize): unknown => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: serviceName(i), namespace: 'default' },
  spec: {
    type: 'LoadBalancer',
    clusterIPs: [`172.16.${Math.floor(i / 250)}.${(i % 250) + 1}`],
    externalTrafficPolicy: i < size.localServices ? 'Local' : 'Cluster',
    ports: [{ port: 80, protocol: 'TCP' }],
    selector: { app: serviceName(i) },
  },
});

const sliceOf = (i: number, size: ClusterSize): unknown => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: {
    name: `${serviceName(i)}-slice`,
    namespace: 'default',
    labels: { 'kubernetes.io/service-name': serviceName(i) },
  },
  addressType: 'IPv4',
  endpoints: [i, i * 7 + 1].map((n, k) => ({
    addresses: [`10.244.${n % 250}.${k + 1}`],
    conditions: { ready: true },
    nodeName: nodeName(n % size.nodes),
  })),
});
