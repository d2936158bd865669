/**
 * Writes what two BGP speakers said as a capture file that any tool can read: TCP over IPv4 without an Ethernet header (LINKTYPE_RAW), handshake
 * included, checksums right, so that whatever a reader complains of is in the messages.
 */

export interface Segment {
  /** From the side that accepts the connection, on port 179; else from the one that dials. */
  readonly fromServer: boolean;
  readonly octets: Uint8Array;
}

const LINKTYPE_RAW = 101;
const MSS = 1_400;
const SERVER = { address: 0x0a090001, port: 179 };
const FLAG = { syn: 0x02, push: 0x08, ack: 0x10 } as const;

/** A capture file of several connections, one after another. */
export function pcapOf(connections: readonly (readonly Segment[])[]): Uint8Array {
  const chunks: Uint8Array[] = [fileHeader()];
  let micros = 0;
  for (const [i, segments] of connections.entries()) {
    for (const packet of packetsOf(segments, i)) {
      micros += 1_000;
      chunks.push(packetHeader(packet.length, micros), packet);
    }
  }
  return Buffer.concat(chunks);
}

function fileHeader(): Uint8Array {
  const view = new DataView(new ArrayBuffer(24));
  view.setUint32(0, 0xa1b2c3d4);
  view.setUint16(4, 2);
  view.setUint16(6, 4);
  view.setUint32(16, 65_535);
  view.setUint32(20, LINKTYPE_RAW);
  return new Uint8Array(view.buffer);
}

function packetHeader(length: number, micros: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(16));
  view.setUint32(0, Math.floor(micros / 1_000_000));
  view.setUint32(4, micros % 1_000_000);
  view.setUint32(8, length);
  view.setUint32(12, length);
  return new Uint8Array(view.buffer);
}

function* packetsOf(segments: readonly Segment[], connection: number): Generator<Uint8Array> {
  const client = { address: 0x0a090002, port: 50_000 + connection };
  const next = { server: 1_000, client: 2_000 };
  const packet = (fromServer: boolean, flags: number, octets: Uint8Array = new Uint8Array(0)): Uint8Array => {
    const [from, to] = fromServer ? [SERVER, client] : [client, SERVER];
    const [mine, theirs] = fromServer ? (['server', 'client'] as const) : (['client', 'server'] as const);
    const bytes = tcpPacket(from, to, next[mine], flags & FLAG.ack ? next[theirs] : 0, flags, octets);
    next[mine] += octets.length + (flags & FLAG.syn ? 1 : 0);
    return bytes;
  };
  yield packet(false, FLAG.syn);
  yield packet(true, FLAG.syn | FLAG.ack);
  yield packet(false, FLAG.ack);
  for (const { fromServer, octets } of segments) {
    for (let at = 0; at < octets.length; at += MSS) {
      yield packet(fromServer, FLAG.push | FLAG.ack, octets.subarray(at, at + MSS));
      yield packet(!fromServer, FLAG.ack);
    }
  }
}

interface Endpoint {
  readonly address: number;
  readonly port: number;
}

function tcpPacket(
  from: Endpoint,
  to: Endpoint,
  sequence: number,
  acknowledged: number,
  flags: number,
  octets: Uint8Array,
): Uint8Array {
  const length = 40 + octets.length;
  const packet = new Uint8Array(length);
  const view = new DataView(packet.buffer);
  view.setUint16(0, 0x4500);
  view.setUint16(2, length);
  view.setUint8(8, 64);
  view.setUint8(9, 6);
  view.setUint32(12, from.address);
  view.setUint32(16, to.address);
  view.setUint16(10, checksum(packet.subarray(0, 20), 0));
  view.setUint16(20, from.port);
  view.setUint16(22, to.port);
  view.setUint32(24, sequence);
  view.setUint32(28, acknowledged);
  view.setUint8(32, 0x50);
  view.setUint8(33, flags);
  view.setUint16(34, 65_535);
  packet.set(octets, 40);
  // The pseudo header: addresses, protocol, length (RFC 9293 section 3.1).
  const pseudo = sum(packet.subarray(12, 20)) + 6 + length - 20;
  view.setUint16(36, checksum(packet.subarray(20), pseudo));
  return packet;
}

function sum(octets: Uint8Array): number {
  let total = 0;
  for (let i = 0; i < octets.length; i += 2) total += ((octets[i] ?? 0) << 8) + (octets[i + 1] ?? 0);
  return total;
}

/** RFC 1071. */
function checksum(octets: Uint8Array, initial: number): number {
  let total = initial + sum(octets);
  while (total > 0xffff) total = (total & 0xffff) + Math.floor(total / 0x10000);
  return ~total & 0xffff;
}
