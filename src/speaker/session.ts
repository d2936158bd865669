/**
 * One BGP session of this node: what the plan wants of it, the engine that carries it out, and its words in the log.
 *
 * What a session is on the wire (addresses, AS numbers, timers) is fixed for its life: another wish is another session. Its key can change, which
 * costs one reset that says so; the name of its peer can, which costs nothing. What it announces changes freely, and only differences are sent.
 */

import type { Route } from '../announce/bgp.ts';
import type { Session } from '../announce/sessions.ts';
import type { State } from '../bgp/fsm.ts';
import { CeaseSubcode } from '../bgp/packet/constants.ts';
import { cease } from '../bgp/packet/notification.ts';
import { fitsIntoUpdate } from '../bgp/path-attributes.ts';
import type { Peer as BgpPeer } from '../bgp/peer.ts';
import type { DownReason, EstablishedSession, PeerObserver } from '../bgp/peer-types.ts';
import { type PrefixKey, prefixKey } from '../bgp/prefix-key.ts';
import type { RouteTables } from '../bgp/route-tables.ts';
import type { Node } from '../cluster/node.ts';
import type { Peer } from '../config/peer.ts';
import { BgpDriver } from '../io/bgp-driver.ts';
import type { BgpListeners } from '../io/bgp-listeners.ts';
import { countedSince, type TcpCounters } from '../io/linux/tcp-counters.ts';
import type { Logger } from '../io/logger.ts';
import { formatIp } from '../net/ip.ts';
import { type ExpectedFailover, expectedFailover } from '../plan/failover.ts';
import type { SessionRoutes } from '../plan/world/node-routes.ts';

import { type BfdSurroundings, type BfdView, SessionBfd } from './bfd/session-bfd.ts';
import { FlightRecorder } from './flight-recorder.ts';
import { causeBeforeFailure, causeOf, type SessionCause, type SessionFacts } from './session-cause.ts';
import {
  describeAuthentication,
  factsOf,
  fingerprint,
  identityOf,
  keyOf,
  type SessionIdentity,
  sameKey,
} from './session-identity.ts';
import type { TransportMap } from './transport-map.ts';
import { UpdateErrorLog } from './update-error-log.ts';

/** OPENs are exchanged in two round trips; who takes longer than this waits for something that does not come. */
const STUCK_MS = 5_000;

/** What all sessions of a speaker share. */
export interface SessionEnvironment extends BfdSurroundings {
  readonly random: () => number;
  readonly log: Logger;
  readonly listeners: BgpListeners | null;
  /** What their routes have in common is kept once. */
  readonly tables: RouteTables;
  readonly transportMap: TransportMap;
  /** What the kernel has dropped so far; null where it cannot tell. */
  readonly tcpCounters: () => TcpCounters | null;
  readonly onNews: (session: SpeakerSession, news: SessionNews) => void;
}

/** What has become of a session, for who tells others of it. */
export type SessionNews =
  | { readonly type: 'state'; readonly from: State; readonly to: State }
  | { readonly type: 'up'; readonly holdTimeSeconds: number; readonly keepaliveSeconds: number }
  /** It was up, and is no more. */
  | { readonly type: 'down'; readonly cause: SessionCause }
  /** It is not up, for another cause than was last said. */
  | { readonly type: 'failed'; readonly cause: SessionCause }
  /** Its BFD is in another state, or has another cause. */
  | { readonly type: 'bfd' }
  | { readonly type: 'routesSent' };

export class SpeakerSession {
  readonly recorder: FlightRecorder;
  #updateErrors: UpdateErrorLog;
  readonly #environment: SessionEnvironment;
  #identity: SessionIdentity;
  #facts: SessionFacts;
  readonly #driver: BgpDriver;
  readonly #bfd: SessionBfd;
  #log: Logger;
  /** Of the last failure, until the session is up again. */
  #failure: SessionCause | null = null;
  /** Wanted prefixes whose attributes fit into no UPDATE. */
  #tooLarge = new Set<PrefixKey>();
  /** How many that were when it was last said. */
  #tooLargeSaid = 0;
  /** What ended the session when it was last up. */
  #lastReset: SessionCause | null = null;
  #hasBegun = false;
  /** The kernel's counters when the session was last heard of, or began. */
  #countersBefore: TcpCounters | null;

