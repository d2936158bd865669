/**
 * The cables of the cluster: nodes and control plane on one segment, which a router leads out of (`outside.ts`).
 *
 *     control-plane 192.168.1.250 ──┬── node1 192.168.1.10 ── Pods 10.244.1.0/24
 *                                   ├── node2 192.168.1.11 ── Pods 10.244.2.0/24
 *                                   └── node3 192.168.1.12 ── Pods 10.244.3.0/24
 *
 * Each Pod is on a cable of its own (`kubelet/pod-network.ts`), with no bridge in between: what kube-proxy has translated must come back through the
 * node, which two Pods on one bridge would answer each other around.
 */
import { forward, hashConnections, link, type NetworkNamespace } from '../netns.ts';
import type { Sandbox } from '../sandbox.ts';
import { CLUSTER_NODES, type ClusterNode, CONTROL_PLANE, GATEWAY, SEGMENT_LENGTHS } from './layout.ts';

/** A bridge in a namespace of its own, which others are plugged into. */
export class Segment {
  readonly wires: NetworkNamespace;
  readonly #name: string;
  #ports = 0;

  private constructor(wires: NetworkNamespace, name: string) {
    this.wires = wires;
    this.#name = name;
  }

  static async lay(wires: NetworkNamespace, name: string): Promise<Segment> {
    await wires.ip(`link add name ${name} type bridge`, `link set ${name} up`);
    return new Segment(wires, name);
  }

  /** Gives the namespace a device that is called like the segment; the port where it is plugged in, a device of `wires`. */
  async plug(namespace: NetworkNamespace, addresses: readonly string[]): Promise<string> {
    this.#ports += 1;
    const port = { namespace: this.wires, device: `${this.#name}p${this.#ports}`, bridge: this.#name };
    await link({ namespace, device: this.#name, addresses }, port);
    return port.device;
  }
}

/** Addresses with the lengths of their networks. */
export const withLengths = (addresses: readonly string[]): readonly string[] =>
  addresses.map((address, i) => `${address}/${SEGMENT_LENGTHS[i]}`);

export interface Wiring {
  readonly wires: NetworkNamespace;
  /** Of nodes and control plane, and of the routers that are beside them. */
  readonly segment: Segment;
  readonly controlPlane: NetworkNamespace;
  readonly nodes: ReadonlyMap<string, NetworkNamespace>;
}

export async function wire(sandbox: Sandbox, segmentName: string): Promise<Wiring> {
  const wires = await sandbox.namespace('wires');
  const segment = await Segment.lay(wires, segmentName);
  const controlPlane = await sandbox.namespace(CONTROL_PLANE.name);
  await segment.plug(controlPlane, withLengths(CONTROL_PLANE.addresses));
  const nodes = new Map<string, NetworkNamespace>();
  for (const node of CLUSTER_NODES) {
    const namespace = await sandbox.namespace(node.name);
    await segment.plug(namespace, withLengths(node.addresses));
    await forward(namespace);
    await hashConnections(namespace);
    // kube-proxy translates an address on its way out, which it is only on if there is a route for it.
    await namespace.ip(...DEFAULT_ROUTES, ...routesToPods(CLUSTER_NODES.filter((other) => other !== node)));
    nodes.set(node.name, namespace);
  }
  // The API server dials webhooks at their Pods.
  await controlPlane.ip(...DEFAULT_ROUTES, ...routesToPods(CLUSTER_NODES));
  return { wires, segment, controlPlane, nodes };
}

const DEFAULT_ROUTES = GATEWAY.addresses.map((address) => `route add default via ${address}`);

const routesToPods = (nodes: readonly ClusterNode[]): readonly string[] =>
  nodes.flatMap(({ addresses, podNetworks }) =>
    podNetworks.map((network, i) => `route add ${network} via ${addresses[i]}`),
  );
