/** `struct sockaddr_in` and `sockaddr_in6` as octets. The family is in host order, which is little-endian on every platform we run on. */
import { type Ip, ipFromBytes, ipToBytes } from '../../net/ip.ts';
import type { SocketAddress } from '../../net/socket-address.ts';

export const AF_INET = 2;
export const AF_INET6 = 10;

export const addressFamilyOf = (ip: Ip): number => (ip.family === 4 ? AF_INET : AF_INET6);

/**
 * sockaddr_in: family, port, address, padding (16 octets); sockaddr_in6: family, port, flow, address, scope (28 octets).
 *
 * @param scopeId - the index of the interface that a link-local IPv6 address is of.
 */
export function encodeSockaddr({ ip, port }: SocketAddress, scopeId = 0): Uint8Array {
  const bytes = new Uint8Array(ip.family === 4 ? 16 : 28);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, addressFamilyOf(ip), true);
  view.setUint16(2, port);
  bytes.set(ipToBytes(ip), ip.family === 4 ? 4 : 8);
  if (ip.family === 6) view.setUint32(24, scopeId, true);
  return bytes;
}

/** @throws {RangeError} for a family other than IPv4 and IPv6, which no socket of ours has. */
export function decodeSockaddr(bytes: Uint8Array): SocketAddress {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const family = view.getUint16(0, true);
  const port = view.getUint16(2);
  if (family === AF_INET) return { ip: ipFromBytes(bytes.subarray(4, 8)), port };
  if (family === AF_INET6) return { ip: ipFromBytes(bytes.subarray(8, 24)), port };
  throw new RangeError(`address family ${family} is neither IPv4 nor IPv6`);
}
