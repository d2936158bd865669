/**
 * Why a session is not up, and what to do: one cause out of a closed list, from what the engine and the kernel know.
 *
 * Nothing is guessed. A wrong MD5 key and a silent firewall look alike from here (the router's kernel drops what is signed wrongly), so
 * the cause then says that there is no answer and that a key is configured, and names both.
 */

import { CeaseSubcode, ErrorCode, OpenSubcode } from '../bgp/packet/constants.ts';
import { formatNotification, type Notification } from '../bgp/packet/notification.ts';
import type { DownReason } from '../bgp/peer-types.ts';

export const SESSION_CAUSES = [
  'unreachable',
  'refused',
  'noAnswer',
  'noAnswerWithMd5Key',
  'sourceAddressMissing',
  'asMismatch',
  'holdTimeRefused',
  'routerIDClash',
  'holdTimerExpired',
  'closedByPeer',
  'notificationReceived',
  'notificationSent',
  'connectionFailed',
] as const;

export interface SessionCause {
  readonly cause: (typeof SESSION_CAUSES)[number];
  readonly message: string;
  /** What the user can do about it. */
  readonly help: string;
}

/** What the cause is told of the session, beside the reason itself. */
export interface SessionFacts {
  readonly peerAddress: string;
  readonly peerPort: number;
  readonly myASN: number;
  readonly peerASN: number;
  readonly holdTimeSeconds: number;
  readonly sourceAddress: string | null;
  readonly md5: boolean;
}

/** The cause of a failed attempt or of the end of a session; null where it ended on purpose (stopped, or the lesser of two connections). */
export function causeOf(reason: DownReason, facts: SessionFacts): SessionCause | null {
  switch (reason.type) {
    case 'stopped':
    case 'collision':
      return null;
    case 'connectFailed':
      return connectFailure(reason.failure.code, facts);
    case 'connectionClosed':
      return {
        cause: 'closedByPeer',
        message: `${facts.peerAddress} closed the connection in ${reason.state} without a NOTIFICATION${reason.failure === null ? '' : ` (${reason.failure.code})`}`,
        help:
          reason.state === 'Established'
            ? 'look into the log of the router: it, or something between, ended the TCP connection'
            : `check that the router has this node as a neighbor with remote AS ${facts.myASN}${facts.md5 ? '' : ', without a password'}`,
      };
    case 'notificationReceived':
      return received(reason.notification, facts);
    case 'notificationSent':
      return sent(reason.notification, reason.detail, facts);
  }
}

function connectFailure(code: string, facts: SessionFacts): SessionCause {
  const to = `${facts.peerAddress} port ${facts.peerPort}`;
  switch (code) {
    case 'ECONNREFUSED':
      return {
        cause: 'refused',
        message: `${to} refused the connection`,
        help: 'check that BGP runs on the router, listens on this address and port, and that no firewall answers in its place',
      };
    case 'ETIMEDOUT':
      return facts.md5
        ? {
            cause: 'noAnswerWithMd5Key',
            message: `no answer from ${to}; an MD5 key is configured`,
            help: 'either the router has no key or another one for this node, or no BGP at all (packets of either side that are not signed as the other expects are dropped without a word), or it cannot be reached: compare the keys, then check that BGP runs there, the path and firewalls',
          }
        : {
            cause: 'noAnswer',
            message: `no answer from ${to}`,
            help: 'check the path and firewalls; a router that has a password for this node does not answer an unsigned connection either',
          };
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ENETDOWN':
    case 'EHOSTDOWN':
      return {
        cause: 'unreachable',
        message: `${to} cannot be reached (${code})`,
        help: "check the address, the node's routes and the link to the router",
      };
    case 'EADDRNOTAVAIL':
      return {
        cause: 'sourceAddressMissing',
        message: `this node has no address ${facts.sourceAddress ?? 'of that family'} to connect from`,
        help: 'correct sourceAddress of the BGPPeer, or give the node that address',
      };
    default:
      return {
        cause: 'connectionFailed',
        message: `connecting to ${to} failed (${code})`,
        help: "check the node's network and the router",
      };
  }
}

function received(notification: Notification, facts: SessionFacts): SessionCause {
  const { code, subcode } = notification;
  const said = formatNotification(notification);
  if (code === ErrorCode.OpenMessage && subcode === OpenSubcode.BadPeerAs)
    return {
      cause: 'asMismatch',
      message: `${facts.peerAddress} does not accept our AS ${facts.myASN} (${said})`,
      help: `make myASN of the BGPPeer and the router's remote AS for this node the same; ours is ${facts.myASN}`,
    };
  if (code === ErrorCode.OpenMessage && subcode === OpenSubcode.UnacceptableHoldTime)
    return {
      cause: 'holdTimeRefused',
      message: `${facts.peerAddress} refuses our hold time of ${facts.holdTimeSeconds} s (${said})`,
      help: "set holdTime of the BGPPeer to at least the router's minimum",
    };
  if (code === ErrorCode.OpenMessage && subcode === OpenSubcode.BadBgpIdentifier)
    return {
      cause: 'routerIDClash',
      message: `${facts.peerAddress} does not accept our router ID (${said})`,
      help: 'give the BGPPeer a routerID that no other speaker in the AS has',
    };
  return {
    cause: 'notificationReceived',
    message: `${facts.peerAddress} ended the session: ${said}`,
    help:
      code === ErrorCode.Cease && subcode === CeaseSubcode.ConnectionRejected
        ? 'check that the router has this node as a neighbor'
        : 'look into the log and the neighbor configuration of the router',
  };
}

function sent(notification: Notification, detail: string, facts: SessionFacts): SessionCause {
  const { code, subcode } = notification;
  if (code === ErrorCode.OpenMessage && subcode === OpenSubcode.BadPeerAs)
    return {
      cause: 'asMismatch',
      message: `${facts.peerAddress} is not in AS ${facts.peerASN}: ${detail}`,
      help: "set peerASN of the BGPPeer to the router's AS, or peerAddress to the router that is meant",
    };
  if (code === ErrorCode.OpenMessage && subcode === OpenSubcode.UnacceptableHoldTime)
    return {
      cause: 'holdTimeRefused',
      message: `the hold time that ${facts.peerAddress} proposes is not acceptable: ${detail}`,
      help: "set the router's hold time for this node to 0 or at least 3 s",
    };
  if (code === ErrorCode.OpenMessage && subcode === OpenSubcode.BadBgpIdentifier)
    return {
      cause: 'routerIDClash',
      message: `the router ID of ${facts.peerAddress} is not acceptable: ${detail}`,
      help: 'give the router and the speakers router IDs that differ',
    };
  if (code === ErrorCode.HoldTimerExpired)
    return {
      cause: 'holdTimerExpired',
      message: `nothing came from ${facts.peerAddress} for the hold time`,
      help: 'check the path to the router and its load',
    };
  return {
    cause: 'notificationSent',
    message: `we ended the session with ${facts.peerAddress}: ${formatNotification(notification)}: ${detail}`,
    help: 'the router sent something that BGP does not allow: look into its version and log',
  };
}
