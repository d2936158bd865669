/**
 * Echo packets on the wire (RFC 5881 sections 4 and 5): UDP over IPv4, from ourselves to ourselves, so that the neighbor's forwarding sends them back.
 *
 * The headers are made here since no socket makes such a packet: by its addresses it would never leave the node.
 */
import { type Ip, ipToBytes } from '../net/ip.ts';
import { ECHO_LENGTH } from './echo.ts';
import { SINGLE_HOP_TTL } from './session-table.ts';

/** RFC 5881 section 4. */
export const ECHO_PORT = 3785;

const IP_HEADER = 20;
const UDP_HEADER = 8;
const UDP = 17;
/** DSCP CS6, as Control packets. */
const NETWORK_CONTROL = 0xc0;
const DONT_FRAGMENT = 0x40_00;

/** The packets of one address: everything but the content stays as it is. */
export class EchoDatagram {
  readonly #octets = new Uint8Array(IP_HEADER + UDP_HEADER + ECHO_LENGTH);
  readonly #view = new DataView(this.#octets.buffer);
  /** What the checksum of UDP has summed up before the content. */
  readonly #sum: number;

  constructor(address: Ip) {
    const view = this.#view;
    const udpLength = UDP_HEADER + ECHO_LENGTH;
    view.setUint8(0, 0x45);
    view.setUint8(1, NETWORK_CONTROL);
    view.setUint16(2, this.#octets.length);
    // Never fragmented, and so without an identification (RFC 6864 section 4.1).
    view.setUint16(6, DONT_FRAGMENT);
    view.setUint8(8, SINGLE_HOP_TTL);
    view.setUint8(9, UDP);
    this.#octets.set(ipToBytes(address), 12);
    this.#octets.set(ipToBytes(address), 16);
    view.setUint16(10, complementOf(sumOf(view, 0, IP_HEADER)));
    view.setUint16(20, ECHO_PORT);
    view.setUint16(22, ECHO_PORT);
    view.setUint16(24, udpLength);
    // With the pseudo header (RFC 768): addresses, protocol, length.
    this.#sum = sumOf(view, 12, 8) + UDP + udpLength + sumOf(view, IP_HEADER, UDP_HEADER);
  }

  /** A packet with this content, in a buffer that the next one takes again. */
  with(content: Uint8Array): Uint8Array {
    const start = IP_HEADER + UDP_HEADER;
    this.#octets.set(content, start);
    const checksum = complementOf(this.#sum + sumOf(this.#view, start, ECHO_LENGTH));
    // Zero says that there is none.
    this.#view.setUint16(26, checksum === 0 ? 0xffff : checksum);
    return this.#octets;
  }
}

/** The content of an Echo packet, as a view, and the TTL that it came with; null where it is another kind of packet. */
export function parseEchoDatagram(octets: Uint8Array): { readonly content: Uint8Array; readonly ttl: number } | null {
  const start = ((octets[0] ?? 0) & 0x0f) * 4;
  if (octets.length < start + UDP_HEADER || start < IP_HEADER || (octets[0] as number) >> 4 !== 4) return null;
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const length = view.getUint16(start + 4);
  if (view.getUint16(start + 2) !== ECHO_PORT || length < UDP_HEADER || start + length > octets.length) return null;
  return { content: octets.subarray(start + UDP_HEADER, start + length), ttl: octets[8] as number };
}

function sumOf(view: DataView, start: number, length: number): number {
  let sum = 0;
  for (let at = start; at < start + length; at += 2) sum += view.getUint16(at);
  return sum;
}

function complementOf(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + (folded >>> 16);
  return ~folded & 0xffff;
}
