/**
 * One BFD session, sans I/O (RFC 5880 section 6): packets, time and administration in; packets and changes of state out.
 *
 * Asynchronous mode. Demand mode is never asked for, and what the neighbor asks for is done (section 6.6). The parts: what a received state does
 * (`state.ts`), the arithmetic (`timing.ts`), the Poll Sequence (`negotiation.ts`), authentication, and Echo. Which session a packet belongs to,
 * and whether it came by the right path, is `session-table.ts`' to say.
 *
 * Not here: concatenated paths (section 6.8.17), and Demand mode of our own.
 */
import { ByteWriter } from '../wire/writer.ts';
import { AnswerLimit } from './answer-limit.ts';
import { Authentication } from './authentication.ts';
import { Deadline } from './deadline.ts';
import { DropCounts } from './drop-counts.ts';
import type { DropReason } from './drop-reason.ts';
import { EchoFunction, type EchoState } from './echo.ts';
import { type Intervals, Negotiation } from './negotiation.ts';
import { type ControlPacket, encodeControlPacket, MAX_LENGTH } from './packet.ts';
import { Periodic } from './periodic.ts';
import { NO_NEIGHBOR, type Remote, remoteOf, resumedRemote } from './remote.ts';
import { RepeatedPacket } from './repeated-packet.ts';
import type {
  SessionConfig,
  SessionDependencies,
  SessionSnapshot,
  SessionStatus,
  StateChange,
} from './session-types.ts';
import { Diagnostic, type State, transitionOn } from './state.ts';
import { detectionTime, SLOW_INTERVAL, toMs, transmitInterval } from './timing.ts';

export type * from './session-types.ts';

/** A session. Nothing that a neighbor sends makes it throw. */
export class BfdSession {
  readonly localDiscr: number;
  readonly #deps: SessionDependencies;
  #config: SessionConfig;
  #authentication: Authentication | null = null;
  readonly #negotiation: Negotiation;
  readonly #periodic: Periodic;
  readonly #detection: Deadline;
  readonly #echo: EchoFunction;
  #echoSaid: EchoState = 'off';
  readonly #answers: AnswerLimit;
  readonly #writer = new ByteWriter(MAX_LENGTH);
  readonly #heard = new RepeatedPacket();
  /** What was sent last, in the buffer of the writer, where the next packet says the same; null where it may not. */
  #outgoing: Uint8Array | null = null;
  #running = false;
  #sessionState: State = 'Down';
  #localDiag: number = Diagnostic.None;
  #remote: Remote = NO_NEIGHBOR;
  /** When the last packet came that was taken; null before the first. */
  #receivedAt: number | null = null;
  /** One has come within the Detection Time. */
  #alive = false;
  #sinceMs: number;
  /** What is said of this input once everything is settled. */
  #changes: StateChange[] = [];
  #mustSend = false;
  #mustAnswer = false;
  #upCount = 0;
  #downCount = 0;
  #packetsSent = 0;
  #packetsReceived = 0;
  readonly #dropped = new DropCounts();
  #lastBadTtl: number | null = null;

