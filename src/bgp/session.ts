/**
 * One connection attempt of a peer and what comes of it: an FSM, its timers, and the connection with its framer.
 *
 * It turns octets into events of the FSM and performs the FSM's actions. What concerns the peer as a whole (collisions, routes,
 * status) it hands to {@link SessionHooks}. Every entry point is called by `peer.ts`, one at a time.
 */
import type { Clock } from '../time/clock.ts';
import type { CapabilityOffer } from './capability-fallback.ts';
import { type Action, BgpFsm, type Event, type Failed, type State, type TimerName } from './fsm.ts';
import { localOpen, type Negotiated, negotiate } from './negotiation.ts';
import type { UpdateContext } from './packet/attribute.ts';
import { MAX_EXTENDED_MESSAGE_LENGTH, MessageType } from './packet/constants.ts';
import { Framer } from './packet/framer.ts';
import { decodeMessage, encodeMessage, type Message, type OutgoingMessage } from './packet/message.ts';
import { ProtocolError } from './packet/notification.ts';
import type { Open } from './packet/open.ts';
import type { RouteRefresh } from './packet/route-refresh.ts';
import type { DecodedUpdate } from './packet/update.ts';
import { type UpdateError, UpdateResetError } from './packet/update-error.ts';
import type { Connection, DownReason, EstablishedSession, PeerConfig } from './peer-types.ts';

/** What a session hands to its peer. */
export interface SessionHooks {
  dial(): void;
  abortDial(): void;
  /** An acceptable OPEN came. False: another connection is kept instead of this one. */
  mayProceed(session: Session, open: Open): boolean;
  stateChanged(session: Session, from: State, to: State): void;
  down(session: Session, reason: DownReason): void;
  updateReceived(session: Session, decoded: DecodedUpdate): void;
  /** An UPDATE for which the session is about to be reset. */
  updateResets(error: UpdateError): void;
  refreshReceived(session: Session, refresh: RouteRefresh): void;
  messageReceived(message: Message, octets: number): void;
  messageSent(message: OutgoingMessage, octets: number): void;
  /** A timer ran out. */
  timerExpired(session: Session, timer: TimerName): void;
}

/** What a session needs of its peer. */
export interface SessionDependencies {
  readonly clock: Clock;
  readonly random: () => number;
  readonly retryDelayMs: (failed: Failed) => number;
  /** What the next OPEN offers. */
  readonly offer: () => CapabilityOffer;
  readonly hooks: SessionHooks;
}

/** Until OPENs are exchanged, nothing that needs a context may come. */
const NO_CONTEXT: UpdateContext = { fourOctetAs: false, internal: false, families: [] };

/** An FSM with its timers and its connection. */
export class Session {
  readonly direction: 'outgoing' | 'incoming';
  readonly #config: PeerConfig;
  readonly #deps: SessionDependencies;
  readonly #fsm: BgpFsm;
  readonly #timers = new Map<TimerName, { readonly due: number; readonly cancel: () => void }>();
  #connection: Connection | null = null;
  #framer = new Framer();
  #blocked = false;
  #offer: CapabilityOffer = 'all';
  #agreed: { readonly negotiated: Negotiated; readonly open: Open } | null = null;
  #connectedAt = 0;
  #establishedAt: number | null = null;

