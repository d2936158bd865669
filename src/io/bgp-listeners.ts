/**
 * The listening sockets that all sessions of a process share: one per local address, with the key of each peer.
 *
 * Only connections from an address that some session expects are taken; any other is closed without a word. Where listening is not
 * possible (port taken, not allowed) the sessions there go on by dialling alone, and that is said once per address.
 */
import type { Socket } from 'node:net';
import { formatIp, type Ip, parseIp, sameIp } from '../net/ip.ts';
import type { Secret } from '../secret.ts';
import { SystemError } from './linux/libc.ts';
import { listenTcp, type TcpListener } from './linux/tcp.ts';

export interface Expectation {
  readonly local: Ip;
  readonly remote: Ip;
  readonly md5Key: Secret | null;
}

interface Expected {
  readonly remote: Ip;
  readonly accept: (socket: Socket) => void;
}

interface Listening {
  /** Undefined where the address could not be listened on. */
  readonly listener: TcpListener | undefined;
  readonly expected: Set<Expected>;
}

export class BgpListeners {
  readonly #port: number;
  readonly #onUnavailable: (local: Ip, error: SystemError) => void;
  readonly #onStranger: (local: Ip, remote: string) => void;
  readonly #byAddress = new Map<string, Listening>();

  /**
   * @param port - the same on every address; BGP's is 179.
   * @param onUnavailable - an address cannot be listened on; sessions there only dial.
   * @param onStranger - a connection from an address that is nobody's peer was closed.
   */
  constructor(
    port: number,
    onUnavailable: (local: Ip, error: SystemError) => void,
    onStranger: (local: Ip, remote: string) => void,
  ) {
    this.#port = port;
    this.#onUnavailable = onUnavailable;
    this.#onStranger = onStranger;
  }

  /** Takes connections from this peer to this address until the returned function is called. */
  expect({ local, remote, md5Key }: Expectation, accept: (socket: Socket) => void): () => void {
    const address = formatIp(local);
    let listening = this.#byAddress.get(address);
    if (listening === undefined) {
      const expected = new Set<Expected>();
      listening = { listener: this.#open(local, expected), expected };
      this.#byAddress.set(address, listening);
    }
    const entry: Expected = { remote, accept };
    listening.expected.add(entry);
    listening.listener?.setKey(remote, md5Key);
    return () => this.#forget(address, entry);
  }

  #forget(address: string, entry: Expected): void {
    const listening = this.#byAddress.get(address);
    if (listening === undefined || !listening.expected.delete(entry)) return;
    if (![...listening.expected].some((other) => sameIp(other.remote, entry.remote)))
      listening.listener?.setKey(entry.remote, null);
    if (listening.expected.size > 0) return;
    listening.listener?.close();
    this.#byAddress.delete(address);
  }

  #open(local: Ip, expected: ReadonlySet<Expected>): TcpListener | undefined {
    try {
      return listenTcp({ ip: local, port: this.#port }, (socket) => {
        const from = parseIp((socket.remoteAddress ?? '').replace(/%.*$/, ''));
        const peer = from.ok ? [...expected].find((entry) => sameIp(entry.remote, from.value)) : undefined;
        if (peer !== undefined) return peer.accept(socket);
        this.#onStranger(local, socket.remoteAddress ?? 'unknown');
        socket.destroy();
      });
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      this.#onUnavailable(local, error);
      return undefined;
    }
  }
}
