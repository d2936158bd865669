/**
 * Gives one sans-IO BGP peer its TCP: dials, takes accepted sockets, carries bytes both ways, and closes so that the last message
 * arrives.
 *
 * The driver decides nothing. Which connection lives, what is sent and what a failure means is the peer's business
 * (`bgp/peer.ts`); the driver turns sockets into the peer's inputs, and its outputs into calls on sockets.
 */
import type { Socket } from 'node:net';
import type { Notification } from '../bgp/packet/notification.ts';
import { Peer } from '../bgp/peer.ts';
import type { ConnectFailure, Connection, PeerConfig, PeerObserver } from '../bgp/peer-types.ts';
import type { RouteTables } from '../bgp/route-tables.ts';
import { type Ip, parseIp } from '../net/ip.ts';
import type { SocketAddress } from '../net/socket-address.ts';
import type { Secret } from '../secret.ts';
import type { Clock } from '../time/clock.ts';
import type { BgpListeners, Expecting } from './bgp-listeners.ts';
import type { LinkMonitor } from './linux/link-monitor.ts';
import type { Attachment } from './linux/link-table.ts';
import { connectTcp, localAddressTowards } from './linux/tcp.ts';

/** Long enough for a slow first SYN to be sent again twice, short enough to say soon that nobody answers. */
const CONNECT_TIMEOUT_MS = 5_000;

/** How long a closing connection may take to deliver its last bytes before it is cut. */
const CLOSE_TIMEOUT_MS = 1_000;

/**
 * So much written at once is a turn, even where the kernel would take more: a long dump neither holds up what other peers are to be told nor
 * what they say, and the peers of one dump go forward together, so that they can share its encoding.
 */
const TURN_OCTETS = 65_536;

/** Where a session runs. With a transport map the real addresses stand for the manifest's; without one they are the same. */
export interface BgpEndpoint {
  /** The peer as the manifest names it. */
  readonly remote: SocketAddress;
  /** What is really dialled, and where the peer's own connections really come from. */
  readonly dial: SocketAddress;
  /** The address to dial from and to listen on; null lets the route decide. */
  readonly source: Ip | null;
  /** What NEXT_HOP says; null is the connection's own address. */
  readonly localAddress: Ip | null;
}

export interface BgpDriverOptions {
  readonly endpoint: BgpEndpoint;
  readonly md5Key: Secret | null;
  readonly config: PeerConfig;
  readonly observer: PeerObserver;
  readonly clock: Clock;
  readonly random: () => number;
  /** Null: this session only dials. */
  readonly listeners: BgpListeners | null;
  /** How many links away the peer may be (RFC 5082); null or unset: as far as it likes. */
  readonly ttlSecurityHops?: number | null;
  /** Ends a session over a link of this node with that link, and dials anew as soon as it is back; null or unset: neither. */
  readonly links?: LinkMonitor | null;
  /** Shared by all peers of the process. */
  readonly tables?: RouteTables;
}

/** A connection and the link that it runs over, where the peer is on that link. */
interface Attached {
  readonly connection: Connection;
  readonly local: Ip;
  readonly remote: Ip;
  attachment: Attachment | null;
}

/** One peer with its sockets. */
export class BgpDriver {
  readonly peer: Peer;
  readonly #options: BgpDriverOptions;
  readonly #sockets = new Set<Socket>();
  readonly #attached = new Set<Attached>();
  #md5Key: Secret | null;
  #cancelDial: (() => void) | undefined;
  #expecting: Expecting | undefined;
  #unwatchLinks: (() => void) | undefined;

