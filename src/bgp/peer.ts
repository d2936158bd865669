/**
 * One BGP peer: what it should hold, and the sessions that tell it.
 *
 *   driver -> Peer -> Session (dials) \
 *                  -> Session (accepted, 0 to 4) -> FSM, framer -> actions -> Connection
 *                  -> AdjRibOut -> RouteSender -> UPDATEs over the session that is Established
 *
 * Here is what concerns the peer as a whole: which of two connections lives (RFC 4271 section 6.8), when to dial again, the limit on what it may
 * announce (RFC 4486), refresh (RFC 2918, RFC 7313), status. Received routes are handed to the observer and not kept; only their number is bounded.
 *
 * Not here: graceful restart, minimum route advertisement interval.
 */
import type { Prefix } from '../net/prefix.ts';
import { AcceptHold } from './accept-hold.ts';
import { AdjRibOut } from './adj-rib-out.ts';
import { CapabilityFallback, type CapabilityOffer } from './capability-fallback.ts';
import { resolveCollision } from './collision.ts';
import { Damping } from './damping.ts';
import { type Failed, STATES, type State, type TimerName } from './fsm.ts';
import { CeaseSubcode, ErrorCode, sameFamily } from './packet/constants.ts';
import type { MessageName } from './packet/message.ts';
import { cease, type Notification } from './packet/notification.ts';
import type { Open } from './packet/open.ts';
import { RefreshSubtype, type RouteRefresh } from './packet/route-refresh.ts';
import type { DecodedUpdate } from './packet/update.ts';
import type { UpdateError } from './packet/update-error.ts';
import { actOn } from './packet/update-routes.ts';
import { fitsIntoUpdate } from './path-attributes.ts';
import type {
  AdvertisedRoute,
  ConnectFailure,
  Connection,
  DownReason,
  EstablishedSession,
  PeerConfig,
  PeerDependencies,
  PeerStatus,
} from './peer-types.ts';
import { maximumPrefixesReached, PrefixLimit } from './prefix-limit.ts';
import type { RouteAttributes } from './route.ts';
import { RouteSender } from './route-sender.ts';
import { RouteTables } from './route-tables.ts';
import { Serial } from './serial.ts';
import { Session, type SessionHooks } from './session.ts';
import { UpdateErrorCounter } from './update-error-counts.ts';

export type * from './peer-types.ts';

/** More connections at a time from one peer are refused: it has no use for them. */
const MAX_INCOMING = 4;

const noMessages = (): Record<MessageName, number> => ({
  OPEN: 0,
  UPDATE: 0,
  NOTIFICATION: 0,
  KEEPALIVE: 0,
  'ROUTE-REFRESH': 0,
});

/** The session that is up, and what belongs to it alone. */
interface Up {
  readonly session: Session;
  readonly description: EstablishedSession;
  readonly sender: RouteSender;
  readonly received: PrefixLimit;
}

/** A configured neighbour. Inputs come from a driver, outputs go through {@link PeerDependencies}; nothing that the neighbour sends makes it throw. */
export class Peer {
  readonly #config: PeerConfig;
  readonly #deps: PeerDependencies;
  readonly #damping: Damping;
  readonly #acceptHold: AcceptHold;
  readonly #fallback: CapabilityFallback;
  readonly #tables: RouteTables;
  readonly #rib: AdjRibOut;
  readonly #outgoing: Session;
  #incoming: Session[] = [];
  #started = false;
  #isHeld = false;
  #state: State = 'Idle';
  #since: number;
  #up: Up | null = null;
  #lastDown: PeerStatus['lastDown'] = null;
  #establishedCount = 0;
  readonly #updateErrors = new UpdateErrorCounter();
  readonly #messagesReceived = noMessages();
  readonly #messagesSent = noMessages();
  /** What observers and transports cause while an input is worked on has its turn afterwards. */
  readonly #inputs = new Serial();

  constructor(config: PeerConfig, deps: PeerDependencies) {
    this.#config = config;
    this.#deps = deps;
    this.#tables = deps.tables ?? new RouteTables();
    this.#rib = new AdjRibOut(this.#tables);
    const policies = { connection: config.connectRetry, session: config.idleHold ?? config.connectRetry };
    this.#damping = new Damping(policies, deps.random);
    this.#acceptHold = new AcceptHold(policies, deps.random);
    this.#fallback = new CapabilityFallback(config.families);
    this.#since = deps.clock.now();
    this.#outgoing = this.#newSession('outgoing');
  }

  /** Begins to dial, or to wait where the peer is passive. */
  start(): void {
    this.#inputs.run(() => {
      if (this.#started) return;
      this.#started = true;
      this.#damping.reset();
      this.#acceptHold.reset();
      this.#fallback.reset();
      if (!this.#isHeld) this.#outgoing.handle({ type: 'ManualStart' });
    });
  }

