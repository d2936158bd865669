/**
 * Why a session is not up, and what to do: one cause out of a closed list, from what the engine and the kernel know.
 *
 * {@link causeOf} judges one failed attempt or one end of a session, {@link causeBeforeFailure} a session that has not failed yet. What a
 * NOTIFICATION means is `notification-cause.ts`'s to say. The list with all of its meanings is `docs/reference/session-causes.md`, and a
 * test holds the two together.
 *
 * Nothing is guessed. A wrong MD5 key and a silent firewall look alike from here (the router's kernel drops what is signed wrongly), so the
 * cause then says that there is no answer and that a key is configured, unless our own kernel has dropped segments for their signature
 * meanwhile. It counts those of all peers together, and the evidence says so.
 */
import type { DownReason, PeerStatus } from '../bgp/peer-types.ts';
import type { TcpCounters } from '../io/linux/tcp-counters.ts';
import { receivedCause, sentCause } from './notification-cause.ts';

export const SESSION_CAUSES = [
  'connecting',
  'heldBack',
  'unreachable',
  'linkDown',
  'bfdDown',
  'bfdNotUp',
  'sourceAddressMissing',
  'refused',
  'noAnswer',
  'noAnswerWithMd5Key',
  'md5CountersMoved',
  'ttlDropped',
  'closedByPeer',
  'noOpen',
  'asMismatch',
  'holdTimeRefused',
  'routerIDClash',
  'capabilityMismatch',
  'maxPrefixes',
  'holdTimerExpired',
  'sendHoldTimerExpired',
  'notificationReceived',
  'notificationSent',
  'unknown',
] as const;

export type SessionCauseName = (typeof SESSION_CAUSES)[number];

export interface SessionCause {
  readonly cause: SessionCauseName;
  readonly message: string;
  /** What the user can do about it. */
  readonly help: string;
  /** What the kernel has counted meanwhile; null where nothing was looked for or found. Not in `message`, which stays the same at each attempt. */
  readonly evidence: string | null;
}

/** What the cause is told of the session, beside the reason itself. */
export interface SessionFacts {
  readonly peerAddress: string;
  readonly peerPort: number;
  readonly myASN: number;
  /** Null where any AS of a kind is accepted. */
  readonly peerASN: number | null;
  readonly holdTimeSeconds: number;
  readonly sourceAddress: string | null;
  readonly md5: boolean;
  /** `ttlSecurityHops` of the peer. */
  readonly ttlSecurityHops: number | null;
  readonly maxPrefixes: number;
}

/**
 * The cause of a failed attempt or of the end of a session; null where it ended on purpose (stopped, or the lesser of two connections).
 *
 * @param counted - what the kernel has counted since the session was last in order; null where it cannot tell.
 */
export function causeOf(reason: DownReason, facts: SessionFacts, counted: TcpCounters | null): SessionCause | null {
  switch (reason.type) {
    case 'stopped':
    case 'collision':
      return null;
    case 'connectFailed':
      return (
        (reason.failure.code === 'ETIMEDOUT' ? silence(facts, counted) : null) ??
        connectFailure(reason.failure.code, facts)
      );
    case 'connectionClosed':
      return connectionLost(reason.failure?.code ?? null, reason.state, facts);
    case 'linkDown':
      return {
        cause: 'linkDown',
        message: `the link to ${facts.peerAddress} is down: ${reason.detail}`,
        help: 'check the interface, its cable and the address that the session runs from; the session comes back with them',
        evidence: null,
      };
    case 'notificationReceived':
      return receivedCause(reason.notification, facts);
    case 'notificationSent': {
      const cause = sentCause(reason.notification, reason.detail, reason.state, facts);
      const silent = cause.cause === 'holdTimerExpired' || cause.cause === 'noOpen';
      return (silent ? silence(facts, counted) : null) ?? cause;
    }
  }
}

/**
 * The cause of a session that is not up and has not failed yet, or whose attempt is further than the last that failed.
 *
 * @param counted - as for {@link causeOf}.
 */
export function causeBeforeFailure(
  { state, nextAttemptAt }: Pick<PeerStatus, 'state' | 'nextAttemptAt'>,
  facts: SessionFacts,
  counted: TcpCounters | null,
): SessionCause {
  const { peerAddress } = facts;
  const to = `${peerAddress} port ${facts.peerPort}`;
  const connecting = (message: string): SessionCause => ({
    cause: 'connecting',
    message,
    help: 'nothing has failed yet: look again in a few seconds',
    evidence: null,
  });
  switch (state) {
    case 'Connect':
      return connecting(`connecting to ${to}`);
    case 'OpenSent':
      return silence(facts, counted) ?? connecting(`connected to ${to}; its OPEN has not come yet`);
    case 'OpenConfirm':
    case 'Established':
      return connecting(`the OPENs are exchanged; the first KEEPALIVE of ${peerAddress} has not come yet`);
    case 'Idle':
    case 'Active':
      return {
        cause: 'heldBack',
        message:
          nextAttemptAt === null
            ? `not dialling ${to}: a connection has to come from there`
            : `waiting before ${to} is dialled`,
        help: 'nothing has failed: the state says when the next attempt is',
        evidence: null,
      };
  }
}

