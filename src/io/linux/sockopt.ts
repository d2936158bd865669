/** The socket options that BGP and BFD need and Node lacks. Numbers are Linux', equal on x86-64 and arm64. */
import type { Ip } from '../../net/ip.ts';
import type { Secret } from '../../secret.ts';
import { addressOf, getsockoptBytes, setsockopt } from './libc.ts';
import { encodeSockaddr } from './sockaddr.ts';

export const SOL_SOCKET = 1;
export const SO_ERROR = 4;
const SO_REUSEADDR = 2;
const SO_BINDTODEVICE = 25;
const SO_ATTACH_FILTER = 26;
const IPPROTO_IP = 0;
const IPPROTO_TCP = 6;
const IPPROTO_IPV6 = 41;
const IP_TOS = 1;
const IP_TTL = 2;
const IP_PKTINFO = 8;
const IP_RECVTTL = 12;
const IP_MINTTL = 21;
const IPV6_UNICAST_HOPS = 16;
const IPV6_V6ONLY = 26;
const IPV6_RECVPKTINFO = 49;
const IPV6_PKTINFO = 50;
const IPV6_RECVHOPLIMIT = 51;
const IPV6_HOPLIMIT = 52;
const IPV6_TCLASS = 67;
const IPV6_MINHOPCOUNT = 73;
const TCP_MD5SIG = 14;
const TCP_SAVE_SYN = 27;
const TCP_SAVED_SYN = 28;

/** DSCP CS6, network control (RFC 4594 section 3.1), in the upper six bits of the traffic class. */
const CS6 = 0xc0;

/** Linux takes keys up to this many octets (`TCP_MD5SIG_MAXKEYLEN`). */
export const MD5_KEY_MAX_OCTETS = 80;

const int32 = (value: number): Uint8Array => new Uint8Array(new Int32Array([value]).buffer);

/** @throws {SystemError} */
export const setReuseAddress = (fd: number): void => setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, int32(1), 'SO_REUSEADDR');

/** @throws {SystemError} */
export const setIpv6Only = (fd: number): void => setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, int32(1), 'IPV6_V6ONLY');

/**
 * Marks the session's packets as routing traffic, so that a congested network drops others first.
 *
 * @throws {SystemError}
 */
export function setNetworkControl(fd: number, family: 4 | 6): void {
  if (family === 4) setsockopt(fd, IPPROTO_IP, IP_TOS, int32(CS6), 'IP_TOS');
  else setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, int32(CS6), 'IPV6_TCLASS');
}

/**
 * Sets the TCP-MD5 key (RFC 2385) for segments from and to a peer, or takes it away (null). On a listening socket it holds for
 * connections that come later; established ones keep theirs.
 *
 * struct tcp_md5sig: sockaddr_storage (128), flags, prefix length, key length (u16), interface (i32), key (80).
 *
 * @throws {SystemError} also where a key is taken away that was never set (ENOENT).
 */
export function setMd5Key(fd: number, peer: Ip, key: Secret | null): void {
  const octets = key === null ? new Uint8Array(0) : new TextEncoder().encode(key.reveal());
  if (octets.length > MD5_KEY_MAX_OCTETS) throw new RangeError(`an MD5 key has at most ${MD5_KEY_MAX_OCTETS} octets`);
  const option = new Uint8Array(216);
  option.set(encodeSockaddr({ ip: peer, port: 0 }));
  new DataView(option.buffer).setUint16(130, octets.length, true);
  option.set(octets, 136);
  setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG, option, 'TCP_MD5SIG');
}

/** The TTL that leaves with every packet under TTL security (RFC 5082): no router on the way can have raised it to that. */
const MAX_TTL = 255;

/**
 * The TTL, or hop limit, of what is sent; null is the kernel's default.
 *
 * @throws {SystemError}
 */
export function setTtl(fd: number, family: 4 | 6, ttl: number | null): void {
  const value = int32(ttl ?? -1);
  if (family === 4) setsockopt(fd, IPPROTO_IP, IP_TTL, value, 'IP_TTL');
  else setsockopt(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, value, 'IPV6_UNICAST_HOPS');
}

/** The least TTL of a packet that has come over at most so many links. */
export const minimumTtl = (hops: number): number => MAX_TTL + 1 - hops;

/**
 * TTL security (RFC 5082): sends with TTL 255 and drops what has come farther than from a neighbour that many links away.
 *
 * @throws {SystemError}
 */
