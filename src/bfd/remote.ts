/** What a session knows of its neighbor (RFC 5880 section 6.8.1). */
import type { ControlPacket } from './packet.ts';
import type { SessionSnapshot } from './session-types.ts';
import type { State } from './state.ts';
import { INITIAL_REMOTE_MIN_RX } from './timing.ts';

export interface Remote {
  /** bfd.RemoteDiscr: zero while the neighbor is not known. */
  readonly discr: number;
  readonly state: State;
  readonly diag: number;
  readonly demandMode: boolean;
  readonly controlPlaneIndependent: boolean;
  readonly minRxInterval: number;
  readonly minEchoRxInterval: number;
  readonly desiredMinTxInterval: number;
  /** Zero while the neighbor is not known. */
  readonly detectMult: number;
}

/** Before the first packet, and when none has come for a Detection Time. */
export const NO_NEIGHBOR: Remote = {
  discr: 0,
  state: 'Down',
  diag: 0,
  demandMode: false,
  controlPlaneIndependent: false,
  minRxInterval: INITIAL_REMOTE_MIN_RX,
  minEchoRxInterval: 0,
  desiredMinTxInterval: 0,
  detectMult: 0,
};

export const remoteOf = (packet: ControlPacket): Remote => ({
  discr: packet.myDiscriminator,
  state: packet.state,
  diag: packet.diagnostic,
  demandMode: packet.demand,
  controlPlaneIndependent: packet.controlPlaneIndependent,
  minRxInterval: packet.requiredMinRxInterval,
  minEchoRxInterval: packet.requiredMinEchoRxInterval,
  desiredMinTxInterval: packet.desiredMinTxInterval,
  detectMult: packet.detectMult,
});

export const resumedRemote = (snapshot: SessionSnapshot): Remote => ({
  discr: snapshot.remoteDiscr,
  state: snapshot.remoteSessionState,
  diag: 0,
  demandMode: snapshot.remoteDemandMode,
  controlPlaneIndependent: false,
  minRxInterval: snapshot.remoteMinRxInterval,
  minEchoRxInterval: snapshot.remoteMinEchoRxInterval,
  desiredMinTxInterval: snapshot.remoteDesiredMinTxInterval,
  detectMult: snapshot.remoteDetectMult,
});
