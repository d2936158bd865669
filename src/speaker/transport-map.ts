/** The transport map: real addresses that stand for the manifests' where those do not exist, as in the demo and in tests. */
import type { Ip } from '../net/ip.ts';
import type { SocketAddress } from '../net/socket-address.ts';

export interface TransportMap {
  /** What is dialled instead of this address; an address that the map leaves out is dialled itself. */
  dialled(peer: SocketAddress): SocketAddress;
  /** The address that a node dials from, or null where the map does not name the node. */
  sourceOf(node: string): Ip | null;
}

export const NO_TRANSPORT_MAP: TransportMap = { dialled: (peer) => peer, sourceOf: () => null };
