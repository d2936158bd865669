/**
 * The sockets of BFD on Linux: a receiver per family and port (and address, where it is asked for), opened when the first session needs it, and a sender per session;
 * those of Echo packets are `bfd-echo-sockets.ts`'.
 */

import type { EchoLink } from '../bfd/echo-path.ts';
import type { SessionPath } from '../bfd/session-table.ts';
import type { TickClock } from '../time/tick-clock.ts';
import type { EchoSender } from './bfd-echo.ts';
import { EchoSockets, type ReceiveEcho } from './bfd-echo-sockets.ts';
import { type BfdNetwork, MULTIHOP_PORT, type Receive, SINGLE_HOP_PORT } from './bfd-engine.ts';
import type { DescriptorLedger } from './linux/batch-receiver.ts';
import { receiveUdp, sendUdp, type UdpReceiver } from './linux/udp.ts';

/** RFC 5881 section 4. */
const FIRST_SOURCE_PORT = 49_152;
const SOURCE_PORTS = 65_536 - FIRST_SOURCE_PORT;
/** So many ports that are taken in a row are a sign of something else. */
const PORT_ATTEMPTS = 64;
/** Datagrams read at a time when a session is about to be called dead. */
const PENDING = 1_024;

export interface NetworkOptions {
  readonly clock: TickClock;
  readonly receive: Receive;
  readonly receiveEcho: ReceiveEcho;
  readonly ledger: DescriptorLedger;
  readonly random: () => number;
}

export class LinuxBfdNetwork implements BfdNetwork {
  readonly #clock: TickClock;
  readonly #receive: Receive;
  readonly #ledger: DescriptorLedger;
  readonly #random: () => number;
  readonly #receivers = new Map<string, UdpReceiver>();
  readonly #echoes: EchoSockets;

  constructor({ clock, receive, receiveEcho, ledger, random }: NetworkOptions) {
    this.#clock = clock;
    this.#receive = receive;
    this.#ledger = ledger;
    this.#random = random;
    this.#echoes = new EchoSockets({ clock, soon: (fn) => clock.soon(fn), ledger }, receiveEcho);
  }

  listen({ type, local, remote: { family } }: SessionPath, onOwnAddress: boolean): void {
    const address = onOwnAddress ? local : null;
    const key = `${type}/${family}/${address?.value ?? 'every'}`;
    if (this.#receivers.has(key)) return;
    const receiver = receiveUdp({
      address: address ?? { family, value: 0n },
      port: portOf(type),
      clock: this.#clock,
      soon: (fn) => this.#clock.soon(fn),
      ledger: this.#ledger,
      onDatagram: (arrival) => this.#receive(type, arrival),
      failed: () => void this.#receivers.delete(key),
    });
    this.#receivers.set(key, receiver);
  }

  open(path: SessionPath, device: string | null, sourcePort: number | null) {
    const { remote, local } = path;
    const scopeId = path.type === 'singleHop' ? (path.interfaceIndex ?? 0) : 0;
    const sourcePorts = this.#portsFrom(sourcePort);
    return sendUdp({ remote, remotePort: portOf(path.type), local, device, scopeId, sourcePorts }, this.#ledger);
  }

  openEcho(link: EchoLink): EchoSender {
    return this.#echoes.open(link);
  }

  readPending(): void {
    for (const receiver of this.#receivers.values()) receiver.read(PENDING);
    this.#echoes.readPending(PENDING);
  }

  close(): void {
    this.#echoes.close();
    for (const receiver of this.#receivers.values()) receiver.close();
    this.#receivers.clear();
  }

  *#portsFrom(wanted: number | null): Generator<number> {
    if (wanted !== null) yield wanted;
    for (let i = 0; i < PORT_ATTEMPTS; i++) yield FIRST_SOURCE_PORT + Math.floor(this.#random() * SOURCE_PORTS);
  }
}

const portOf = (type: SessionPath['type']): number => (type === 'singleHop' ? SINGLE_HOP_PORT : MULTIHOP_PORT);
