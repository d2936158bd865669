/** What Kubernetes events say of sessions, on the BGPPeer: so `kubectl describe bgppeer` shows why a session is not up. Pure. */
import { formatIp } from '../../net/ip.ts';
import type { SessionNews, SpeakerSession } from '../session.ts';

export interface SessionEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: 'SessionUp' | 'SessionDown' | 'SessionError';
  readonly message: string;
}

/** Null: nothing that anybody has to know. */
export function sessionEventOf(
  node: string,
  { peer }: Pick<SpeakerSession, 'peer'>,
  news: SessionNews,
): SessionEvent | null {
  const router = peer.peerAddress === null ? peer.name : `${formatIp(peer.peerAddress)} port ${peer.peerPort}`;
  const session = `BGP session of node "${node}" with ${router}`;
  switch (news.type) {
    case 'up':
      return {
        type: 'Normal',
        reason: 'SessionUp',
        message: `${session} is Established, hold time ${news.holdTimeSeconds} s`,
      };
    case 'down':
      return {
        type: 'Warning',
        reason: 'SessionDown',
        message: `${session} went down: ${news.cause.message} (${news.cause.help})`,
      };
    case 'failed':
      return {
        type: 'Warning',
        reason: 'SessionError',
        message: `${session} is not up: ${news.cause.message} (${news.cause.help})`,
      };
    case 'state':
    case 'bfd':
    case 'routesSent':
      return null;
  }
}
