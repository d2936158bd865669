/** The socket options that BGP needs and Node lacks. Numbers are Linux', equal on x86-64 and arm64. */
import type { Ip } from '../../net/ip.ts';
import type { Secret } from '../../secret.ts';
import { setsockopt } from './libc.ts';
import { encodeSockaddr } from './sockaddr.ts';

export const SOL_SOCKET = 1;
export const SO_ERROR = 4;
const SO_REUSEADDR = 2;
const IPPROTO_IP = 0;
const IPPROTO_TCP = 6;
const IPPROTO_IPV6 = 41;
const IP_TOS = 1;
const IPV6_V6ONLY = 26;
const IPV6_TCLASS = 67;
const TCP_MD5SIG = 14;

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