  constructor(wanted: Session, node: Node, environment: SessionEnvironment) {
    const identity = identityOf(wanted, node, environment);
    const { peer } = wanted;
    this.#environment = environment;
    this.#identity = identity;
    this.#facts = factsOf(identity);
    this.#log = this.#logger();
    this.recorder = new FlightRecorder(environment.clock);
    this.#updateErrors = new UpdateErrorLog(this.#log, environment.clock);
    this.#countersBefore = environment.tcpCounters();
    this.#driver = new BgpDriver({
      endpoint: identity.endpoint,
      md5Key: keyOf(peer),
      ttlSecurityHops: peer.ttlSecurityHops,
      links: identity.followsLink ? environment.links : null,
      config: identity.config,
      observer: this.#observer(),
      clock: environment.clock,
      random: environment.random,
      listeners: environment.listeners,
      tables: environment.tables,
    });
    const { remote, dial, source } = identity.endpoint;
    this.#bfd = new SessionBfd(
      {
        peerAddress: formatIp(remote.ip),
        remote: dial.ip,
        source,
        ebgpMultiHop: peer.ebgpMultiHop,
        isStandIn: identity.isStandIn,
      },
      environment,
      {
        log: () => this.#log,
        failed: (detail) => {
          this.recorder.decided('BFD is down');
          this.engine.bfdDown(detail);
        },
        recovered: () => this.engine.retryNow(),
        changed: () => {
          this.#holdForBfd();
          this.#tell({ type: 'bfd' });
        },
      },
    );
    this.#bfd.configure(wanted.bfd, peer.strictBFD);
    this.#holdForBfd();
  }

  /** The peer as it is configured now. */
  get peer(): Peer {
    return this.#identity.peer;
  }

  get engine(): BgpPeer {
    return this.#driver.peer;
  }

  /** Why the session is not up; null while it is. */
  get cause(): SessionCause | null {
    const { status } = this.engine;
    if (status.state === 'Established') return null;
    if (status.isHeld && status.state === 'Idle') return this.#bfdCause();
    const connected = status.state === 'OpenSent' || status.state === 'OpenConfirm';
    const stuck = connected && this.#environment.clock.now() - status.since > STUCK_MS;
    // An attempt that got further than the last and is stuck there has a cause of its own.
    if (this.#failure !== null && !stuck) return this.#failure;
    return causeBeforeFailure(status, this.#facts, this.#counted());
  }

  /** What ended the session when it was last up; null where it never was, or was ended on purpose. */
  get lastReset(): SessionCause | null {
    return this.#lastReset;
  }

  /** Null: without BFD. */
  get bfd(): BfdView | null {
    return this.#bfd.view;
  }

  /** How soon the router stops sending to this node when it dies; null while the session is not up. */
  get expectedFailover(): ExpectedFailover | null {
    const { session } = this.engine.status;
    if (session === null) return null;
    const bfd = this.bfd;
    // The router waits so many of our intervals as we say (RFC 5880 section 6.8.4).
    const theirs = bfd?.state === 'Up' ? bfd.status : null;
    return expectedFailover({
      bfdDetectionMs:
        theirs === null || theirs.transmitIntervalMs === null ? null : theirs.detectMult * theirs.transmitIntervalMs,
      holdTimeSeconds: session.holdTimeSeconds,
      // We offer no graceful restart, so no router keeps our routes (RFC 4724 section 4.2).
      restartTimeSeconds: null,
    });
  }

  get established(): boolean {
    return this.engine.status.state === 'Established';
  }

  /**
   * Goes on as what is wanted now, if it can: with another name without a word on the wire, with another key after one reset. If it cannot, nothing
   * has happened, and it must be stopped and made anew.
   */
  adopt(wanted: Session, node: Node): boolean {
    const before = this.#identity;
    const next = identityOf(wanted, node, this.#environment);
    if (fingerprint(next) !== fingerprint(before)) return false;
    // To re-key is to begin anew: a session that is not to begin yet is made anew instead.
    const isRekeyed = !sameKey(next.peer, before.peer);
    if (isRekeyed && !this.#hasBegun) return false;
    this.#identity = next;
    this.#facts = factsOf(next);
    this.#bfd.configure(wanted.bfd, next.peer.strictBFD);
    this.#holdForBfd();
    if (next.peer.name !== before.peer.name) {
      this.#log = this.#logger();
      this.#updateErrors = new UpdateErrorLog(this.#log, this.#environment.clock);
    }
    if (isRekeyed) this.#rekey();
    return true;
  }

  /** `strictBFD`: attempts wait until BFD is Up. A session that is up is ended by BFD alone that goes down. */
  #holdForBfd(): void {
    const bfd = this.bfd;
    if (this.peer.strictBFD && bfd !== null && bfd.state !== 'Up') this.engine.hold();
    else if (this.engine.status.isHeld) this.engine.release();
  }

  #bfdCause(): SessionCause {
    const why = this.bfd?.cause;
    return {
      cause: 'bfdNotUp',
      message: `strictBFD waits for BFD, which is not Up: ${why?.message ?? 'its state is not known yet'}`,
      help: why?.help ?? 'look again in a few seconds',
      evidence: null,
    };
  }

  #rekey(): void {
    this.recorder.decided('re-key');
    // What failed, and what the kernel dropped, was with the key before.
    this.#failure = null;
    this.#countersBefore = this.#environment.tcpCounters();
    this.#log.info(
      { event: 'sessionRekeyed', authentication: describeAuthentication(this.peer) },
      'BGP session reset: its MD5 key has changed',
    );
    this.#driver.rekey(keyOf(this.peer), cease(CeaseSubcode.AdministrativeReset, 'TCP MD5 key changed'));
  }

  #logger(): Logger {
    return this.#environment.log.child({ peer: this.peer.name, peerAddress: this.#facts.peerAddress });
  }

  start(): void {
    this.#hasBegun = true;
    this.recorder.decided('start');
    this.#log.info(
      { event: 'sessionStarting', authentication: describeAuthentication(this.peer), state: 'Idle' },
      'BGP session starting',
    );
    this.#bfd.start();
    this.#driver.start();
  }

  /** Makes the peer hold exactly these routes; nothing is sent where nothing changed. */
  announce(routes: readonly Route[]): void {
    this.engine.replace(routes.map(({ prefix, attributes }) => [prefix, attributes] as const));
    this.engine.flush();
    this.#tooLarge = new Set(
      routes.flatMap(({ prefix, attributes }) => (fitsIntoUpdate(attributes) ? [] : prefixKey(prefix))),
    );
    this.#sayTooLarge();
  }

  /** Changes what the peer holds in these routes alone. */
  change({ announce, withdraw }: Pick<SessionRoutes, 'announce' | 'withdraw'>): void {
    for (const prefix of withdraw) {
      this.engine.withdraw(prefix);
      this.#tooLarge.delete(prefixKey(prefix));
    }
    for (const { prefix, attributes } of announce)
      if (this.engine.announce(prefix, attributes)) this.#tooLarge.delete(prefixKey(prefix));
      else this.#tooLarge.add(prefixKey(prefix));
    this.engine.flush();
    this.#sayTooLarge();
  }

  /** Attributes that fit into no UPDATE of 4096 octets (some 900 communities) leave a route out: never in silence. */
  #sayTooLarge(): void {
    const routes = this.#tooLarge.size;
    if (routes > 0 && routes !== this.#tooLargeSaid)
      this.#log.error(
        { event: 'routesTooLarge', routes, help: 'give the advertisements of these routes fewer communities' },
        'routes are not announced: their attributes fit into no UPDATE',
      );
    this.#tooLargeSaid = routes;
  }

  /** Ends the session with a Cease; resolves when the connection is gone. */
  async stop(why: 'shutdown' | 'deconfigured' | 'changed'): Promise<void> {
    const notification = {
      shutdown: () => cease(CeaseSubcode.AdministrativeShutdown, 'speaker shutting down'),
      deconfigured: () => cease(CeaseSubcode.PeerDeconfigured),
      changed: () => cease(CeaseSubcode.OtherConfigurationChange),
    }[why]();
    this.recorder.decided(`stop: ${why}`);
    this.#log.info({ event: 'sessionStopping', reason: why }, 'BGP session ends');
    // AdminDown says that this is no failure of the path (RFC 5882 section 3.2).
    this.#bfd.stop();
    await this.#driver.stop(notification);
  }

  #observer(): PeerObserver {
    return {
      stateChanged: (from, to) => {
        this.recorder.stateChanged(from, to);
        this.#log.debug({ event: 'sessionState', from, state: to }, 'BGP session state');
        this.#tell({ type: 'state', from, to });
      },
      established: (session) => this.#onEstablished(session),
      down: (reason) => this.#onDown(reason),
      updateReceived: () => {
        // Nothing is imported: what a router announces to us is counted by the engine and dropped (RFC 8212, RFC 7454).
      },
      routesSent: (sent) => {
        this.recorder.routesSent(sent);
        this.#log.debug({ event: 'routesSent', ...sent }, 'BGP routes sent');
        this.#tell({ type: 'routesSent' });
      },
      updateError: (error) => {
        this.recorder.updateError(error);
        this.#updateErrors.write(error);
      },
      messageReceived: (message, octets) => {
        this.recorder.message('received', message, octets);
        // The peer is heard of: what the kernel has dropped until now does not explain a silence later.
        if (message.type === 'KEEPALIVE') this.#countersBefore = this.#environment.tcpCounters();
      },
      messageSent: (message, octets) => this.recorder.message('sent', message, octets),
      timerExpired: (timer, direction) => this.recorder.timerExpired(timer, direction),
    };
  }

  #tell(news: SessionNews): void {
    this.#environment.onNews(this, news);
  }

  #onEstablished(session: EstablishedSession): void {
    const { holdTimeSeconds, keepaliveSeconds } = session;
    this.#failure = null;
    // Before OPENs are exchanged, a connection may come from anybody.
    this.#bfd.established(this.#identity.endpoint.source === null ? session.localAddress : null);
    this.#log.info(
      {
        event: 'sessionUp',
        state: 'Established',
        localAddress: formatIp(session.localAddress),
        holdTimeSeconds,
        keepaliveSeconds,
      },
      'BGP session established',
    );
    this.#tell({ type: 'up', holdTimeSeconds, keepaliveSeconds });
  }

  #onDown(reason: DownReason): void {
    const { state } = this.engine.status;
    const cause = causeOf(reason, this.#facts, this.#counted());
    this.recorder.down(reason, cause);
    const wasUp = 'state' in reason && reason.state === 'Established';
    if (wasUp) this.#lastReset = cause;
    // What becomes of another connection is no failure of a session that is up.
    if (cause === null || (state === 'Established' && !wasUp)) return;
    // Each attempt fails in the same way: said once, and again only when it changes. The summary keeps it in sight.
    const news = cause.cause !== this.#failure?.cause || cause.message !== this.#failure.message;
    this.#failure = cause;
    if (news)
      this.#log.error(
        {
          event: 'sessionError',
          state,
          cause: cause.cause,
          error: cause.message,
          help: cause.help,
          ...(cause.evidence === null ? {} : { evidence: cause.evidence }),
        },
        'BGP session error',
      );
    if (wasUp) this.#tell({ type: 'down', cause });
    else if (news) this.#tell({ type: 'failed', cause });
  }

  /** What the kernel has dropped since the session was last in order. */
  #counted(): TcpCounters | null {
    const now = this.#environment.tcpCounters();
    return now === null || this.#countersBefore === null ? null : countedSince(this.#countersBefore, now);
  }
}
