/** Objects for tests, each whole, with what a test does not say filled in. */
import type { ServiceEndpoints } from '../../cluster/endpoints.ts';
import type { Node } from '../../cluster/node.ts';
import type { Service } from '../../cluster/service.ts';
import type { BgpAdvertisement, L2Advertisement } from '../../config/advertisement.ts';
import type { Peer } from '../../config/peer.ts';
import type { Pool, ServiceAllocation } from '../../config/pool.ts';
import type { Labels, Selector } from '../../config/selector.ts';
import { type Ip, parseIp } from '../../net/ip.ts';
import { parseIpRange } from '../../net/ip-range.ts';
import type { Snapshot } from '../snapshot.ts';

export const ip = (text: string): Ip => {
  const parsed = parseIp(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
};

export const pool = (name: string, addresses: readonly string[], rest: Partial<Pool> = {}): Pool => ({
  name,
  labels: {},
  ranges: addresses.map((text) => {
    const parsed = parseIpRange(text);
    if (!parsed.ok) throw new Error(parsed.error);
    return parsed.value;
  }),
  autoAssign: true,
  avoidBuggyIPs: false,
  serviceAllocation: null,
  ...rest,
});

export const scope = (rest: Partial<ServiceAllocation>): ServiceAllocation => ({
  priority: 0,
  namespaces: [],
  namespaceSelectors: [],
  serviceSelectors: [],
  ...rest,
});

/** A selector of labels that must be there with these values. */
export const labelled = (labels: Labels): Selector => ({
  requirements: Object.entries(labels).map(([key, value]) => ({ key, operator: 'In', values: [value] })),
});

/** @param key - `namespace/name`. */
export function service(key: string, rest: Partial<Service> = {}): Service {
  const [namespace = '', name = ''] = key.split('/');
  return {
    key,
    namespace,
    name,
    labels: {},
    annotations: {},
    creationTimestamp: null,
    type: 'LoadBalancer',
    loadBalancerClass: null,
    loadBalancerIP: null,
    externalTrafficPolicy: 'Cluster',
    ipFamilies: [4],
    ipFamilyPolicy: 'SingleStack',
    selector: { app: name },
    ports: [{ protocol: 'TCP', port: 80 }],
    ingress: [],
    ...rest,
  };
}

export const peer = (name: string, address: string, rest: Partial<Peer> = {}): Peer => ({
  name,
  myASN: 64513,
  peerASN: 64512,
  dynamicASN: null,
  localASN: null,
  peerAddress: ip(address),
  interface: null,
  peerPort: 179,
  sourceAddress: null,
  holdTimeSeconds: 90,
  keepaliveSeconds: 30,
  connectTimeSeconds: null,
  routerID: null,
  nodeSelectors: [],
  nodeSelectorsPolicy: null,
  authentication: { type: 'none' },
  bfdProfile: null,
  keptBfdProfile: null,
  strictBFD: false,
  ebgpMultiHop: false,
  vrf: null,
  dualStackAddressFamily: false,
  enableGracefulRestart: false,
  ttlSecurityHops: null,
  maxPrefixes: 100,
  ...rest,
});

export const advertisement = (name: string, rest: Partial<BgpAdvertisement> = {}): BgpAdvertisement => ({
  name,
  ipAddressPools: [],
  ipAddressPoolSelectors: [],
  nodeSelectors: [],
  serviceSelectors: [],
  peers: [],
  aggregationLength: 32,
  aggregationLengthV6: 128,
  localPref: null,
  med: null,
  asPathPrepend: 0,
  communities: [],
  largeCommunities: [],
  extendedCommunities: [],
  ...rest,
});

export const l2Advertisement = (name: string, rest: Partial<L2Advertisement> = {}): L2Advertisement => ({
  name,
  ipAddressPools: [],
  ipAddressPoolSelectors: [],
  nodeSelectors: [],
  serviceSelectors: [],
  interfaces: [],
  preferredNodes: [],
  ...rest,
});

export const node = (name: string, address: string, labels: Labels = {}): Node => ({
  name,
  labels,
  internalIPs: [ip(address)],
  networkUnavailable: false,
});

export const endpointsOn = (...nodes: readonly string[]): ServiceEndpoints => ({
  servable: nodes.length > 0,
  servableNodes: new Set(nodes),
});

export interface SnapshotParts extends Partial<Omit<Snapshot, 'config' | 'endpoints'>> {
  readonly config?: Partial<Snapshot['config']>;
  readonly endpoints?: Readonly<Record<string, ServiceEndpoints>>;
}

export const snapshot = ({ config, endpoints, ...rest }: SnapshotParts = {}): Snapshot => ({
  config: { pools: [], peers: [], bgpAdvertisements: [], l2Advertisements: [], bfdProfiles: [], ...config },
  services: [],
  endpoints: new Map(Object.entries(endpoints ?? {})),
  nodes: [],
  namespaces: new Map(),
  findings: [],
  ...rest,
});

/** The guide's chapter "Complete Multi-Router Configuration" with its test Service and three nodes. */
export function multiRouter(): Snapshot {
  const key = (address: string, name: string): Peer => peer(name, address, { bfdProfile: 'production-bfd' });
  const path = (name: string, to: string, localPref: number, community: number): BgpAdvertisement =>
    advertisement(name, {
      ipAddressPools: ['production-pool'],
      peers: [to],
      localPref,
      communities: [64512 * 65536 + community],
    });
  return snapshot({
    config: {
      pools: [pool('production-pool', ['10.100.0.0/24'], { avoidBuggyIPs: true })],
      peers: [
        key('192.168.1.1', 'dc1-router-primary'),
        key('192.168.1.2', 'dc1-router-secondary'),
        key('192.168.2.1', 'dc2-router-primary'),
        key('192.168.2.2', 'dc2-router-secondary'),
      ],
      bgpAdvertisements: [
        path('dc1-primary-advertisement', 'dc1-router-primary', 200, 1100),
        path('dc1-secondary-advertisement', 'dc1-router-secondary', 190, 1200),
        path('dc2-primary-advertisement', 'dc2-router-primary', 150, 2100),
        path('dc2-secondary-advertisement', 'dc2-router-secondary', 140, 2200),
      ],
    },
    services: [service('default/nginx-lb', { annotations: { 'metallb.universe.tf/address-pool': 'production-pool' } })],
    endpoints: { 'default/nginx-lb': endpointsOn('node1', 'node2', 'node3') },
    nodes: [10, 11, 12].map((last, i) => node(`node${i + 1}`, `192.168.1.${last}`, { 'kubernetes.io/os': 'linux' })),
  });
}
