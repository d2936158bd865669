/**
 * The finite state machine of RFC 4271 section 8, sans I/O: events in, actions out. One per connection (section 8.2.1): `peer.ts` has one that
 * dials and one for each connection that comes in.
 *
 * The table is section 8.2.2, a row per state and a cell per event, `otherwise` for "any other event". Optional attributes of
 * section 8.1.1: AllowAutomaticStart and DampPeerOscillations are on (IdleHold), PassiveTcpEstablishment is a setting; DelayOpen is
 * absent, TrackTcpState likewise: a connection exists when it is established, and how long that may take is the driver's to bound.
 *
 * Timers that run out in a state that has no use for them are ignored rather than answered as an FSM error: they are ours, not the peer's.
 */

import { CeaseSubcode, ErrorCode, FsmSubcode } from './packet/constants.ts';
import type { Notification } from './packet/notification.ts';
import { cease, notification } from './packet/notification.ts';
import type { ConnectFailure, DownReason } from './peer-types.ts';

/** RFC 4271 section 8.2.2. */
export type State = 'Idle' | 'Connect' | 'Active' | 'OpenSent' | 'OpenConfirm' | 'Established';

/** From the least to the most advanced. */
export const STATES: readonly State[] = ['Idle', 'Connect', 'Active', 'OpenSent', 'OpenConfirm', 'Established'];

/** The timers of section 8.1.3 that this FSM has, and that of RFC 9687. */
export type TimerName = 'ConnectRetry' | 'Hold' | 'Keepalive' | 'IdleHold' | 'SendHold';

/** Inputs. The number is the event's in RFC 4271 section 8.1. */
export type Event =
  | { readonly type: 'ManualStart' } //                                                          1, 4
  | { readonly type: 'ManualStop'; readonly notification: Notification } //                      2
  | { readonly type: 'AutomaticStop'; readonly notification: Notification; readonly detail: string } // 8
  | { readonly type: 'TimerExpires'; readonly timer: TimerName } //                              9, 10, 11, 13; 29 of RFC 9687
  | { readonly type: 'TcpConnected' } //                                                         16, 17
  | { readonly type: 'TcpConnectionFails'; readonly failure: ConnectFailure | null } //          18
  | { readonly type: 'BgpOpen'; readonly holdTimeSeconds: number; readonly keepaliveSeconds: number } // 19
  | { readonly type: 'MessageError'; readonly notification: Notification; readonly detail: string } // 21, 22, 28
  | { readonly type: 'OpenCollisionDump' } //                                                    23
  | { readonly type: 'LinkDown'; readonly detail: string } //                                    8, by its own name
  | { readonly type: 'NotifMsg'; readonly notification: Notification } //                        24, 25
  | { readonly type: 'KeepAliveMsg' } //                                                         26
  | { readonly type: 'UpdateMsg' } //                                                            27
  | { readonly type: 'RouteRefreshMsg' }; //                                                     RFC 2918

/** Outputs, to be performed in order; the FSM itself touches nothing. */
export type Action =
  | { readonly type: 'connect' }
  | { readonly type: 'abortConnect' }
  | { readonly type: 'disconnect' }
  | { readonly type: 'send'; readonly message: 'OPEN' | 'KEEPALIVE' }
  | { readonly type: 'notify'; readonly notification: Notification }
  | { readonly type: 'startTimer'; readonly timer: TimerName; readonly ms: number }
  | { readonly type: 'stopTimer'; readonly timer: TimerName }
  | { readonly type: 'down'; readonly reason: DownReason }
  | { readonly type: 'stateChanged'; readonly from: State; readonly to: State };

/** What came to nothing: an attempt to connect, or what two speakers had to say to each other. */
export type Failed = 'connection' | 'session';

/** What an FSM has to know beside its events. */
export interface FsmConfig {
  /** Waits for a connection instead of opening one, and is not started again by itself. */
  readonly passive: boolean;
  /** Counts a failure and answers how long to wait before the next attempt. */
  readonly retryDelayMs: (failed: Failed) => number;
  /** In [0, 1), for the jitter of KEEPALIVEs. */
  readonly random: () => number;
}

