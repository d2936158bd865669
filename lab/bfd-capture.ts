/** What `dumpcap` writes of BFD over one hop and IPv4, packet by packet, with the kernel's time stamps. */
import type { NetworkNamespace } from './netns.ts';

const FILE_HEADER = 24;
const PACKET_HEADER = 16;
/** Little-endian, time stamps in microseconds. */
const MAGIC = 0xa1b2c3d4;
/** Behind Ethernet; the source is in octets 12 to 15 of the header. */
const IPV4 = 14;
/** Behind an IPv4 header without options, and UDP. */
const BFD = IPV4 + 20 + 8;

export interface CapturedPacket {
  /** Since 1970, in milliseconds with a fraction. */
  readonly at: number;
  readonly source: string;
  /** RFC 5880 section 4.1: 0 AdminDown, 1 Down, 2 Init, 3 Up. */
  readonly state: number;
}

/** Needs dumpcap, which comes with Debian's tshark. */
export const captureCommand = (namespace: NetworkNamespace, device: string): readonly string[] =>
  namespace.command(['dumpcap', '-q', '-P', '-i', device, '-f', 'udp dst port 3784', '-w', '-']);

/** A capture file as it is written, in chunks that end anywhere. */
export class BfdCapture {
  #pending: Buffer = Buffer.alloc(0);
  #isBegun = false;

  /** The packets that are complete with this chunk. @throws where it is no capture file */
  *take(chunk: Buffer): Generator<CapturedPacket> {
    let octets = Buffer.concat([this.#pending, chunk]);
    if (!this.#isBegun && octets.length >= FILE_HEADER) {
      if (octets.readUInt32LE(0) !== MAGIC) throw new Error('this is no capture file with microseconds');
      this.#isBegun = true;
      octets = octets.subarray(FILE_HEADER);
    }
    this.#pending = octets;
    while (this.#isBegun && this.#pending.length >= PACKET_HEADER) {
      const end = PACKET_HEADER + this.#pending.readUInt32LE(8);
      if (end > this.#pending.length) return;
      const packet = this.#pending.subarray(0, end);
      this.#pending = this.#pending.subarray(end);
      yield readPacket(packet);
    }
  }
}

function readPacket(packet: Buffer): CapturedPacket {
  const octets = packet.subarray(PACKET_HEADER);
  return {
    at: packet.readUInt32LE(0) * 1_000 + packet.readUInt32LE(4) / 1_000,
    source: [...octets.subarray(IPV4 + 12, IPV4 + 16)].join('.'),
    state: (octets[BFD + 1] ?? 0) >> 6,
  };
}