  /** Until {@link release} no attempt begins and no connection is taken. What is under way or up stays. */
  hold(): void {
    this.#isHeld = true;
  }

  /** An attempt may begin: at once, or after the pause that is under way. */
  release(): void {
    this.#inputs.run(() => {
      this.#isHeld = false;
      const idle = this.#outgoing.state === 'Idle' && !this.#outgoing.hasTimer('IdleHold');
      if (this.#started && idle && this.#incoming.length === 0) this.#outgoing.handle({ type: 'ManualStart' });
    });
  }

  /**
   * Ends every session with a Cease and stays Idle until {@link start}.
   *
   * @param reason - by default Administrative Shutdown.
   */
  stop(reason: Notification = cease(CeaseSubcode.AdministrativeShutdown)): void {
    this.#inputs.run(() => {
      this.#started = false;
      for (const session of this.#sessions()) session.handle({ type: 'ManualStop', notification: reason });
    });
  }

  /** The attempt that {@link PeerTransport.dial} began has succeeded. */
  connected(connection: Connection): void {
    this.#inputs.run(() => {
      if (this.#outgoing.state === 'Connect') this.#outgoing.connected(connection);
      else connection.close(); // it came after the attempt was given up
    });
  }

  connectFailed(failure: ConnectFailure): void {
    this.#inputs.run(() => {
      if (this.#outgoing.state === 'Connect') this.#outgoing.handle({ type: 'TcpConnectionFails', failure });
    });
  }

  /** A connection came in from the peer's address. It is taken whatever the state, if the peer is started and may connect. */
  accept(connection: Connection): void {
    this.#inputs.run(() => {
      const held = this.#acceptHold.holds(this.#deps.clock.now());
      const unwanted = !this.#started || this.#isHeld || this.#config.connectMode === 'active' || held;
      if (unwanted || this.#incoming.length >= MAX_INCOMING) {
        connection.close();
        return;
      }
      const session = this.#newSession('incoming');
      this.#incoming.push(session);
      session.handle({ type: 'ManualStart' });
      session.connected(connection);
    });
  }

  /** @param bytes - the caller's again as soon as this returns. */
  receive(connection: Connection, bytes: Uint8Array): void {
    const own = this.#inputs.running ? bytes.slice() : bytes;
    this.#inputs.run(() => this.#sessionOf(connection)?.receive(own));
  }

  /** @param error - null when the peer closed in order (FIN). */
  connectionLost(connection: Connection, error: ConnectFailure | null): void {
    this.#inputs.run(() => this.#sessionOf(connection)?.handle({ type: 'TcpConnectionFails', failure: error }));
  }

  /**
   * The link under a connection is gone, or our address of it. An external session ends at once instead of after its hold time; an internal one
   * may well find another way, and goes on.
   */
  linkLost(connection: Connection, detail: string): void {
    this.#inputs.run(() => {
      const session = this.#sessionOf(connection);
      if (session !== undefined && !session.internal) session.handle({ type: 'LinkDown', detail });
    });
  }

  /**
   * BFD says that nothing gets to the peer or back: every session with it ends at once, with a Cease for a peer that hears it all the same
   * (RFC 5882 section 10.2, RFC 9384). What follows are attempts with their pauses, which grow where this happens again and again (RFC 5882
   * section 3.1).
   */
  bfdDown(detail: string): void {
    this.#inputs.run(() => {
      for (const session of this.#sessions())
        if (session.connection !== null)
          session.handle({ type: 'AutomaticStop', notification: cease(CeaseSubcode.BfdDown), detail });
    });
  }

  /** There is reason to think that an attempt would succeed now: a pause before the next one is cut short, and one under way begun anew. */
  retryNow(): void {
    this.#inputs.run(() => {
      const session = this.#outgoing;
      const timer = session.state === 'Idle' ? 'IdleHold' : 'ConnectRetry';
      if (!session.hasTimer(timer)) return;
      session.stopTimer(timer);
      this.#timerExpired(session, timer);
    });
  }

  /** The connection takes octets again. */
  drained(connection: Connection): void {
    this.#inputs.run(() => {
      const session = this.#sessionOf(connection);
      session?.drained();
      if (session === this.#up?.session) this.#send();
    });
  }

  /**
   * The peer should hold this prefix with these attributes; sent by {@link flush}.
   *
   * @returns false when the attributes do not fit into any UPDATE: the prefix then counts as withdrawn.
   */
  announce(prefix: Prefix, attributes: RouteAttributes): boolean {
    const fits = fitsIntoUpdate(attributes);
    if (fits) this.#rib.announce(prefix, attributes);
    else this.#rib.withdraw(prefix);
    return fits;
  }

  withdraw(prefix: Prefix): void {
    this.#rib.withdraw(prefix);
  }

  /** The peer should hold exactly these routes; {@link flush} sends the differences alone. */
  replace(routes: Iterable<readonly [Prefix, RouteAttributes]>): void {
    this.#rib.replace(fitting(routes));
  }

  /** Sends what changed, if a session is up; else it will be sent when one is. */
  flush(): void {
    this.#inputs.run(() => this.#send());
  }

  get status(): PeerStatus {
    const up = this.#up;
    return {
      state: this.#state,
      since: this.#since,
      session: up?.description ?? null,
      lastDown: this.#lastDown,
      nextAttemptAt:
        this.#started && !this.#isHeld && this.#incoming.length === 0 ? this.#outgoing.nextAttemptAt : null,
      isHeld: this.#isHeld,
      establishedCount: this.#establishedCount,
      messagesReceived: { ...this.#messagesReceived },
      messagesSent: { ...this.#messagesSent },
      updateErrors: this.#updateErrors.counts,
      prefixes: {
        wanted: this.#rib.wanted,
        advertised: this.#rib.advertised,
        pending: up === null ? this.#rib.wanted : up.sender.pending(this.#rib),
        received: up?.received.size ?? 0,
      },
    };
  }

  /** Gives back what the peer shares with others. It is stopped, and not started again. */
  dispose(): void {
    this.#inputs.run(() => this.#rib.clear());
  }

  /** What the peer was told and holds. */
  adjRibOut(): Iterable<AdvertisedRoute> {
    return this.#rib.routes();
  }

  #sessions(): Session[] {
    return [this.#outgoing, ...this.#incoming];
  }

  #sessionOf(connection: Connection): Session | undefined {
    return this.#sessions().find((s) => s.connection === connection);
  }

  #newSession(direction: 'outgoing' | 'incoming'): Session {
    const { clock, random } = this.#deps;
    // Only the dialling FSM waits to try again, so only it counts failures here; an incoming session's are counted when it ends.
    const retryDelayMs = (failed: Failed): number => this.#damping.failed(clock.now(), failed);
    const offer = (): CapabilityOffer => this.#fallback.offer;
    return new Session(this.#config, direction, { clock, random, retryDelayMs, offer, hooks: this.#hooks });
  }

  readonly #hooks: SessionHooks = {
    dial: () => this.#deps.transport.dial(),
    abortDial: () => this.#deps.transport.abortDial(),
    mayProceed: (session, open) => this.#mayProceed(session, open),
    stateChanged: (session, from, to) => this.#stateChanged(session, from, to),
    down: (session, reason) => this.#down(this.#isLostCollision(session, reason) ? { type: 'collision' } : reason),
    updateReceived: (session, decoded) => this.#updateReceived(session, decoded),
    updateResets: (error) => this.#updateError(error),
    refreshReceived: (session, refresh) => this.#refreshReceived(session, refresh),
    messageReceived: (message, octets) => {
      this.#messagesReceived[message.type]++;
      this.#deps.observer.messageReceived?.(message, octets);
    },
    messageSent: (message, octets) => {
      this.#messagesSent[message.type]++;
      this.#deps.observer.messageSent?.(message, octets);
    },
    timerExpired: (session, timer) =>
      this.#inputs.run(() => {
        this.#deps.observer.timerExpired?.(timer, session.direction);
        this.#timerExpired(session, timer);
      }),
  };

  #timerExpired(session: Session, timer: TimerName): void {
    const dials = session === this.#outgoing && (timer === 'ConnectRetry' || timer === 'IdleHold');
    if (dials && (this.#isHeld || this.#incoming.some((s) => s.state === 'Established'))) {
      session.handle({ type: 'OpenCollisionDump' }); // rests until it is released, or that session ends
      return;
    }
    if (dials && this.#incoming.some((s) => s.state === 'OpenConfirm')) {
      // Dialling now would only make a collision. Look again later.
      session.startTimer(timer, this.#config.connectRetry.initialMs);
      return;
    }
    session.handle({ type: 'TimerExpires', timer });
  }

  #mayProceed(session: Session, open: Open): boolean {
    const local = { bgpIdentifier: this.#config.bgpIdentifier, asn: this.#config.localAsn };
    for (const other of this.#sessions()) {
      if (other === session) continue;
      const verdict = resolveCollision(local, open, other, session);
      if (verdict === 'close-newer') return false;
      if (verdict === 'close-existing') other.handle({ type: 'OpenCollisionDump' });
    }
    return true;
  }

  #stateChanged(session: Session, from: State, to: State): void {
    if (from === 'Established') this.#endSession(session);
    if (to === 'Idle') this.#incoming = this.#incoming.filter((s) => s !== session);
    if (to === 'Established') this.#beginSession(session);
    this.#announceState();
    if (to === 'Established') {
      const up = this.#up;
      if (up !== null) this.#deps.observer.established(up.description);
      this.#send();
    }
    if (to === 'Idle') this.#resume();
  }

  #beginSession(session: Session): void {
    // The peer has chosen this connection, so any other that got as far is the loser; an attempt to dial is pointless now.
    for (const other of this.#sessions()) {
      if (other !== session && other.state !== 'OpenSent' && other.state !== 'Idle') {
        other.handle({ type: 'OpenCollisionDump' });
      }
    }
    const description = session.describe();
    if (description === null) return;
    const context = { ...session.context, localAsn: this.#config.localAsn };
    const sender = new RouteSender(session, description, context, this.#tables);
    this.#up = { session, description, sender, received: new PrefixLimit(this.#config.maxPrefixes) };
    this.#establishedCount++;
    this.#damping.established(this.#deps.clock.now());
    this.#acceptHold.established(this.#deps.clock.now());
  }

  #endSession(session: Session): void {
    if (this.#up?.session !== session) return;
    this.#up = null;
    this.#rib.reset();
  }

  /** The dialling FSM rests while another connection is up; when nothing is left of that one, it goes on after IdleHold. */
  #resume(): void {
    const idle = this.#outgoing.state === 'Idle' && !this.#outgoing.hasTimer('IdleHold');
    if (!this.#started || !idle || this.#incoming.length > 0) return;
    if (this.#isHeld) return;
    if (this.#config.connectMode === 'passive') this.#outgoing.handle({ type: 'ManualStart' });
    else this.#outgoing.startTimer('IdleHold', this.#damping.failed(this.#deps.clock.now(), 'session'));
  }

  #announceState(): void {
    const to = this.#sessions()
      .map((s) => s.state)
      .reduce((a, b) => (STATES.indexOf(b) > STATES.indexOf(a) ? b : a));
    const from = this.#state;
    if (to === from) return;
    this.#state = to;
    this.#since = this.#deps.clock.now();
    this.#deps.observer.stateChanged(from, to);
  }

  /** The peer's half of section 6.8: it gives up this connection for another that we have with it. */
  #isLostCollision(session: Session, reason: DownReason): boolean {
    if (reason.type !== 'notificationReceived' || reason.notification.code !== ErrorCode.Cease) return false;
    const other = this.#sessions().some((s) => s !== session && s.connection !== null);
    return other && reason.notification.subcode === CeaseSubcode.ConnectionCollision;
  }

  #down(reason: DownReason): void {
    if (reason.type === 'notificationReceived') this.#fallback.refused(reason.notification);
    this.#acceptHold.ended(reason, this.#deps.clock.now());
    // That one of two connections went explains nothing of a peer that is not up.
    if (reason.type !== 'collision') this.#lastDown = { reason, at: this.#deps.clock.now() };
    this.#deps.observer.down(reason);
  }

  #send(): void {
    if (this.#up === null) return;
    const sent = this.#up.sender.flush(this.#rib);
    if (sent.updates === 0) return;
    this.#messagesSent.UPDATE += sent.updates;
    this.#deps.observer.routesSent(sent);
  }

  #updateReceived(session: Session, decoded: DecodedUpdate): void {
    const up = this.#up;
    if (up?.session !== session) return;
    for (const error of decoded.errors) this.#updateError(error);
    const update = actOn(decoded);
    const exceeded = up.received.count(update);
    if (exceeded !== null) {
      const limit = this.#config.maxPrefixes;
      const detail = `the peer announced more than ${limit} prefixes`;
      session.handle({ type: 'AutomaticStop', notification: maximumPrefixesReached(exceeded, limit), detail });
      return;
    }
    this.#deps.observer.updateReceived(update);
  }

  #updateError(error: UpdateError): void {
    this.#updateErrors.count(error);
    this.#deps.observer.updateError?.(error);
  }

  #refreshReceived(session: Session, refresh: RouteRefresh): void {
    const up = this.#up;
    if (up?.session !== session || refresh.subtype !== RefreshSubtype.Request) return;
    if (!up.description.families.some((f) => sameFamily(f, refresh.family))) return;
    up.sender.refresh(refresh.family);
    this.#send();
  }
}

function* fitting(routes: Iterable<readonly [Prefix, RouteAttributes]>): Generator<readonly [Prefix, RouteAttributes]> {
  for (const route of routes) if (fitsIntoUpdate(route[1])) yield route;
}
