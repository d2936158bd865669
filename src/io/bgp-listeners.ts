/**
 * The listening sockets that all sessions of a process share: one per local address, with the key of each peer.
 *
 * Only connections from an address that some session expects are taken; any other is closed without a word. Where listening is not
 * possible (port taken, not allowed) the sessions there go on by dialling alone, and that is said once per address.
 *
 * TTL security (RFC 5082) is a matter of a session, not of an address: where one asks for it, the listener answers with TTL 255, which harms no
 * other, and each accepted connection is judged by what its own session asks for (`linux/tcp.ts`).
 */
import type { Socket } from 'node:net';
import { formatIp, type Ip, sameIp } from '../net/ip.ts';
import type { Secret } from '../secret.ts';
import { SystemError } from './linux/libc.ts';
import { type IncomingTcp, listenTcp, type TcpListener } from './linux/tcp.ts';

/** Who may connect, and how. */
export interface Expectation {
  readonly local: Ip;
  readonly remote: Ip;
  readonly md5Key: Secret | null;
  /** How many links away the peer may be; null: as far as it likes. */
  readonly ttlSecurityHops: number | null;
}

/** An expectation that stands until it is ended. */
export interface Expecting {
  /** For connections that come from now on; those that are there keep the key that they have. */
  setKey(md5Key: Secret | null): void;
  end(): void;
}

/** What there is to say of connections that nobody took. */
export interface ListenerEvents {
  /** An address cannot be listened on; sessions there only dial. */
  unavailable(local: Ip, error: SystemError): void;
  /** A connection from an address that is nobody's peer was closed. */
  stranger(local: Ip, remote: Ip): void;
  /** A connection from a peer was closed: it has come over more links than `ttlSecurityHops` allows. */
  tooFar(local: Ip, remote: Ip): void;
}

interface Expected {
  readonly remote: Ip;
  readonly ttlSecurityHops: number | null;
  readonly accept: (socket: Socket) => void;
}

interface Listening {
  /** Undefined where the address could not be listened on. */
  readonly listener: TcpListener | undefined;
  readonly expected: Set<Expected>;
}

export class BgpListeners {
  readonly #port: number;
  readonly #events: ListenerEvents;
  readonly #byAddress = new Map<string, Listening>();

  /** @param port - the same on every address; BGP's is 179. */
  constructor(port: number, events: ListenerEvents) {
    this.#port = port;
    this.#events = events;
  }

  /** Takes connections from this peer to this address until the expectation is ended. */
  expect({ local, remote, md5Key, ttlSecurityHops }: Expectation, accept: (socket: Socket) => void): Expecting {
    const address = formatIp(local);
    let listening = this.#byAddress.get(address);
    if (listening === undefined) {
      const expected = new Set<Expected>();
      listening = { listener: this.#open(local, expected), expected };
      this.#byAddress.set(address, listening);
    }
    const { listener, expected } = listening;
    const entry: Expected = { remote, ttlSecurityHops, accept };
    expected.add(entry);
    listener?.setKey(remote, md5Key);
    offerTtlSecurity(listening);
    return { setKey: (key) => listener?.setKey(remote, key), end: () => this.#forget(address, entry) };
  }

  #forget(address: string, entry: Expected): void {
    const listening = this.#byAddress.get(address);
    if (listening === undefined || !listening.expected.delete(entry)) return;
    if (listening.expected.size === 0) {
      listening.listener?.close();
      this.#byAddress.delete(address);
      return;
    }
    if (![...listening.expected].some((other) => sameIp(other.remote, entry.remote)))
      listening.listener?.setKey(entry.remote, null);
    offerTtlSecurity(listening);
  }

  #open(local: Ip, expected: ReadonlySet<Expected>): TcpListener | undefined {
    try {
      return listenTcp({ ip: local, port: this.#port }, (incoming) => this.#take(local, incoming, expected));
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      this.#events.unavailable(local, error);
      return undefined;
    }
  }

  #take(local: Ip, incoming: IncomingTcp, expected: ReadonlySet<Expected>): void {
    const peer = [...expected].find((entry) => sameIp(entry.remote, incoming.remote));
    if (peer === undefined) {
      incoming.refuse();
      this.#events.stranger(local, incoming.remote);
      return;
    }
    const socket = incoming.take(peer.ttlSecurityHops);
    if (socket === null) this.#events.tooFar(local, incoming.remote);
    else peer.accept(socket);
  }
}

const offerTtlSecurity = ({ listener, expected }: Listening): void =>
  listener?.setTtlSecurityOffered([...expected].some(({ ttlSecurityHops }) => ttlSecurityHops !== null));
