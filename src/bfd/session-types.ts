/** What a session is given and what it tells. */
import type { Clock } from '../time/clock.ts';
import type { AuthenticationConfig } from './authentication.ts';
import type { DropReason } from './drop-reason.ts';
import type { EchoState } from './echo.ts';
import type { Intervals } from './negotiation.ts';
import type { State } from './state.ts';

/** The parameters of a session. Each may change while it runs. Intervals in microseconds, as the variables of RFC 5880 section 6.8.1. */
export interface SessionConfig {
  /** What bfd.DesiredMinTxInterval is while the session is Up. */
  readonly desiredMinTxInterval: number;
  readonly requiredMinRxInterval: number;
  /** 1 to 255. */
  readonly detectMult: number;
  /** Does not send before the neighbor has (section 6.1). */
  readonly passive: boolean;
  /**
   * Whether what forwards goes on when this process ends, and BFD with it (the C bit). False for BFD that is a part of the speaker: the neighbor
   * has to know that silence may mean no more than that (RFC 5882 section 4.3).
   */
  readonly controlPlaneIndependent: boolean;
  /**
   * Required Min Echo RX Interval: 0 unless somebody sends the neighbor's Echo packets back. The engine does not: the kernel does, as it forwards
   * packets, and only the owner of the session can know whether it is set to.
   */
  readonly requiredMinEchoRxInterval: number;
  /** How often to send Echo packets of our own where the neighbor takes them; null: never, as where there is no way for them. */
  readonly echoInterval: number | null;
  readonly authentication: AuthenticationConfig | null;
}

/** What a session must remember to go on in another thread, as if nothing had been. */
export interface SessionSnapshot {
  readonly sessionState: 'Init' | 'Up';
  readonly remoteSessionState: State;
  readonly localDiag: number;
  readonly remoteDiscr: number;
  readonly remoteMinRxInterval: number;
  readonly remoteDesiredMinTxInterval: number;
  readonly remoteDetectMult: number;
  readonly remoteDemandMode: boolean;
  readonly remoteMinEchoRxInterval: number;
  /** Our intervals that the neighbor may go by until it has answered a Poll for others. */
  readonly held: Intervals;
}

export interface StateChange {
  readonly from: State;
  readonly to: State;
  /** bfd.LocalDiag: why. */
  readonly localDiag: number;
  /** What the neighbor said last: its AdminDown is no failure of the path (RFC 5882 section 3.2). */
  readonly remoteSessionState: State;
  readonly remoteDiag: number;
}

export interface SessionHooks {
  /** Sends a Control packet to the neighbor. The octets are valid until this returns. */
  transmit(octets: Uint8Array): void;
  /** Sends a BFD Echo packet with this content to ourselves by way of the neighbor; false where it did not leave. The octets are valid until this returns. */
  transmitEcho(octets: Uint8Array): boolean;
  stateChanged(change: StateChange): void;
  echoChanged(state: EchoState): void;
  /**
   * The Detection Time is over: hand in whatever has arrived and was not read yet. A thread that has been held up finds its timers due before
   * its packets, and would call a neighbor dead whose packets lie there.
   */
  readPending(): void;
}

export interface SessionDependencies {
  readonly clock: Clock;
  /** In [0, 1), not to be guessed: Echo packets and sequence numbers are made of it. */
  readonly random: () => number;
  readonly hooks: SessionHooks;
}

/** The state variables of RFC 5880 section 6.8.1 by their names, what follows from them, and what was counted. */
export interface SessionStatus {
  readonly sessionState: State;
  readonly remoteSessionState: State;
  readonly localDiscr: number;
  readonly remoteDiscr: number;
  readonly localDiag: number;
  readonly remoteDiag: number;
  readonly desiredMinTxInterval: number;
  readonly requiredMinRxInterval: number;
  readonly remoteMinRxInterval: number;
  readonly remoteDesiredMinTxInterval: number;
  readonly remoteMinEchoRxInterval: number;
  readonly remoteDemandMode: boolean;
  readonly remoteControlPlaneIndependent: boolean;
  readonly detectMult: number;
  readonly remoteDetectMult: number;
  /** A Poll Sequence is under way. */
  readonly polling: boolean;
  /** Null where nothing is sent periodically. */
  readonly transmitIntervalMs: number | null;
  /** Null while the neighbor is not known. */
  readonly detectionTimeMs: number | null;
  readonly echo: EchoState;
  /** Since when it is in this state, on its clock. */
  readonly sinceMs: number;
  readonly upCount: number;
  readonly downCount: number;
  readonly packetsSent: number;
  readonly packetsReceived: number;
  readonly echoPacketsSent: number;
  readonly echoPacketsReceived: number;
  readonly packetsDropped: Readonly<Partial<Record<DropReason, number>>>;
  /** The TTL of the last packet that was dropped for it. */
  readonly lastBadTtl: number | null;
  /** How much later than meant a packet was sent, at worst. */
  readonly worstLatenessMs: number;
}