/** Section 8.2.2 suggests four minutes for the hold timer until the OPEN is there. */
const OPEN_SENT_HOLD_MS = 240_000;
/** RFC 9687 section 3.2: eight minutes, or twice the hold time where that is longer. */
const SEND_HOLD_MS = 480_000;
/** Section 10. An attempt that takes longer is begun anew; drivers give up much sooner. */
const CONNECT_RETRY_MS = 120_000;

type Handler<K extends Event['type']> = (fsm: BgpFsm, event: Extract<Event, { type: K }>) => State;
type Row = { readonly [K in Event['type']]?: Handler<K> } & { readonly otherwise: (fsm: BgpFsm) => State };

const stay = (fsm: BgpFsm): State => fsm.state;
const stop: Handler<'ManualStop'> = (fsm, e) => fsm.stop(e.notification);
const dump: Handler<'OpenCollisionDump'> = (fsm) => fsm.dump();
const answer = (fsm: BgpFsm, e: { readonly notification: Notification; readonly detail: string }): State =>
  fsm.failWith(e.notification, e.detail);
const told: Handler<'NotifMsg'> = (fsm, e) =>
  fsm.fail({ type: 'notificationReceived', notification: e.notification, state: fsm.state });
const lost: Handler<'TcpConnectionFails'> = (fsm, e) =>
  fsm.fail({ type: 'connectionClosed', state: fsm.state, failure: e.failure });
const dialAgain: Handler<'TimerExpires'> = (fsm, e) => (e.timer === 'ConnectRetry' ? fsm.dial() : stay(fsm));
const sessionTimer: Handler<'TimerExpires'> = (fsm, e) => {
  if (e.timer === 'Hold') return fsm.failWith(notification(ErrorCode.HoldTimerExpired), 'the hold timer expired');
  return e.timer === 'Keepalive' ? fsm.keepalive() : stay(fsm);
};
const sendHold: Handler<'TimerExpires'> = (fsm, e) => {
  if (e.timer !== 'SendHold') return sessionTimer(fsm, e);
  return fsm.failWith(notification(ErrorCode.SendHoldTimerExpired), 'the peer took nothing that was sent for too long');
};
const linkDown: Handler<'LinkDown'> = (fsm, e) => fsm.linkDown(e.detail);
const unexpected = (state: keyof typeof FsmSubcode) => (fsm: BgpFsm) =>
  fsm.failWith(
    notification(ErrorCode.FiniteStateMachine, FsmSubcode[state]),
    `a message that ${state} does not expect`,
  );

