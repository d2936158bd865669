/** What BFD looks like from outside: how long each sender let pass between two packets, by the time stamps of the kernel in a capture. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { NetworkNamespace } from '../lab/netns.ts';

/** Of some senders together, in milliseconds. */
export interface Gaps {
  readonly count: number;
  readonly shortest: number;
  readonly median: number;
  readonly p99: number;
  readonly longest: number;
}

const FILE_HEADER = 24;
const PACKET_HEADER = 16;
/** Ethernet, then the source in octets 12 to 15 of the IPv4 header. */
const SOURCE = 14 + 12;
/** The state in the upper two bits of BFD's second octet: 3 is Up. Who is not Up sends once a second. */
const STATE = 14 + 20 + 8 + 1;
const UP = 3;

/** A capture of BFD over one hop and IPv4 that runs until it is stopped. Needs dumpcap, which comes with Debian's tshark. */
export class GapCapture {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  readonly #last = new Map<string, number>();
  readonly #gaps = new Map<string, number[]>();
  #pending: Buffer = Buffer.alloc(0);
  #headerSeen = false;
  #packets = 0;
  #longest = 0;

  constructor(namespace: NetworkNamespace, device: string) {
    const argv = namespace.command(['dumpcap', '-q', '-P', '-i', device, '-f', 'udp dst port 3784', '-w', '-']);
    const [file = '', ...args] = argv;
    this.#child = spawn(file, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    this.#child.stdout?.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#closed = once(this.#child, 'close');
  }

  /** Ends it; what came until then is in the gaps. */
  async stop(): Promise<void> {
    this.#child.kill('SIGINT');
    await this.#closed;
  }

  /** So far, of all senders. Who is read slowly loses packets, and a long run has too many gaps to sort meanwhile. */
  get packets(): number {
    return this.#packets;
  }

  get longest(): number {
    return this.#longest;
  }

  /** @param isSender - of which senders. */
  gaps(isSender: (address: string) => boolean): Gaps {
    const gaps = [...this.#gaps].filter(([address]) => isSender(address)).flatMap(([, each]) => each);
    gaps.sort((a, b) => a - b);
    const at = (share: number): number =>
      gaps[Math.min(gaps.length - 1, Math.floor(share * gaps.length))] ?? Number.NaN;
    return { count: gaps.length, shortest: at(0), median: at(0.5), p99: at(0.99), longest: at(1) };
  }

  #read(chunk: Buffer): void {
    let octets = Buffer.concat([this.#pending, chunk]);
    if (!this.#headerSeen && octets.length >= FILE_HEADER) {
      if (octets.readUInt32LE(0) !== 0xa1b2c3d4) throw new Error('this is no capture file with microseconds');
      this.#headerSeen = true;
      octets = octets.subarray(FILE_HEADER);
    }
    let at = 0;
    while (this.#headerSeen && at + PACKET_HEADER <= octets.length) {
      const end = at + PACKET_HEADER + octets.readUInt32LE(at + 8);
      if (end > octets.length) break;
      this.#packet(octets.subarray(at, end));
      at = end;
    }
    this.#pending = octets.subarray(at);
  }

  #packet(packet: Buffer): void {
    this.#packets++;
    const ms = packet.readUInt32LE(0) * 1_000 + packet.readUInt32LE(4) / 1_000;
    const source = [...packet.subarray(PACKET_HEADER + SOURCE, PACKET_HEADER + SOURCE + 4)].join('.');
    if ((packet[PACKET_HEADER + STATE] ?? 0) >> 6 !== UP) {
      this.#last.delete(source);
      return;
    }
    const last = this.#last.get(source);
    this.#last.set(source, ms);
    if (last === undefined) return;
    this.#longest = Math.max(this.#longest, ms - last);
    const gaps = this.#gaps.get(source);
    if (gaps === undefined) this.#gaps.set(source, [ms - last]);
    else gaps.push(ms - last);
  }
}
