/** A BFD session's state as JSON for people and scripts: intervals in milliseconds, addresses as text. */
import type { SessionStatus } from '../../bfd/session.ts';
import { diagnosticName } from '../../bfd/state.ts';
import { formatIp } from '../../net/ip.ts';
import type { SpeakerSession } from '../session.ts';

/** Null: the session is without BFD. */
export function bfdStateOf({ bfd, peer }: Pick<SpeakerSession, 'bfd' | 'peer'>): unknown {
  if (bfd === null) return null;
  const { profile, path, state, secondsInState, cause, status, echo } = bfd;
  return {
    profile: profile.name,
    strict: peer.strictBFD,
    state,
    secondsInState: Math.round(secondsInState * 10) / 10,
    cause,
    type: path?.path.type ?? null,
    interface: path?.device ?? null,
    localAddress: path?.path.local == null ? null : formatIp(path.path.local),
    minimumTtl: path?.path.type === 'multihop' ? path.path.minimumTtl : null,
    echo:
      echo === null
        ? null
        : { ...echo, sent: status?.echoPacketsSent ?? 0, returned: status?.echoPacketsReceived ?? 0 },
    ...(status === null ? {} : negotiatedOf(status)),
  };
}

function negotiatedOf(status: SessionStatus): object {
  const ms = (microseconds: number): number => microseconds / 1_000;
  return {
    remoteState: status.remoteSessionState,
    diagnostic: diagnosticName(status.localDiag),
    remoteDiagnostic: diagnosticName(status.remoteDiag),
    transmitIntervalMs: status.transmitIntervalMs,
    detectionTimeMs: status.detectionTimeMs,
    detectMultiplier: status.detectMult,
    remote: {
      minReceiveIntervalMs: ms(status.remoteMinRxInterval),
      transmitIntervalMs: ms(status.remoteDesiredMinTxInterval),
      detectMultiplier: status.remoteDetectMult,
      echoReceiveIntervalMs: ms(status.remoteMinEchoRxInterval),
    },
    polling: status.polling,
    upCount: status.upCount,
    downCount: status.downCount,
    packetsSent: status.packetsSent,
    packetsReceived: status.packetsReceived,
    packetsDropped: status.packetsDropped,
    lastBadTtl: status.lastBadTtl,
    worstLatenessMs: Math.round(status.worstLatenessMs * 10) / 10,
  };
}