/** One row per state: what section 8.2.2 says of each event, and of "any other event". */
const TABLE: Readonly<Record<State, Row>> = {
  Idle: {
    ManualStart: (fsm) => fsm.begin(),
    TimerExpires: (fsm, e) => (e.timer === 'IdleHold' ? fsm.begin() : stay(fsm)),
    ManualStop: (fsm) => fsm.stayDown(),
    OpenCollisionDump: (fsm) => fsm.stayDown(),
    otherwise: stay,
  },
  Connect: {
    ManualStart: stay,
    LinkDown: stay,
    ManualStop: stop,
    OpenCollisionDump: dump,
    TimerExpires: dialAgain,
    TcpConnected: (fsm) => fsm.sendOpen(),
    TcpConnectionFails: (fsm, e) => fsm.connectFailed(e.failure),
    otherwise: (fsm) => fsm.giveUp(),
  },
  Active: {
    ManualStart: stay,
    LinkDown: stay,
    ManualStop: stop,
    OpenCollisionDump: dump,
    TimerExpires: dialAgain,
    TcpConnected: (fsm) => fsm.sendOpen(),
    TcpConnectionFails: (fsm, e) => fsm.connectFailed(e.failure),
    otherwise: (fsm) => fsm.giveUp(),
  },
  OpenSent: {
    ManualStart: stay,
    ManualStop: stop,
    AutomaticStop: answer,
    LinkDown: linkDown,
    OpenCollisionDump: dump,
    TimerExpires: sessionTimer,
    TcpConnectionFails: (fsm, e) => fsm.waitToRetry(e.failure),
    BgpOpen: (fsm, e) => fsm.acceptOpen(e.holdTimeSeconds, e.keepaliveSeconds),
    MessageError: answer,
    NotifMsg: told,
    otherwise: unexpected('OpenSent'),
  },
  OpenConfirm: {
    ManualStart: stay,
    ManualStop: stop,
    AutomaticStop: answer,
    LinkDown: linkDown,
    OpenCollisionDump: dump,
    TimerExpires: sessionTimer,
    TcpConnectionFails: lost,
    MessageError: answer,
    NotifMsg: told,
    KeepAliveMsg: (fsm) => fsm.heard(),
    otherwise: unexpected('OpenConfirm'),
  },
  Established: {
    ManualStart: stay,
    ManualStop: stop,
    AutomaticStop: answer,
    LinkDown: linkDown,
    OpenCollisionDump: dump,
    TimerExpires: sendHold,
    TcpConnectionFails: lost,
    MessageError: answer,
    NotifMsg: told,
    KeepAliveMsg: (fsm) => fsm.heard(),
    UpdateMsg: (fsm) => fsm.heard(),
    RouteRefreshMsg: stay,
    otherwise: unexpected('Established'),
  },
};

/** Events in, actions out. Total: every state has an answer to every event, and none throws. */
export class BgpFsm {
  #state: State = 'Idle';
  #actions: Action[] = [];
  #holdMs = 0;
  #keepaliveMs = 0;
  readonly #config: FsmConfig;

  constructor(config: FsmConfig) {
    this.#config = config;
  }

  get state(): State {
    return this.#state;
  }

  handle(event: Event): readonly Action[] {
    this.#actions = [];
    const from = this.#state;
    const row = TABLE[from];
    const handler = row[event.type] as ((fsm: BgpFsm, e: Event) => State) | undefined;
    const to = handler === undefined ? row.otherwise(this) : handler(this, event);
    this.#state = to;
    if (to !== from) this.#actions.push({ type: 'stateChanged', from, to });
    return this.#actions;
  }

  /** How long nothing of what was sent may be taken before the session ends (RFC 9687 section 3); zero: for ever. */
  get sendHoldMs(): number {
    return this.#holdMs === 0 ? 0 : Math.max(SEND_HOLD_MS, 2 * this.#holdMs);
  }

  /** @internal Leaves Idle. */
  begin(): State {
    this.#stop('IdleHold');
    return this.#config.passive ? 'Active' : this.dial();
  }

