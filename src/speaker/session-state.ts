/** A session's state as JSON for people and scripts: addresses and prefixes as text, times as how long ago, nothing secret. */
import { formatExtendedCommunity } from '../bgp/extended-community.ts';
import { formatFamily } from '../bgp/packet/constants.ts';
import { formatNotification } from '../bgp/packet/notification.ts';
import type { DownReason, EstablishedSession } from '../bgp/peer-types.ts';
import { formatCommunity, formatLargeCommunity } from '../bgp/route.ts';
import { formatIp } from '../net/ip.ts';
import { formatPrefix } from '../net/prefix.ts';
import { bfdStateOf } from './bfd/bfd-state.ts';
import type { SpeakerSession } from './session.ts';
import { describeAuthentication } from './session-identity.ts';

/** @param now - the clock's time, in milliseconds, that "ago" counts from. */
export function sessionStateOf(session: SpeakerSession, now: number): unknown {
  const { peer, engine } = session;
  const { state, since, session: negotiated, lastDown, nextAttemptAt, ...counters } = engine.status;
  const secondsAgo = (at: number): number => Math.round((now - at) / 100) / 10;
  return {
    peer: peer.name,
    peerAddress: peer.peerAddress === null ? null : formatIp(peer.peerAddress),
    peerPort: peer.peerPort,
    myASN: peer.myASN,
    peerASN: peer.peerASN,
    authentication: describeAuthentication(peer),
    state,
    secondsInState: secondsAgo(since),
    negotiated: negotiated === null ? null : negotiatedOf(negotiated),
    cause: session.cause,
    expectedFailover: session.expectedFailover,
    bfd: bfdStateOf(session),
    nextAttemptInSeconds: nextAttemptAt === null ? null : -secondsAgo(nextAttemptAt),
    lastDown: lastDown === null ? null : { reason: describeDown(lastDown.reason), secondsAgo: secondsAgo(lastDown.at) },
    lastReset:
      session.lastReset === null ? null : { cause: session.lastReset.cause, message: session.lastReset.message },
    ...counters,
    recorder: session.recorder.print(),
    adjRibOut: [...engine.adjRibOut()].map(({ prefix, attributes }) => ({
      prefix: formatPrefix(prefix),
      localPref: attributes.localPref,
      med: attributes.med,
      asPathPrepend: attributes.asPathPrepend,
      communities: attributes.communities.map(formatCommunity),
      largeCommunities: attributes.largeCommunities.map(formatLargeCommunity),
      extendedCommunities: (attributes.extendedCommunities ?? []).map(formatExtendedCommunity),
    })),
  };
}

const negotiatedOf = (session: EstablishedSession): unknown => ({
  direction: session.direction,
  local: { address: formatIp(session.localAddress), port: session.localPort },
  remote: { address: formatIp(session.remoteAddress), port: session.remotePort },
  peerRouterID: formatIp({ family: 4, value: BigInt(session.open.bgpIdentifier) }),
  holdTimeSeconds: session.holdTimeSeconds,
  keepaliveSeconds: session.keepaliveSeconds,
  fourOctetAS: session.fourOctetAs,
  routeRefresh: session.routeRefresh,
  extendedMessages: session.extendedMessages,
  // Less than "all" where the router refused an OPEN with everything that we can (RFC 5492 section 3).
  capabilitiesOffered: session.offer,
  families: session.families.map((family) => ({
    family: formatFamily(family),
    nextHop: family.nextHop === null ? null : formatIp(family.nextHop),
  })),
});

/** The engine's own words for it; what it means for the user is the session's `cause`. */
export function describeDown(reason: DownReason): string {
  switch (reason.type) {
    case 'connectFailed':
      return `connecting failed: ${reason.failure.code}`;
    case 'notificationReceived':
      return `NOTIFICATION received in ${reason.state}: ${formatNotification(reason.notification)}`;
    case 'notificationSent':
      return `NOTIFICATION sent in ${reason.state}: ${formatNotification(reason.notification)}: ${reason.detail}`;
    case 'connectionClosed':
      return `connection closed in ${reason.state}${reason.failure === null ? '' : ` (${reason.failure.code})`}`;
    case 'linkDown':
      return `link down in ${reason.state}: ${reason.detail}`;
    case 'collision':
      return 'the other connection was kept';
    case 'stopped':
      return 'stopped';
  }
}
