/**
 * The cluster of the lab in names and addresses.
 *
 * Nodes, routers and client are the guide's (`../guide.ts`); the control plane has a namespace of its own on the nodes' segment, so that it
 * needs no router. Everything is dual-stack.
 */
import { BETWEEN, NODES } from '../guide.ts';

export interface ClusterNode {
  readonly name: string;
  /** IPv4, then IPv6. */
  readonly addresses: readonly [string, string];
  /** The networks of its Pods, IPv4 and IPv6. */
  readonly podNetworks: readonly [string, string];
  /** The node's own addresses in them: what its Pods send everything to. */
  readonly podGateways: readonly [string, string];
}

export const CONTROL_PLANE = {
  name: 'control-plane',
  addresses: ['192.168.1.250', 'fd00:192:168:1::250'],
} as const;

/** What nodes and control plane send everything to that is not on their segment: the router between the data centers. */
export const GATEWAY = { addresses: [BETWEEN.inDc1, 'fd00:192:168:1::254'] } as const;

/** Prefix lengths of the nodes' segment. */
export const SEGMENT_LENGTHS = [24, 64] as const;

/** Of all Pods, as kube-proxy is told. */
export const CLUSTER_NETWORKS = ['10.244.0.0/16', 'fd00:10:244::/48'] as const;

/** The first address of the Service network, which the API server gives to `kubernetes.default`. */
export const API_SERVICE_ADDRESS = '10.96.0.1';

export const CLUSTER_NODES: readonly ClusterNode[] = NODES.map(({ name, address, podGateway }, i) => ({
  name,
  addresses: [address, `fd00:192:168:1::${10 + i}`],
  podNetworks: [`10.244.${i + 1}.0/24`, `fd00:10:244:${i + 1}::/64`],
  podGateways: [podGateway, `fd00:10:244:${i + 1}::1`],
}));