  constructor(config: PeerConfig, direction: 'outgoing' | 'incoming', deps: SessionDependencies) {
    this.direction = direction;
    this.#config = config;
    this.#deps = deps;
    this.#fsm = new BgpFsm({
      passive: direction === 'incoming' || config.connectMode === 'passive',
      retryDelayMs: deps.retryDelayMs,
      random: deps.random,
    });
  }

  get state(): State {
    return this.#fsm.state;
  }

  get connection(): Connection | null {
    return this.#connection;
  }

  get connectedAt(): number {
    return this.#connectedAt;
  }

  get establishedAt(): number | null {
    return this.#establishedAt;
  }

  /** What both OPENs agreed on; null before OpenConfirm. */
  get negotiated(): Negotiated | null {
    return this.#agreed?.negotiated ?? null;
  }

  /** The peer's BGP identifier and AS, once its OPEN was accepted. */
  get remoteOpen(): Open | null {
    return this.#agreed?.open ?? null;
  }

  get context(): UpdateContext {
    const negotiated = this.negotiated;
    if (negotiated === null) return NO_CONTEXT;
    return { fourOctetAs: negotiated.fourOctetAs, internal: negotiated.internal, families: negotiated.families };
  }

  /** Whether the peer is in our AS, as far as that is known. */
  get internal(): boolean {
    const { localAsn, remoteAsn } = this.#config;
    return this.negotiated?.internal ?? (remoteAsn === localAsn || remoteAsn === 'internal');
  }

  /** Whether more may be written now. */
  get writable(): boolean {
    return this.#connection !== null && !this.#blocked;
  }

  /** The session in the words of the peer's boundary; null without one. */
  describe(): EstablishedSession | null {
    const connection = this.#connection;
    if (connection === null || this.#agreed === null) return null;
    const { negotiated, open } = this.#agreed;
    const { direction, localAddress, remoteAddress, localPort, remotePort } = connection;
    const own = [localAddress, ...(this.#config.nextHops ?? [])];
    const families = negotiated.families.map((family) => {
      const wanted = family.afi === 1 ? 4 : 6;
      return { ...family, nextHop: own.find((address) => address.family === wanted) ?? null };
    });
    return { direction, localAddress, remoteAddress, localPort, remotePort, open, ...negotiated, families };
  }

  /** The TCP connection of this attempt is up. */
  connected(connection: Connection): void {
    this.#connection = connection;
    this.#framer = new Framer();
    this.#blocked = false;
    this.#connectedAt = this.#deps.clock.now();
    this.handle({ type: 'TcpConnected' });
  }

  drained(): void {
    this.#blocked = false;
    this.stopTimer('SendHold');
  }

  /** Octets of the peer. */
  receive(bytes: Uint8Array): void {
    const connection = this.#connection;
    try {
      for (const message of this.#framer.push(bytes)) {
        this.#message(message);
        if (this.#connection !== connection) return;
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      if (error instanceof UpdateResetError) this.#deps.hooks.updateResets(error.error);
      this.handle({ type: 'MessageError', notification: error.notification, detail: error.message });
    }
  }

  /** Writes octets of whole messages; false when no more should follow until `drained`. */
  write(bytes: Uint8Array): boolean {
    if (this.#connection === null) return false;
    if (!this.#connection.write(bytes) && !this.#blocked) {
      this.#blocked = true;
      this.#startSendHold();
    }
    return !this.#blocked;
  }

  handle(event: Event): void {
    for (const action of this.#fsm.handle(event)) this.#perform(action);
  }

  /** Starts a timer, or starts it anew. */
  startTimer(timer: TimerName, ms: number): void {
    this.stopTimer(timer);
    const cancel = this.#deps.clock.after(ms, () => {
      this.#timers.delete(timer);
      this.#deps.hooks.timerExpired(this, timer);
    });
    this.#timers.set(timer, { due: this.#deps.clock.now() + ms, cancel });
  }

  stopTimer(timer: TimerName): void {
    this.#timers.get(timer)?.cancel();
    this.#timers.delete(timer);
  }

  hasTimer(timer: TimerName): boolean {
    return this.#timers.has(timer);
  }

  /** Clock milliseconds at which the next attempt to dial begins; null where none is waited for. */
  get nextAttemptAt(): number | null {
    const timer = this.state === 'Idle' ? 'IdleHold' : this.state === 'Active' ? 'ConnectRetry' : null;
    return (timer === null ? undefined : this.#timers.get(timer)?.due) ?? null;
  }

  #message(bytes: Uint8Array): void {
    const type = bytes[18];
    // What a state does not expect is the FSM's to answer, whatever is in it.
    const misplaced =
      (type === MessageType.Open && this.state !== 'OpenSent') ||
      ((type === MessageType.Update || type === MessageType.RouteRefresh) && this.state !== 'Established');
    if (misplaced) {
      const event = type === MessageType.Open ? OPEN_AGAIN : type === MessageType.Update ? UPDATE : REFRESH;
      this.handle(event);
      return;
    }
    const message = decodeMessage(bytes, this.context, this.#framer.maximum);
    this.#deps.hooks.messageReceived(message, bytes.length);
    switch (message.type) {
      case 'OPEN':
        this.#open(message.open);
        return;
      case 'UPDATE':
        this.handle(UPDATE);
        this.#deps.hooks.updateReceived(this, message);
        return;
      case 'ROUTE-REFRESH':
        this.handle(REFRESH);
        this.#deps.hooks.refreshReceived(this, message.refresh);
        return;
      case 'NOTIFICATION':
        this.handle({ type: 'NotifMsg', notification: message.notification });
        return;
      case 'KEEPALIVE':
        this.handle({ type: 'KeepAliveMsg' });
        return;
    }
  }

  #open(open: Open): void {
    const agreed = negotiate(this.#config, open, this.#offer);
    if (!agreed.ok) {
      this.handle({ type: 'MessageError', ...agreed.error });
      return;
    }
    if (!this.#deps.hooks.mayProceed(this, open)) {
      this.handle({ type: 'OpenCollisionDump' });
      return;
    }
    this.#agreed = { negotiated: agreed.value, open };
    if (agreed.value.extendedMessages) this.#framer.maximum = MAX_EXTENDED_MESSAGE_LENGTH;
    const { holdTimeSeconds, keepaliveSeconds } = agreed.value;
    this.handle({ type: 'BgpOpen', holdTimeSeconds, keepaliveSeconds });
  }

  #perform(action: Action): void {
    const { hooks } = this.#deps;
    switch (action.type) {
      case 'connect':
        hooks.dial();
        return;
      case 'abortConnect':
        hooks.abortDial();
        return;
      case 'disconnect':
        this.#connection?.close();
        this.#connection = null;
        this.#agreed = null;
        this.#establishedAt = null;
        return;
      case 'send':
        if (action.message === 'OPEN') this.#sendOpen();
        // In a session, a KEEPALIVE behind a full buffer says nothing that the octets before it do not say, and would pile up.
        else if (!this.#blocked || this.state !== 'Established') this.send({ type: 'KEEPALIVE' });
        return;
      case 'notify':
        this.send({ type: 'NOTIFICATION', notification: action.notification });
        return;
      case 'startTimer':
        this.startTimer(action.timer, action.ms);
        return;
      case 'stopTimer':
        this.stopTimer(action.timer);
        return;
      case 'down':
        hooks.down(this, action.reason);
        return;
      case 'stateChanged':
        if (action.to === 'Established') {
          this.#establishedAt = this.#deps.clock.now();
          if (this.#blocked) this.#startSendHold();
        }
        hooks.stateChanged(this, action.from, action.to);
        return;
    }
  }

  #sendOpen(): void {
    this.#offer = this.#deps.offer();
    this.send({ type: 'OPEN', open: localOpen(this.#config, this.#offer) });
  }

  /** RFC 9687: the timer runs while the peer takes nothing. Where nothing is on its way, nothing was refused either. */
  #startSendHold(): void {
    const ms = this.#fsm.sendHoldMs;
    if (this.state === 'Established' && ms > 0) this.startTimer('SendHold', ms);
  }

  /** Writes a message behind what was written before. */
  send(message: OutgoingMessage): void {
    const bytes = encodeMessage(message, this.context);
    this.write(bytes);
    this.#deps.hooks.messageSent(message, bytes.length);
  }
}

const OPEN_AGAIN: Event = { type: 'BgpOpen', holdTimeSeconds: 0, keepaliveSeconds: 0 };
const UPDATE: Event = { type: 'UpdateMsg' };
const REFRESH: Event = { type: 'RouteRefreshMsg' };