/** What our own kernel dropped explains why nothing was heard; null where it dropped nothing that could. */
function silence(facts: SessionFacts, counted: TcpCounters | null): SessionCause | null {
  if (counted === null) return null;
  const { peerAddress, md5, ttlSecurityHops } = facts;
  const least = ttlSecurityHops === null ? 0 : 256 - ttlSecurityHops;
  if (ttlSecurityHops !== null && counted.minTtlDrop > 0)
    return {
      cause: 'ttlDropped',
      message: `nothing from ${peerAddress} arrives with a TTL of ${least} or more, which ttlSecurityHops ${ttlSecurityHops} asks for`,
      help: `let the router send with TTL 255 (its own TTL security for this node), or raise ttlSecurityHops to the hops that there really are`,
      evidence: moved('segments that this node dropped for their TTL (TcpExtTCPMinTTLDrop)', counted.minTtlDrop),
    };
  const dropped = md5 ? counted.md5Failure + counted.md5NotFound : counted.md5Unexpected;
  if (dropped === 0) return null;
  return {
    cause: 'md5CountersMoved',
    message: md5
      ? `nothing is heard from ${peerAddress}, an MD5 key is configured, and this node drops segments for their signature`
      : `nothing is heard from ${peerAddress}, no MD5 key is configured, and this node drops segments that are signed`,
    help: md5
      ? 'compare the keys: the router has another one for this node, or none'
      : 'the router has a key for this node: give the BGPPeer the same one, or take it away there',
    evidence: md5
      ? `${moved("MD5 failures of this node's kernel", dropped)}: ${counted.md5Failure} with another key (TcpExtTCPMD5Failure), ${counted.md5NotFound} without a signature (TcpExtTCPMD5NotFound)`
      : moved("signed segments that this node's kernel did not expect (TcpExtTCPMD5Unexpected)", dropped),
  };
}

/** The counters are the namespace's: another peer may be the one that moved them. */
const moved = (what: string, by: number): string => `${what} moved by ${by} meanwhile, all peers together`;

function connectFailure(code: string, facts: SessionFacts): SessionCause {
  const to = `${facts.peerAddress} port ${facts.peerPort}`;
  switch (code) {
    case 'ECONNREFUSED':
      return {
        cause: 'refused',
        message: `${to} refused the connection`,
        help: 'check that BGP runs on the router, listens on this address and port, and that no firewall answers in its place',
        evidence: null,
      };
    case 'ETIMEDOUT':
      return facts.md5
        ? {
            cause: 'noAnswerWithMd5Key',
            message: `no answer from ${to}; an MD5 key is configured`,
            help: 'either the router has no key or another one for this node, or no BGP at all (packets of either side that are not signed as the other expects are dropped without a word), or it cannot be reached: compare the keys, then check that BGP runs there, the path and firewalls',
            evidence: null,
          }
        : {
            cause: 'noAnswer',
            message: `no answer from ${to}`,
            help: 'check the path and firewalls; a router that has a password for this node does not answer an unsigned connection either',
            evidence: null,
          };
    case 'EADDRNOTAVAIL':
      return {
        cause: 'sourceAddressMissing',
        message: `this node has no address ${facts.sourceAddress ?? 'of that family'} to connect from`,
        help: 'correct sourceAddress of the BGPPeer, or give the node that address',
        evidence: null,
      };
    default:
      return (
        unreachable(code, facts) ?? {
          cause: 'unknown',
          message: `connecting to ${to} failed (${code})`,
          help: "what the error means here is not known: check the node's network and the router",
          evidence: null,
        }
      );
  }
}

function unreachable(code: string, facts: SessionFacts): SessionCause | null {
  if (!['EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN', 'EHOSTDOWN'].includes(code)) return null;
  return {
    cause: 'unreachable',
    message: `${facts.peerAddress} port ${facts.peerPort} cannot be reached (${code})`,
    help: "check the address, the node's routes and the link to the router",
    evidence: null,
  };
}

/** The connection was there, and went without a NOTIFICATION. */
function connectionLost(code: string | null, state: string, facts: SessionFacts): SessionCause {
  const { peerAddress } = facts;
  // FIN, or a reset: somebody at the other end, or in its name, wanted it so.
  if (code === null || code === 'ECONNRESET' || code === 'EPIPE')
    return {
      cause: 'closedByPeer',
      message: `${peerAddress} closed the connection in ${state} without a NOTIFICATION`,
      help:
        state === 'Established'
          ? 'look into the log of the router: it, or something between, ended the TCP connection'
          : `check that the router has this node as a neighbor with remote AS ${facts.myASN}${facts.md5 ? '' : ', without a password'}`,
      evidence: code === null ? null : `the connection ended with a reset (${code})`,
    };
  return (
    unreachable(code, facts) ?? {
      cause: code === 'ETIMEDOUT' ? 'noAnswer' : 'unknown',
      message:
        code === 'ETIMEDOUT'
          ? `${peerAddress} no longer answers (TCP gave up in ${state})`
          : `the connection with ${peerAddress} failed in ${state} (${code})`,
      help: 'check the path to the router and its load',
      evidence: null,
    }
  );
}
