/** The sockets of Echo packets: one for each link and address of ours, as long as a session needs it. */

import { ECHO_PORT, EchoDatagram, parseEchoDatagram } from '../bfd/echo-datagram.ts';
import type { EchoLink } from '../bfd/echo-path.ts';
import type { EchoArrival } from '../bfd/session-table.ts';
import type { EchoSender } from './bfd-echo.ts';
import type { ReceiverSurroundings } from './linux/batch-receiver.ts';
import { selfAddressedUdp } from './linux/packet-filter.ts';
import { openPacketSocket, type PacketSocket } from './linux/packet-socket.ts';

/** Takes an Echo packet that is back; what it is given is valid until it returns. */
export type ReceiveEcho = (arrival: EchoArrival) => void;

interface Shared {
  readonly socket: PacketSocket;
  readonly datagram: EchoDatagram;
  users: number;
}

export class EchoSockets {
  readonly #surroundings: Omit<ReceiverSurroundings, 'failed'>;
  readonly #receive: ReceiveEcho;
  readonly #shared = new Map<string, Shared>();

  constructor(surroundings: Omit<ReceiverSurroundings, 'failed'>, receive: ReceiveEcho) {
    this.#surroundings = surroundings;
    this.#receive = receive;
  }

  /** @throws {SystemError} EPERM without CAP_NET_RAW. */
  open(link: EchoLink): EchoSender {
    const key = `${link.interfaceIndex}/${link.local.value}`;
    const shared = this.#shared.get(key) ?? this.#open(key, link);
    shared.users++;
    return {
      send: (content, linkAddress) => shared.socket.send(shared.datagram.with(content), linkAddress),
      close: () => {
        if (--shared.users > 0) return;
        shared.socket.close();
        if (this.#shared.get(key) === shared) this.#shared.delete(key);
      },
    };
  }

  readPending(limit: number): void {
    for (const { socket } of this.#shared.values()) socket.read(limit);
  }

  close(): void {
    for (const { socket } of this.#shared.values()) socket.close();
    this.#shared.clear();
  }

  #open(key: string, { interfaceIndex, local }: EchoLink): Shared {
    const socket = openPacketSocket({
      ...this.#surroundings,
      interfaceIndex,
      filter: selfAddressedUdp(local, ECHO_PORT),
      onPacket: (octets) => {
        const echo = parseEchoDatagram(octets);
        if (echo !== null) this.#receive({ octets: echo.content, ttl: echo.ttl, interfaceIndex });
      },
      failed: () => void this.#shared.delete(key),
    });
    const shared = { socket, datagram: new EchoDatagram(local), users: 0 };
    this.#shared.set(key, shared);
    return shared;
  }
}
