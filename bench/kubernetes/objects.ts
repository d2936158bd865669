/** The cluster of the measurements: three nodes, four routers, one pool, one advertisement; Services with an endpoint on each node. */

import type { ApiObject } from '../../src/apiserver/types.ts';
import { LOCAL_ASN, REMOTE_ASN } from '../originators.ts';

export const NODES = ['node1', 'node2', 'node3'] as const;
export const PEERS = 4;
const SYSTEM = 'metallb-system';

const metallb = (kind: string, version: string, name: string, spec: object): ApiObject => ({
  apiVersion: `metallb.io/${version}`,
  kind,
  metadata: { name, namespace: SYSTEM },
  spec,
});

/** Address of a router in its BGPPeer; the transport map of each speaker has a stand-in for it. */
export const routerAddress = (peer: number): string => `192.0.2.${101 + peer}`;

/** What there is before any Service. */
export const clusterObjects = (): readonly ApiObject[] => [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: SYSTEM } },
  ...NODES.map((name, i) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name },
    status: { addresses: [{ type: 'InternalIP', address: `192.0.2.${11 + i}` }] },
  })),
  metallb('IPAddressPool', 'v1beta1', 'all', { addresses: ['10.100.0.0/18'] }),
  metallb('BGPAdvertisement', 'v1beta1', 'all', { ipAddressPools: ['all'] }),
  ...Array.from({ length: PEERS }, (_, i) =>
    metallb('BGPPeer', 'v1beta2', `router${i + 1}`, {
      myASN: LOCAL_ASN,
      peerASN: REMOTE_ASN,
      peerAddress: routerAddress(i),
      ebgpMultiHop: true,
    }),
  ),
];

/** A Service without node ports: there are fewer of those than Services here. */
export const serviceOf = (name: string): ApiObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'default' },
  spec: {
    type: 'LoadBalancer',
    allocateLoadBalancerNodePorts: false,
    ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
    selector: { app: name },
  },
});

/** Its endpoints: one on each node. */
export const sliceOf = (service: string): ApiObject => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: {
    name: `${service}-abcde`,
    namespace: 'default',
    labels: {
      'kubernetes.io/service-name': service,
      'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
    },
  },
  addressType: 'IPv4',
  ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
  endpoints: NODES.map((nodeName, i) => ({
    addresses: [`10.244.${i}.9`],
    conditions: { ready: true, serving: true, terminating: false },
    nodeName,
  })),
});
