/** The BGP identifier of a node (docs/decisions.md 22): one and the same for all its sessions. */
import { crc32 } from 'node:zlib';
import type { Node } from '../cluster/node.ts';
import type { Peer } from '../config/peer.ts';

/**
 * `routerID` of the peer, else the node's first IPv4 InternalIP, else CRC-32 of its name: stable over restarts, and any non-zero
 * number is a valid identifier (RFC 6286 section 2.1). An unsigned 32-bit number.
 */
export function routerIdOf(peer: Pick<Peer, 'routerID'>, node: Node): number {
  const address = peer.routerID ?? node.internalIPs.find((ip) => ip.family === 4);
  if (address !== undefined) return Number(address.value);
  // MetalLB writes the checksum little-endian; the same node keeps its identifier when a cluster switches.
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(crc32(node.name));
  return bytes.readUInt32BE() || 1;
}
