/** Who the neighbors of a router are, and how far away. */
import { type Peer, sessionTypeOf } from '../config/peer.ts';
import { compareIp, formatIp, type Ip } from '../net/ip.ts';
import { formatPrefix, type Prefix, prefixContains, prefixOf } from '../net/prefix.ts';
import type { Distance, NeighborNode, Neighbors } from './model.ts';
import type { Reporter } from './reporter.ts';

export interface RouterOptions {
  /** Whoever dials from here is a neighbor, instead of each node by its address. */
  readonly listenRange: Prefix | null;
  /** How many neighbors the router takes; null where nothing limits it. */
  readonly maxNeighbors: number | null;
  /** Subnets that nodes and routers share; empty where they have to be guessed. */
  readonly subnets: readonly Prefix[];
  /** What the annotation says of how many equal paths the router of a BGPPeer uses; null where it says nothing. */
  readonly pathsOf: (peer: string) => number | null;
}

interface NodeAddresses {
  readonly name: string;
  readonly internalIPs: readonly Ip[];
}

/** What a subnet of servers usually is: a Node does not say how long its prefix is. */
const USUAL_LENGTH = { 4: 24, 6: 64 } as const;

/** The neighbors that a BGPPeer with sessions on these nodes makes of a router. */
export function neighborsOf(
  peer: Peer,
  nodes: readonly NodeAddresses[],
  { listenRange, maxNeighbors }: RouterOptions,
  reporter: Reporter,
): Neighbors {
  const listed = listedNodes(peer, nodes, reporter);
  if (listenRange === null) return { type: 'listed', nodes: listed };
  for (const { address, node } of listed)
    if (!prefixContains(listenRange, address))
      reporter.peer(
        'router-outside-range',
        peer,
        ['spec', 'peerAddress'],
        `Node ${node ?? peer.name} dials from ${formatIp(address)}, which is outside of ${formatPrefix(listenRange)}`,
      );
  return { type: 'range', range: listenRange, limit: maxNeighbors ?? Math.max(nodes.length, 100) };
}

/** With `sourceAddress` the one node that has the address, whichever it is; else each node by its first InternalIP of the family. */
function listedNodes(peer: Peer, nodes: readonly NodeAddresses[], reporter: Reporter): readonly NeighborNode[] {
  const { sourceAddress, peerAddress } = peer;
  if (sourceAddress !== null) {
    const owner = nodes.find(({ internalIPs }) => internalIPs.some((ip) => compareIp(ip, sourceAddress) === 0));
    return [{ address: sourceAddress, node: owner?.name ?? (nodes.length === 1 ? (nodes[0]?.name ?? null) : null) }];
  }
  return nodes.flatMap(({ name, internalIPs }) => {
    const address = internalIPs.find(({ family }) => family === peerAddress?.family);
    if (address !== undefined) return [{ address, node: name }];
    reporter.report(
      'router-node-without-address',
      { kind: 'Node', name, namespace: '' },
      ['status', 'addresses'],
      `Node ${name} has no IPv${peerAddress?.family} InternalIP to reach BGPPeer ${peer.name} from`,
    );
    return [];
  });
}

/** How far the neighbors are from the router of the BGPPeer. */
export function distanceOf(peer: Peer, neighbors: Neighbors, { subnets }: RouterOptions, reporter: Reporter): Distance {
  if (peer.ttlSecurityHops !== null) return { type: 'ttl-security', hops: peer.ttlSecurityHops };
  const router = peer.peerAddress;
  if (router === null) return { type: 'connected' };
  const near = (address: Ip): boolean =>
    subnets.length > 0
      ? subnets.some((subnet) => prefixContains(subnet, router) && prefixContains(subnet, address))
      : prefixContains(prefixOf(address, USUAL_LENGTH[address.family]), router);
  const connected =
    neighbors.type === 'range'
      ? prefixContains(neighbors.range, router)
      : neighbors.nodes.every(({ address }) => near(address));
  if (connected) return { type: 'connected' };
  if (subnets.length === 0 && !peer.ebgpMultiHop && sessionTypeOf(peer) === 'external' && neighbors.type === 'listed')
    reporter.peer(
      'router-distance-guessed',
      peer,
      ['spec', 'peerAddress'],
      `${formatIp(router)} is not in the /${USUAL_LENGTH[router.family]} of its nodes: taken to be behind another router, so that multihop is configured`,
    );
  return { type: 'multihop' };
}

/** How many neighbors there may be. */
export const sizeOf = (neighbors: Neighbors): number =>
  neighbors.type === 'listed' ? neighbors.nodes.length : neighbors.limit;