export function setTtlSecurity(fd: number, family: 4 | 6, hops: number): void {
  setTtl(fd, family, MAX_TTL);
  const least = int32(minimumTtl(hops));
  if (family === 4) setsockopt(fd, IPPROTO_IP, IP_MINTTL, least, 'IP_MINTTL');
  else setsockopt(fd, IPPROTO_IPV6, IPV6_MINHOPCOUNT, least, 'IPV6_MINHOPCOUNT');
}

/**
 * For a listening socket on which some peers want TTL security and others may not: answers go out with TTL 255, which is too much for nobody, and
 * each accepted socket can say how far its SYN has come ({@link synTtl}).
 *
 * @throws {SystemError}
 */
export function setTtlSecurityOffered(fd: number, family: 4 | 6, offered: boolean): void {
  setTtl(fd, family, offered ? MAX_TTL : null);
  setsockopt(fd, IPPROTO_TCP, TCP_SAVE_SYN, int32(offered ? 1 : 0), 'TCP_SAVE_SYN');
}

/**
 * The TTL that the SYN of an accepted socket came with; null where the kernel has not kept it.
 *
 * @throws {SystemError}
 */
export function synTtl(fd: number, family: 4 | 6): number | null {
  const header = getsockoptBytes(fd, IPPROTO_TCP, TCP_SAVED_SYN, 128, 'TCP_SAVED_SYN');
  // RFC 791 section 3.1: TTL in octet 8; RFC 8200 section 3: hop limit in octet 7.
  return header[family === 4 ? 8 : 7] ?? null;
}

/**
 * Sends by this interface alone, whatever the routes say.
 *
 * @throws {SystemError} ENODEV where there is none of that name.
 */
export const bindToDevice = (fd: number, device: string): void =>
  setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, new TextEncoder().encode(`${device}\0`), 'SO_BINDTODEVICE');

/**
 * Hands up only what this program lets pass (`packet-filter.ts`).
 *
 * struct sock_fprog: number of instructions, padding, their address.
 *
 * @throws {SystemError}
 */
export function attachFilter(fd: number, program: Uint8Array<ArrayBuffer>): void {
  const option = new Uint8Array(16);
  const view = new DataView(option.buffer);
  view.setUint16(0, program.length / 8, true);
  view.setBigUint64(8, addressOf(program), true);
  setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, option, 'SO_ATTACH_FILTER');
}

/**
 * Has the kernel say with each datagram which TTL it came with, to which address and over which interface ({@link Arrival}).
 *
 * @throws {SystemError}
 */
export function setArrivalTold(fd: number, family: 4 | 6): void {
  if (family === 4) {
    setsockopt(fd, IPPROTO_IP, IP_RECVTTL, int32(1), 'IP_RECVTTL');
    setsockopt(fd, IPPROTO_IP, IP_PKTINFO, int32(1), 'IP_PKTINFO');
  } else {
    setsockopt(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, int32(1), 'IPV6_RECVHOPLIMIT');
    setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, int32(1), 'IPV6_RECVPKTINFO');
  }
}

/** A struct cmsghdr: length with it, level, type. */
const CMSG_HEADER = 16;

/** How a datagram has arrived. Read anew for each, since most are over before anything is kept of them. */
export class Arrival {
  ttl = -1;
  interfaceIndex = 0;
  /** Where the destination is in what was read, in network byte order. */
  destinationAt = -1;

  /** Reads the control messages of a datagram (cmsg(3)); false where they do not say all. */
  read(view: DataView, start: number, end: number): boolean {
    this.ttl = -1;
    this.destinationAt = -1;
    for (let at = start; at + CMSG_HEADER <= end; ) {
      // Never longer than the upper half of its eight octets could tell.
      const length = view.getUint32(at, true);
      if (length < CMSG_HEADER || at + length > end) return false;
      const level = view.getInt32(at + 8, true);
      const type = view.getInt32(at + 12, true);
      const data = at + CMSG_HEADER;
      if ((level === IPPROTO_IP && type === IP_TTL) || (level === IPPROTO_IPV6 && type === IPV6_HOPLIMIT)) {
        this.ttl = view.getInt32(data, true);
      } else if (level === IPPROTO_IP && type === IP_PKTINFO) {
        // struct in_pktinfo: interface, local address, destination of the header.
        this.interfaceIndex = view.getInt32(data, true);
        this.destinationAt = data + 8;
      } else if (level === IPPROTO_IPV6 && type === IPV6_PKTINFO) {
        // struct in6_pktinfo: destination, interface.
        this.destinationAt = data;
        this.interfaceIndex = view.getUint32(data + 16, true);
      }
      at += (length + 7) & ~7;
    }
    return this.ttl >= 0 && this.destinationAt >= 0;
  }
}
