/**
 * What a {@link Peer} is told, what it needs of the world, and what it tells: the boundary between the engine and its driver.
 *
 * The engine opens no socket and reads no clock: a driver in `io/` performs {@link PeerTransport} and {@link Connection} and feeds
 * what happens into the peer; tests do the same over a simulated link.
 */
import type { Ip } from '../net/ip.ts';
import type { Prefix } from '../net/prefix.ts';
import type { BackoffPolicy } from '../time/backoff.ts';
import type { Clock } from '../time/clock.ts';
import type { CapabilityOffer } from './capability-fallback.ts';
import type { State, TimerName } from './fsm.ts';
import type { Family } from './packet/constants.ts';
import type { Message, MessageName, OutgoingMessage } from './packet/message.ts';
import type { Notification } from './packet/notification.ts';
import type { Open } from './packet/open.ts';
import type { Update } from './packet/update.ts';
import type { UpdateError } from './packet/update-error.ts';
import type { RouteAttributes } from './route.ts';
import type { RouteTables } from './route-tables.ts';
import type { UpdateErrorCounts } from './update-error-counts.ts';

/** Of our own AS, or of another. */
export type PeerKind = 'internal' | 'external';

/** Who may open the connection: either side, we alone (`active`), the peer alone (`passive`). */
export type ConnectMode = 'both' | 'active' | 'passive';

/** Fixed for the life of a {@link Peer}: another configuration is another peer. */
export interface PeerConfig {
  /** What we say in this session, in OPEN and AS_PATH: that of the speaker, or one that stands for it (RFC 7705). */
  readonly localAsn: number;
  /** The only AS that the peer may be in; or `internal`, it must be ours, or `external`, it must be another. */
  readonly remoteAsn: number | PeerKind;
  /** Ours, an unsigned 32-bit number other than zero. */
  readonly bgpIdentifier: number;
  /** What we propose: the session's hold time is the smaller of both sides'. Zero, or at least three. */
  readonly holdTimeSeconds: number;
  /** The session's interval is this, or a third of its hold time where that is less or this is zero. */
  readonly keepaliveSeconds: number;
  /** The families that we offer. */
  readonly families: readonly Family[];
  readonly connectMode: ConnectMode;
  /** The delay before the next attempt to connect; it grows with failures in a row and starts anew after a session that lasted. */
  readonly connectRetry: BackoffPolicy;
  /** The same where the connection was there and the session failed (IdleHoldTime, RFC 4271 section 8.1.1); unset: as `connectRetry`. */
  readonly idleHold?: BackoffPolicy;
  /** How many prefixes the peer may have announced at a time; one more ends the session with Cease 6/1. */
  readonly maxPrefixes: number;
  /**
   * Own addresses that serve as next hop of the family that the connection's local address is not of. Without one, that family is
   * negotiated and nothing is announced in it.
   */
  readonly nextHops?: readonly Ip[];
}

/** A TCP connection, implemented by the driver. */
export interface Connection {
  /** `outgoing`: we dialled. */
  readonly direction: 'outgoing' | 'incoming';
  readonly localAddress: Ip;
  readonly remoteAddress: Ip;
  readonly localPort: number;
  readonly remotePort: number;
  /** Takes the octets in any case, and owns them from then on; false: they are not all on their way, wait for {@link Peer.drained}. */
  write(bytes: Uint8Array): boolean;
  /**
   * Sends what was written, then FIN. The driver bounds how long that may take. No event follows. Of a connection that was lost it is called
   * too, and then does nothing.
   */
  close(): void;
}

/** How a peer dials. */
export interface PeerTransport {
  /** Begins a connection attempt; its outcome comes as {@link Peer.connected} or {@link Peer.connectFailed}. */
  dial(): void;
  /** Gives up the attempt under way; no outcome follows. */
  abortDial(): void;
}

/** `code` is the errno's name: ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH, ECONNRESET, EADDRNOTAVAIL … */
export interface ConnectFailure {
  readonly code: string;
  readonly message: string;
}

/** Why an attempt failed or a session ended. */
export type DownReason =
  | { readonly type: 'connectFailed'; readonly failure: ConnectFailure }
  | { readonly type: 'notificationReceived'; readonly notification: Notification; readonly state: State }
  | {
      readonly type: 'notificationSent';
      readonly notification: Notification;
      readonly state: State;
      /** In words, with the numbers that matter. */
      readonly detail: string;
    }
  /** The peer closed; `failure` null: with FIN. */
  | { readonly type: 'connectionClosed'; readonly state: State; readonly failure: ConnectFailure | null }
  /** The interface that the session runs over lost its link, or the session's own address. */
  | { readonly type: 'linkDown'; readonly state: State; readonly detail: string }
  /** The other connection of a collision was kept (RFC 4271 section 6.8). */
  | { readonly type: 'collision' }
  | { readonly type: 'stopped' };