  /**
   * @param localDiscr - bfd.LocalDiscr: not zero, and of no other session.
   * @throws {RangeError} for keys that the authentication cannot have.
   */
  constructor(localDiscr: number, config: SessionConfig, deps: SessionDependencies) {
    this.localDiscr = localDiscr;
    this.#config = config;
    this.#deps = deps;
    const { clock } = deps;
    this.#sinceMs = clock.now();
    this.#setAuthentication(config);
    this.#periodic = new Periodic({
      ...{ clock, random: deps.random, detectMult: () => this.#config.detectMult },
      fire: () => this.#send('periodic'),
    });
    this.#detection = new Deadline(clock, () => this.#detectionTimeExpired());
    this.#answers = new AnswerLimit(clock);
    this.#echo = new EchoFunction(localDiscr, {
      clock,
      random: deps.random,
      transmit: (octets) => deps.hooks.transmitEcho(octets),
      readPending: () => deps.hooks.readPending(),
      changed: () => this.#input(() => undefined),
      failed: () => this.#input(() => this.#enter('Down', Diagnostic.EchoFunctionFailed)),
    });
    this.#negotiation = new Negotiation(this.#intervals());
  }

  /**
   * Begins: Down, or where another thread has left off. What was agreed then holds on, and the neighbor has a whole Detection Time from now on.
   */
  start(snapshot: SessionSnapshot | null = null): void {
    if (this.#running) return;
    this.#running = true;
    this.#input(() => {
      if (snapshot === null) return;
      this.#remote = resumedRemote(snapshot);
      this.#localDiag = snapshot.localDiag;
      this.#sessionState = snapshot.sessionState;
      this.#negotiation.change(this.#intervals(), false);
      if (snapshot.sessionState === 'Up') this.#negotiation.resume(snapshot.held);
      this.#received();
    });
  }

  /** Ends without a word: for what has been AdminDown long enough, and for threads that end. */
  close(): void {
    this.#running = false;
    this.#heard.forget();
    this.#periodic.every(null);
    this.#detection.clear();
    this.#echo.stop();
  }

  /** Section 6.8.16: AdminDown, which the neighbor is told and which is no failure. It is told for as long as the session is not closed. */
  disable(diagnostic: Diagnostic = Diagnostic.AdministrativelyDown): void {
    this.#input(() => this.#enter('AdminDown', diagnostic));
  }

  /** Section 6.8.16: out of AdminDown. */
  enable(): void {
    if (this.#sessionState === 'AdminDown') this.#input(() => this.#enter('Down', Diagnostic.None));
  }

  /** Something else has noticed that the neighbor cannot be reached by this path (a carrier that is lost). */
  pathDown(): void {
    if (!isComingOrUp(this.#sessionState)) return;
    this.#input(() => this.#enter('Down', Diagnostic.PathDown));
  }

  /**
   * Takes other parameters over, without a flap.
   *
   * @throws {RangeError} for keys that the authentication cannot have; then nothing has changed.
   */
  update(config: SessionConfig): void {
    this.#setAuthentication(config);
    this.#config = config;
    this.#input(() => undefined);
  }

  /** How long AdminDown has to be told until the neighbor has heard it, or has missed us for as long (section 6.8.16). */
  get adminDownMs(): number {
    const theirs = this.#config.detectMult * this.#transmitInterval();
    return Math.max(toMs(theirs), this.#detectionTimeMs() ?? 0);
  }

  /**
   * A packet that passed the checks of `packet.ts` and belongs to this session: section 6.8.6 from the authentication on.
   *
   * @returns why it was dropped; null where it was taken.
   */
  receive(octets: Uint8Array, packet: ControlPacket): DropReason | null {
    const reason = this.#judge(octets, packet);
    if (reason !== null) this.dropped(reason, null);
    return reason;
  }

  /**
   * Takes a datagram that is, octet for octet, the packet that was taken last, which most are: the neighbor is alive, and nothing else is new.
   *
   * @returns false where it is another one, or where it may mean something else by now; then nothing was done.
   */
  receiveAgain(octets: Uint8Array): boolean {
    const { detectionTimeMs } = this.#heard;
    if (detectionTimeMs === null || !this.#heard.is(octets)) return false;
    this.#packetsReceived++;
    this.#received();
    this.#detection.set((this.#receivedAt as number) + detectionTimeMs);
    return true;
  }

  /** Counts a packet for this session that somebody else has dropped. */
  dropped(reason: DropReason, ttl: number | null): void {
    this.#dropped.count(reason);
    if (reason === 'badTtl') this.#lastBadTtl = ttl;
  }

  /** A BFD Echo packet that has come back. Whether it was one of ours that is waited for. */
  receiveEcho(octets: Uint8Array): boolean {
    return this.#echo.receive(octets);
  }

  /** What another thread needs to go on; null where it may as well begin anew. */
  get snapshot(): SessionSnapshot | null {
    const state = this.#sessionState;
    if (!isComingOrUp(state)) return null;
    const remote = this.#remote;
    return {
      sessionState: state,
      remoteSessionState: remote.state,
      localDiag: this.#localDiag,
      remoteDiscr: remote.discr,
      remoteMinRxInterval: remote.minRxInterval,
      remoteDesiredMinTxInterval: remote.desiredMinTxInterval,
      remoteDetectMult: remote.detectMult,
      remoteDemandMode: remote.demandMode,
      remoteMinEchoRxInterval: remote.minEchoRxInterval,
      held: this.#negotiation.held,
    };
  }

  get status(): SessionStatus {
    const remote = this.#remote;
    const { desiredMinTx, requiredMinRx } = this.#negotiation.said;
    return {
      sessionState: this.#sessionState,
      remoteSessionState: remote.state,
      localDiscr: this.localDiscr,
      remoteDiscr: remote.discr,
      localDiag: this.#localDiag,
      remoteDiag: remote.diag,
      desiredMinTxInterval: desiredMinTx,
      requiredMinRxInterval: requiredMinRx,
      remoteMinRxInterval: remote.minRxInterval,
      remoteDesiredMinTxInterval: remote.desiredMinTxInterval,
      remoteMinEchoRxInterval: remote.minEchoRxInterval,
      remoteDemandMode: remote.demandMode,
      remoteControlPlaneIndependent: remote.controlPlaneIndependent,
      detectMult: this.#config.detectMult,
      remoteDetectMult: remote.detectMult,
      polling: this.#negotiation.polling,
      transmitIntervalMs: this.#transmitIntervalMs(),
      detectionTimeMs: this.#detectionTimeMs(),
      echo: this.#echo.state,
      sinceMs: this.#sinceMs,
      upCount: this.#upCount,
      downCount: this.#downCount,
      packetsSent: this.#packetsSent,
      packetsReceived: this.#packetsReceived,
      echoPacketsSent: this.#echo.sent,
      echoPacketsReceived: this.#echo.received,
      packetsDropped: this.#dropped.counts,
      lastBadTtl: this.#lastBadTtl,
      worstLatenessMs: this.#periodic.worstLatenessMs,
    };
  }

  #judge(octets: Uint8Array, packet: ControlPacket): DropReason | null {
    if (!this.#running) return 'administrativelyDown';
    const now = this.#deps.clock.now();
    if (this.#authentication === null) {
      if (packet.authenticationPresent) return 'unexpectedAuthentication';
    } else {
      const silent = this.#receivedAt === null ? 0 : now - this.#receivedAt;
      // Section 6.8.1: bfd.AuthSeqKnown becomes 0 after twice the Detection Time.
      if (silent >= 2 * (this.#detectionTimeMs() ?? 0)) this.#authentication.forgetSequence();
      const error = this.#authentication.verify(octets, packet, this.#config.detectMult);
      if (error !== null) return error;
    }
    let reason: DropReason | null = null;
    this.#input(() => {
      this.#remote = remoteOf(packet);
      if (packet.final) this.#negotiation.finalReceived(now);
      if (this.#sessionState === 'AdminDown') reason = 'administrativelyDown';
      else {
        this.#packetsReceived++;
        const transition = transitionOn(this.#sessionState, packet.state);
        if (transition !== null) this.#enter(transition.to, transition.diagnostic);
      }
      this.#received();
      // Section 6.8.7: a Poll is answered whatever the state, also AdminDown, in which section 6.8.6 has dropped it by now.
      this.#mustAnswer = packet.poll && this.#answers.take(toMs(this.#negotiation.said.requiredMinRx) / 2);
    });
    const said = packet.poll || packet.final || this.#sessionState !== 'Up' || this.#authentication !== null;
    if (!said && reason === null) this.#heard.remember(octets, this.#detectionTimeMs());
    return reason;
  }

  /** The neighbor is alive: its time begins anew. */
  #received(): void {
    this.#receivedAt = this.#deps.clock.now();
    this.#alive = true;
  }

  /** Runs one input: first all of it, then what follows for timers and packets, then what is told. */
  #input(run: () => void): void {
    if (!this.#running) return;
    this.#heard.forget();
    this.#outgoing = null;
    run();
    this.#settle();
    const changes = this.#changes;
    this.#changes = [];
    for (const change of changes) this.#deps.hooks.stateChanged(change);
    const { state } = this.#echo;
    if (state === this.#echoSaid) return;
    this.#echoSaid = state;
    this.#deps.hooks.echoChanged(state);
  }

  #enter(to: State, diagnostic: number | null): void {
    const from = this.#sessionState;
    if (diagnostic !== null) this.#localDiag = diagnostic;
    if (from === to) return;
    this.#sessionState = to;
    this.#sinceMs = this.#deps.clock.now();
    if (to === 'Up') this.#upCount++;
    if (from === 'Up') {
      this.#downCount++;
      this.#negotiation.reset();
    }
    // Section 6.8.7: what has changed is said at once, not with the next packet of the interval.
    this.#mustSend = true;
    const { state, diag } = this.#remote;
    this.#changes.push({ from, to, localDiag: this.#localDiag, remoteSessionState: state, remoteDiag: diag });
  }

  #settle(): void {
    this.#settleEcho();
    this.#negotiation.change(this.#intervals(), this.#sessionState === 'Up');
    const detectionMs = this.#detectionTimeMs();
    if (this.#alive && this.#receivedAt !== null && detectionMs !== null) {
      this.#detection.set(this.#receivedAt + detectionMs);
    }
    this.#periodic.every(this.#transmitIntervalMs());
    const [answer, send] = [this.#mustAnswer, this.#mustSend && this.#maySend()];
    this.#mustAnswer = false;
    this.#mustSend = false;
    // A Final says all that a packet would have said that was to tell a change.
    if (answer) this.#send('final');
    else if (send) this.#send('periodic');
  }

  /** Section 6.8.9: Echo packets are sent while the session is Up and the neighbor takes them, no faster than it does; to one that asks for silence, none. */
  #settleEcho(): void {
    const { echoInterval, detectMult } = this.#config;
    const theirs = this.#remote.minEchoRxInterval;
    const wanted = this.#sessionState === 'Up' && theirs !== 0 && !this.#demandActive();
    if (echoInterval === null || !wanted) this.#echo.stop();
    else this.#echo.start(Math.max(echoInterval, theirs), detectMult);
  }

  /** What we say of our intervals in this state (section 6.8.3). */
  #intervals(): Intervals {
    const { desiredMinTxInterval: tx, requiredMinRxInterval: rx } = this.#config;
    const slowly = this.#sessionState !== 'Up';
    return {
      desiredMinTx: slowly ? Math.max(SLOW_INTERVAL, tx) : tx,
      // While Echo packets watch the path, Control packets may be rare.
      requiredMinRx: this.#echo.state === 'active' ? Math.max(SLOW_INTERVAL, rx) : rx,
    };
  }

  #detectionTimeMs(): number | null {
    const { detectMult, desiredMinTxInterval } = this.#remote;
    if (detectMult === 0) return null;
    return toMs(detectionTime(detectMult, this.#negotiation.expectAt, desiredMinTxInterval));
  }

  /** Section 6.8.7: null while nothing may be sent periodically. */
  #transmitIntervalMs(): number | null {
    if (!this.#maySend() || this.#remote.minRxInterval === 0) return null;
    if (this.#demandActive() && !this.#negotiation.polling) return null;
    return toMs(this.#transmitInterval());
  }

  /** Section 6.6: the neighbor has asked for Demand mode, and both sides are Up. */
  #demandActive(): boolean {
    const { demandMode, state } = this.#remote;
    return demandMode && this.#sessionState === 'Up' && state === 'Up';
  }

  /** Section 6.8.2: before jitter, and whether or not anything is sent periodically. */
  #transmitInterval(): number {
    return transmitInterval(this.#negotiation.transmitAt, this.#remote.minRxInterval);
  }

  /** Section 6.8.7: the passive side waits until it knows the other. */
  #maySend(): boolean {
    return this.#running && !(this.#config.passive && this.#remote.discr === 0);
  }

  #send(kind: 'periodic' | 'final'): void {
    if (!this.#running) return;
    const final = kind === 'final';
    const poll = !final && this.#negotiation.polling;
    const octets = (final ? null : this.#outgoing) ?? this.#encoded(poll, final);
    this.#outgoing = final || this.#authentication !== null ? null : octets;
    this.#packetsSent++;
    if (poll) this.#negotiation.pollSent();
    // Finals come between the periodic ones and put none of them off.
    if (!final) this.#periodic.restart();
    this.#deps.hooks.transmit(octets);
  }

  #encoded(poll: boolean, final: boolean): Uint8Array {
    const { desiredMinTx, requiredMinRx } = this.#negotiation.said;
    const w = this.#writer;
    w.reset();
    encodeControlPacket(
      w,
      {
        diagnostic: this.#localDiag,
        state: this.#sessionState,
        poll,
        final,
        controlPlaneIndependent: this.#config.controlPlaneIndependent,
        demand: false,
        detectMult: this.#config.detectMult,
        myDiscriminator: this.localDiscr,
        yourDiscriminator: this.#remote.discr,
        desiredMinTxInterval: desiredMinTx,
        requiredMinRxInterval: requiredMinRx,
        requiredMinEchoRxInterval: this.#config.requiredMinEchoRxInterval,
      },
      this.#authentication?.sectionLength ?? 0,
    );
    this.#authentication?.sign(w);
    return w.view();
  }

  /** Section 6.8.4. */
  #detectionTimeExpired(): void {
    this.#deps.hooks.readPending();
    if (this.#detection.isSet || !this.#running) return;
    this.#alive = false;
    if (isComingOrUp(this.#sessionState)) {
      // Told while the neighbor is still known by its discriminator: it may hear us, and then it goes down at once as well.
      this.#input(() => this.#enter('Down', Diagnostic.ControlDetectionTimeExpired));
    }
    this.#input(() => {
      // Section 6.8.1: bfd.RemoteDiscr becomes zero; what it asked for goes with it, or one that asked for silence would never hear from us again.
      this.#remote = NO_NEIGHBOR;
    });
  }

  #setAuthentication({ authentication }: SessionConfig): void {
    this.#authentication =
      authentication === null ? null : new Authentication(authentication, this.#deps.random, this.#authentication);
  }
}

const isComingOrUp = (state: State): state is 'Init' | 'Up' => state === 'Init' || state === 'Up';