  /** @internal */
  dial(): State {
    if (this.#state === 'Connect') this.#actions.push({ type: 'abortConnect' });
    this.#start('ConnectRetry', CONNECT_RETRY_MS);
    this.#actions.push({ type: 'connect' });
    return 'Connect';
  }

  /** @internal */
  sendOpen(): State {
    this.#stop('ConnectRetry');
    this.#actions.push({ type: 'send', message: 'OPEN' });
    this.#start('Hold', OPEN_SENT_HOLD_MS);
    return 'OpenSent';
  }

  /** @internal */
  acceptOpen(holdTimeSeconds: number, keepaliveSeconds: number): State {
    this.#holdMs = holdTimeSeconds * 1_000;
    this.#keepaliveMs = keepaliveSeconds * 1_000;
    this.#actions.push({ type: 'send', message: 'KEEPALIVE' });
    if (this.#holdMs === 0) this.#stop('Hold');
    else this.#start('Hold', this.#holdMs);
    this.#startKeepalive();
    return 'OpenConfirm';
  }

  /** @internal A KEEPALIVE or UPDATE: the peer lives. */
  heard(): State {
    if (this.#holdMs > 0) this.#start('Hold', this.#holdMs);
    return 'Established';
  }

  /** @internal */
  keepalive(): State {
    this.#actions.push({ type: 'send', message: 'KEEPALIVE' });
    this.#startKeepalive();
    return this.#state;
  }

  /** @internal The attempt failed. */
  connectFailed(failure: ConnectFailure | null): State {
    const known = failure ?? { code: 'ECONNRESET', message: 'the connection was closed' };
    this.#stop('ConnectRetry');
    this.#actions.push({ type: 'down', reason: { type: 'connectFailed', failure: known } });
    return this.#idle('connection');
  }

  /** @internal The connection went before an OPEN came: section 8.2.2 goes back to Active. */
  waitToRetry(failure: ConnectFailure | null): State {
    if (this.#config.passive) return this.fail({ type: 'connectionClosed', state: this.#state, failure });
    this.#stop('Hold');
    this.#actions.push({ type: 'disconnect' });
    this.#actions.push({ type: 'down', reason: { type: 'connectionClosed', state: this.#state, failure } });
    this.#start('ConnectRetry', this.#config.retryDelayMs('connection'));
    return 'Active';
  }

  /** @internal */
  failWith(n: Notification, detail: string): State {
    this.#actions.push({ type: 'notify', notification: n });
    return this.fail({ type: 'notificationSent', notification: n, state: this.#state, detail });
  }

  /** @internal The Cease is for a peer that hears it all the same, when the link is back. */
  linkDown(detail: string): State {
    this.#actions.push({ type: 'notify', notification: notification(ErrorCode.Cease) });
    return this.fail({ type: 'linkDown', state: this.#state, detail });
  }

  /** @internal Ends what there is, and begins anew after IdleHold. */
  fail(reason: DownReason): State {
    this.#end(reason);
    return this.#idle('session');
  }

  /** @internal "Any other event" without a connection. */
  giveUp(): State {
    this.#end(null);
    return this.#idle('connection');
  }

  /** @internal */
  stop(n: Notification): State {
    if (this.#connected) this.#actions.push({ type: 'notify', notification: n });
    this.#end({ type: 'stopped' });
    return 'Idle';
  }

  /** @internal The other connection is kept: this FSM rests until it is started again. */
  dump(): State {
    if (this.#connected) this.#actions.push({ type: 'notify', notification: cease(CeaseSubcode.ConnectionCollision) });
    this.#end(this.#connected ? { type: 'collision' } : null);
    return 'Idle';
  }

  /** @internal */
  stayDown(): State {
    this.#stop('IdleHold');
    return 'Idle';
  }

  #idle(failed: Failed): State {
    if (!this.#config.passive) this.#start('IdleHold', this.#config.retryDelayMs(failed));
    return 'Idle';
  }

  get #connected(): boolean {
    return this.#state === 'OpenSent' || this.#state === 'OpenConfirm' || this.#state === 'Established';
  }

  #end(reason: DownReason | null): void {
    for (const timer of ['ConnectRetry', 'Hold', 'Keepalive', 'SendHold'] as const) this.#stop(timer);
    if (this.#connected) this.#actions.push({ type: 'disconnect' });
    else if (this.#state === 'Connect') this.#actions.push({ type: 'abortConnect' });
    if (reason !== null) this.#actions.push({ type: 'down', reason });
  }

  /** Section 10: jitter of 0.75 to 1.0. Section 4.4: at most one in a second. */
  #startKeepalive(): void {
    if (this.#keepaliveMs === 0) return;
    const ms = this.#keepaliveMs * (0.75 + 0.25 * this.#config.random());
    this.#start('Keepalive', Math.max(ms, Math.min(1_000, this.#keepaliveMs)));
  }

  #start(timer: TimerName, ms: number): void {
    this.#actions.push({ type: 'startTimer', timer, ms });
  }

  #stop(timer: TimerName): void {
    this.#actions.push({ type: 'stopTimer', timer });
  }
}
