/** What BFD looks like from outside: how long each sender let pass between two packets, by the time stamps of the kernel in a capture. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { BfdCapture, type CapturedPacket, captureCommand } from '../lab/bfd-capture.ts';
import type { NetworkNamespace } from '../lab/netns.ts';

/** Of some senders together, in milliseconds. */
export interface Gaps {
  readonly count: number;
  readonly shortest: number;
  readonly median: number;
  readonly p99: number;
  readonly longest: number;
}

/** Who is not Up sends once a second. */
const UP = 3;

/** A capture of BFD over one hop and IPv4 that runs until it is stopped. Needs dumpcap, which comes with Debian's tshark. */
export class GapCapture {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  readonly #last = new Map<string, number>();
  readonly #gaps = new Map<string, number[]>();
  readonly #capture = new BfdCapture();
  #packets = 0;
  #longest = 0;

  constructor(namespace: NetworkNamespace, device: string) {
    const [file = '', ...args] = captureCommand(namespace, device);
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
    for (const packet of this.#capture.take(chunk)) this.#packet(packet);
  }

  #packet({ at, source, state }: CapturedPacket): void {
    this.#packets++;
    if (state !== UP) {
      this.#last.delete(source);
      return;
    }
    const last = this.#last.get(source);
    this.#last.set(source, at);
    if (last === undefined) return;
    this.#longest = Math.max(this.#longest, at - last);
    const gaps = this.#gaps.get(source);
    if (gaps === undefined) this.#gaps.set(source, [at - last]);
    else gaps.push(at - last);
  }
}
