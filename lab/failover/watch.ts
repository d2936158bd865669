/**
 * What happens on a router and on the node, seen from outside and by one clock: the kernel's time stamps of BFD packets, and `ip monitor`'s of routes and
 * links.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { NetworkNamespace } from '../netns.ts';

const FILE_HEADER = 24;
const PACKET_HEADER = 16;
/** Ethernet, IPv4 without options, UDP: BFD's octets begin here. */
const IPV4 = 14;
const BFD = IPV4 + 20 + 8;
const STATES = ['AdminDown', 'Down', 'Init', 'Up'];

/** Since 1970, in milliseconds with a fraction. */
export type Moment = number;

/** Programs that write as they see something, until {@link Watch.stop}. */
abstract class Watch {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;

  protected constructor(namespace: NetworkNamespace, argv: readonly string[]) {
    const [file = '', ...args] = namespace.command(argv);
    // `ip monitor` tells local time.
    this.#child = spawn(file, args, { stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, TZ: 'UTC' } });
    this.#child.stdout?.on('data', (chunk: Buffer) => this.read(chunk));
    this.#closed = once(this.#child, 'close');
  }

  protected abstract read(chunk: Buffer): void;

  async stop(): Promise<void> {
    this.#child.kill('SIGINT');
    await this.#closed;
  }
}

/** When each sender said a state of its BFD session that it had not said with the packet before. Needs dumpcap. */
export class BfdWatch extends Watch {
  readonly #said: { readonly source: string; readonly state: string; readonly at: Moment }[] = [];
  readonly #last = new Map<string, string>();
  #pending: Buffer = Buffer.alloc(0);
  #headerSeen = false;

  constructor(namespace: NetworkNamespace, device: string) {
    super(namespace, ['dumpcap', '-q', '-P', '-i', device, '-f', 'udp dst port 3784', '-w', '-']);
  }

  /** When this sender first said so after that moment; undefined where it has not. */
  said(source: string, state: string, after: Moment): Moment | undefined {
    return this.#said.find((each) => each.source === source && each.state === state && each.at > after)?.at;
  }

  protected override read(chunk: Buffer): void {
    let octets = Buffer.concat([this.#pending, chunk]);
    if (!this.#headerSeen && octets.length >= FILE_HEADER) {
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
    const octets = packet.subarray(PACKET_HEADER);
    const source = [...octets.subarray(IPV4 + 12, IPV4 + 16)].join('.');
    const state = STATES[(octets[BFD + 1] ?? 0) >> 6] ?? '';
    if (this.#last.get(source) === state) return;
    this.#last.set(source, state);
    this.#said.push({ source, state, at: packet.readUInt32LE(0) * 1_000 + packet.readUInt32LE(4) / 1_000 });
  }
}

/** `ip monitor` of routes or links, line by line. */
export class IpMonitor extends Watch {
  readonly #lines: { readonly text: string; readonly at: Moment }[] = [];
  #pending = '';

  constructor(namespace: NetworkNamespace, what: 'route' | 'link') {
    super(namespace, ['ip', '-ts', 'monitor', what]);
  }

  /** When the first line after that moment was that matches. */
  saw(pattern: RegExp, after: Moment): Moment | undefined {
    return this.#lines.find(({ text, at }) => at > after && pattern.test(text))?.at;
  }

  protected override read(chunk: Buffer): void {
    const lines = `${this.#pending}${chunk.toString()}`.split('\n');
    this.#pending = lines.pop() ?? '';
    for (const line of lines) {
      const [, date, time, micros, text] = /^\[(\S+?)T([\d:]+)\.(\d+)\]\s*(.*)$/.exec(line) ?? [];
      if (text === undefined) continue;
      this.#lines.push({ text, at: Date.parse(`${date}T${time}Z`) + Number(micros) / 1_000 });
    }
  }
}