/** A family of a session. */
export interface NegotiatedFamily extends Family {
  /** Ours, in what we announce; null when we have none of this family, and then nothing is announced in it. */
  readonly nextHop: Ip | null;
}

/** What two OPENs agreed on, and over which connection. */
export interface EstablishedSession {
  readonly direction: Connection['direction'];
  readonly localAddress: Ip;
  readonly remoteAddress: Ip;
  readonly localPort: number;
  readonly remotePort: number;
  /** The peer's OPEN. */
  readonly open: Open;
  /** The peer is in our AS. */
  readonly internal: boolean;
  /** Zero: neither hold timer nor KEEPALIVEs. */
  readonly holdTimeSeconds: number;
  readonly keepaliveSeconds: number;
  readonly fourOctetAs: boolean;
  readonly routeRefresh: boolean;
  /** RFC 7313. */
  readonly enhancedRouteRefresh: boolean;
  /** The peer may send messages of up to 65535 octets (RFC 8654). */
  readonly extendedMessages: boolean;
  /** How much of what we can our OPEN offered: less than `all` to a peer that refused it (RFC 5492 section 3). */
  readonly offer: CapabilityOffer;
  readonly families: readonly NegotiatedFamily[];
}

/** Hooks for logs, metrics, events and status. Every method is called synchronously; none may call back into the peer's input. */
export interface PeerObserver {
  /** Of the peer as a whole, which is as far as the most advanced of its connections. */
  stateChanged(from: State, to: State): void;
  established(session: EstablishedSession): void;
  /**
   * Each failed attempt and each end of a session. Of two connections that collided one goes (`collision`) while the other may be up: how
   * the peer is as a whole, {@link stateChanged} and {@link PeerStatus} say.
   */
  down(reason: DownReason): void;
  /** Errors of class treat-as-withdraw have been applied. Loops are not: a receiver that uses routes looks for its own AS. */
  updateReceived(update: Update): void;
  /** After a flush that wrote something. */
  routesSent(summary: RoutesSent): void;
  /** What was wrong with an UPDATE (RFC 7606); with `session-reset` the end of the session follows. */
  updateError?(error: UpdateError): void;
  /** A message that could be decoded; `octets` with its header. */
  messageReceived?(message: Message, octets: number): void;
  /** UPDATEs that carry routes are not among them: {@link routesSent} tells of those, however many, at once. */
  messageSent?(message: OutgoingMessage, octets: number): void;
  /** One of the timers of a connection ran out. */
  timerExpired?(timer: TimerName, direction: Connection['direction']): void;
}

/** Prefixes and UPDATEs (End-of-RIB included) of one flush. */
export interface RoutesSent {
  readonly announced: number;
  readonly withdrawn: number;
  readonly updates: number;
  /** Of the UPDATEs with their headers. */
  readonly octets: number;
}

/** All that a peer needs of the world. */
export interface PeerDependencies {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly transport: PeerTransport;
  readonly observer: PeerObserver;
  /** Shared by the peers of a speaker, which then keep every prefix and every encoding once; without it the peer keeps its own. */
  readonly tables?: RouteTables;
}

/** A snapshot of a peer, for status, metrics and the state dump. */
export interface PeerStatus {
  readonly state: State;
  /** Clock milliseconds of the last change of state. */
  readonly since: number;
  readonly session: EstablishedSession | null;
  /** Collisions excepted. */
  readonly lastDown: { readonly reason: DownReason; readonly at: number } | null;
  /** Clock milliseconds of the next attempt to dial; null while one is under way, a session is up, or the peer has to dial. */
  readonly nextAttemptAt: number | null;
  /** No attempt begins and no connection is taken until {@link Peer.release}. */
  readonly isHeld: boolean;
  /** How often the peer reached Established. */
  readonly establishedCount: number;
  readonly messagesReceived: Readonly<Record<MessageName, number>>;
  readonly messagesSent: Readonly<Record<MessageName, number>>;
  /** What was wrong with the peer's UPDATEs so far. */
  readonly updateErrors: UpdateErrorCounts;
  readonly prefixes: {
    /** What we want the peer to hold. */
    readonly wanted: number;
    /** What it was told. */
    readonly advertised: number;
    /** What it is still to be told, withdrawals included. */
    readonly pending: number;
    /** What it has announced to us. */
    readonly received: number;
  };
}

/** A route that the peer was told. */
export interface AdvertisedRoute {
  readonly prefix: Prefix;
  readonly attributes: RouteAttributes;
}