  constructor(options: BgpDriverOptions) {
    this.#options = options;
    this.#md5Key = options.md5Key;
    this.peer = new Peer(options.config, {
      clock: options.clock,
      random: options.random,
      observer: options.observer,
      ...(options.tables === undefined ? {} : { tables: options.tables }),
      transport: { dial: () => this.#dial(), abortDial: () => this.#abortDial() },
    });
  }

  start(): void {
    this.#unwatchLinks ??= this.#options.links?.watch((up) => this.#linksChanged(up));
    this.#listen();
    this.peer.start();
  }

  /** Ends the session with this NOTIFICATION and resolves when its sockets are gone, at the latest after a second. */
  async stop(notification: Notification): Promise<void> {
    this.#expecting?.end();
    this.#expecting = undefined;
    this.#unwatchLinks?.();
    this.peer.stop(notification);
    this.#abortDial();
    this.peer.dispose();
    await Promise.all([...this.#sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
  }

  /**
   * Another key from now on. The listener has it before the peer is told, so that the peer's next connection finds it; the session ends with this
   * NOTIFICATION, still under the key that it began with, and comes up anew.
   */
  rekey(md5Key: Secret | null, notification: Notification): void {
    this.#md5Key = md5Key;
    this.#expecting?.setKey(md5Key);
    this.peer.stop(notification);
    this.peer.start();
  }

  #dial(): void {
    const { endpoint, ttlSecurityHops = null } = this.#options;
    this.#listen(); // the route, and with it our own address, may have come up since
    this.#cancelDial = connectTcp(
      {
        remote: endpoint.dial,
        source: endpoint.source,
        md5Key: this.#md5Key,
        ttlSecurityHops,
        timeoutMs: CONNECT_TIMEOUT_MS,
      },
      {
        connected: (socket) => {
          this.#cancelDial = undefined;
          this.peer.connected(this.#adopt(socket, 'outgoing'));
        },
        failed: (error) => {
          this.#cancelDial = undefined;
          this.peer.connectFailed({ code: error.code, message: error.message });
        },
      },
    );
  }

  #abortDial(): void {
    this.#cancelDial?.();
    this.#cancelDial = undefined;
  }

  #listen(): void {
    const { endpoint, listeners, ttlSecurityHops = null } = this.#options;
    if (listeners === null || this.#expecting !== undefined) return;
    const local = endpoint.source ?? localAddressTowards(endpoint.dial.ip);
    if (local === null) return;
    const md5Key = this.#md5Key;
    this.#expecting = listeners.expect({ local, remote: endpoint.dial.ip, md5Key, ttlSecurityHops }, (socket) =>
      this.peer.accept(this.#adopt(socket, 'incoming')),
    );
  }

  /** @param up - a link that has come up, or that has got an address. */
  #linksChanged(up: number | null): void {
    const { endpoint, links } = this.#options;
    const table = links?.table;
    if (table === undefined) return;
    for (const attached of [...this.#attached]) {
      attached.attachment ??= table.attachment(attached.local, attached.remote);
      const loss = attached.attachment === null ? null : table.loss(attached.attachment);
      if (loss !== null) this.peer.linkLost(attached.connection, loss);
    }
    if (up !== null && table.reaches(up, endpoint.dial.ip)) this.peer.retryNow();
  }

  /** Makes a peer's connection of a socket; from here on the socket's events are the peer's inputs. */
  #adopt(socket: Socket, direction: Connection['direction']): Connection {
    const { endpoint } = this.#options;
    let closing = false;
    let failure: ConnectFailure | null = null;
    let full = false;
    // Full is what the kernel has not taken at once, so that whoever writes learns soon that nobody reads (RFC 9687), and little waits here.
    const taken = (): void => {
      if (!full || socket.writableLength > 0) return;
      full = false;
      if (!closing) this.peer.drained(connection);
    };
    const connection: Connection = {
      direction,
      localAddress: endpoint.localAddress ?? addressOf(socket.localAddress) ?? endpoint.dial.ip,
      remoteAddress: endpoint.remote.ip,
      localPort: socket.localPort ?? 0,
      remotePort: socket.remotePort ?? 0,
      write: (bytes) => {
        socket.write(bytes, taken);
        full ||= socket.writableLength > 0;
        if (!full && bytes.length >= TURN_OCTETS) {
          full = true;
          setImmediate(taken);
        }
        return !full;
      },
      close: () => {
        if (closing) return;
        closing = true;
        // FIN after the last message; what the peer still sends is read and dropped, since unread data would make the kernel answer
        // with RST, which overtakes the NOTIFICATION (RFC 4271 section 6).
        socket.end();
        socket.resume();
        const cut = setTimeout(() => socket.destroy(), CLOSE_TIMEOUT_MS);
        socket.once('close', () => clearTimeout(cut));
      },
    };
    const local = addressOf(socket.localAddress) ?? connection.localAddress;
    const remote = endpoint.dial.ip;
    const attachment = this.#options.links?.table.attachment(local, remote) ?? null;
    const attached: Attached = { connection, local, remote, attachment };
    this.#sockets.add(socket);
    this.#attached.add(attached);
    socket.on('data', (bytes: Buffer) => {
      if (!closing) this.peer.receive(connection, bytes);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      failure = { code: error.code ?? 'EIO', message: error.message };
    });
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#attached.delete(attached);
      if (closing) return;
      closing = true;
      this.peer.connectionLost(connection, failure);
    });
    return connection;
  }
}

/** Node prints a link-local address with its zone, which is no part of the address. */
function addressOf(text: string | undefined): Ip | undefined {
  const ip = parseIp((text ?? '').replace(/%.*$/, ''));
  return ip.ok ? ip.value : undefined;
}
