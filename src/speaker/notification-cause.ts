/**
 * What a NOTIFICATION says of why a session is not up, received or sent (RFC 4271 section 6, RFC 4486, RFC 5492, RFC 9687).
 *
 * The router's words (a shutdown communication, RFC 9003) come through `formatNotification`, which makes them printable.
 */
import type { State } from '../bgp/fsm.ts';
import { CeaseSubcode, ErrorCode, OpenSubcode } from '../bgp/packet/constants.ts';
import { formatNotification, type Notification } from '../bgp/packet/notification.ts';
import type { SessionCause, SessionCauseName, SessionFacts } from './session-cause.ts';

const is = ({ code, subcode }: Notification, wantedCode: number, wantedSubcode: number): boolean =>
  code === wantedCode && subcode === wantedSubcode;

const cause = (name: SessionCauseName, message: string, help: string): SessionCause => ({
  cause: name,
  message,
  help,
  evidence: null,
});

/** The router ended the session, or did not let it come up. */
export function receivedCause(notification: Notification, facts: SessionFacts): SessionCause {
  const { peerAddress, myASN, peerASN, holdTimeSeconds } = facts;
  const said = formatNotification(notification);
  if (is(notification, ErrorCode.OpenMessage, OpenSubcode.BadPeerAs))
    return cause(
      'asMismatch',
      `${peerAddress}${peerASN === null ? '' : ` (AS ${peerASN} in the BGPPeer)`} does not accept our AS ${myASN} (${said})`,
      `make myASN of the BGPPeer and the router's remote AS for this node the same; ours is ${myASN}`,
    );
  if (is(notification, ErrorCode.OpenMessage, OpenSubcode.UnacceptableHoldTime))
    return cause(
      'holdTimeRefused',
      `${peerAddress} refuses our hold time of ${holdTimeSeconds} s (${said})`,
      "set holdTime of the BGPPeer to at least the router's minimum",
    );
  if (is(notification, ErrorCode.OpenMessage, OpenSubcode.BadBgpIdentifier))
    return cause(
      'routerIDClash',
      `${peerAddress} does not accept our router ID (${said})`,
      'give the BGPPeer a routerID that no other speaker in the AS has',
    );
  if (
    is(notification, ErrorCode.OpenMessage, OpenSubcode.UnsupportedCapability) ||
    is(notification, ErrorCode.OpenMessage, OpenSubcode.UnsupportedOptionalParameter)
  )
    return cause(
      'capabilityMismatch',
      `${peerAddress} asks for other address families or capabilities than we offer (${said})`,
      'activate for this node, on the router, the address family of the session; dualStackAddressFamily of the BGPPeer offers both',
    );
  if (is(notification, ErrorCode.Cease, CeaseSubcode.MaximumPrefixes))
    return cause(
      'maxPrefixes',
      `${peerAddress} takes no more prefixes of us${limitOf(notification)} (${said})`,
      "raise the router's limit of prefixes for this node, or announce fewer (aggregationLength of the BGPAdvertisement)",
    );
  if (is(notification, ErrorCode.Cease, CeaseSubcode.BfdDown))
    return cause(
      'bfdDown',
      `the BFD session of ${peerAddress} with this node went down (${said})`,
      'packets of this node did not arrive: check the path to the router, and the load of this node; the session comes back with the path',
    );
  if (notification.code === ErrorCode.HoldTimerExpired)
    return cause(
      'holdTimerExpired',
      `${peerAddress} heard nothing of us for the hold time (${said})`,
      'check the path to the router and the load of this node',
    );
  if (notification.code === ErrorCode.SendHoldTimerExpired)
    return cause(
      'sendHoldTimerExpired',
      `${peerAddress} could not send to us for too long (${said})`,
      'check the path to the router and the load of this node',
    );
  return cause('notificationReceived', `${peerAddress} ended the session: ${said}`, helpWith(notification));
}

function helpWith({ code, subcode }: Notification): string {
  if (code !== ErrorCode.Cease) return 'look into the log and the neighbor configuration of the router';
  switch (subcode) {
    case CeaseSubcode.ConnectionRejected:
    case CeaseSubcode.PeerDeconfigured:
      return 'check that the router has this node as a neighbor';
    case CeaseSubcode.AdministrativeShutdown:
    case CeaseSubcode.AdministrativeReset:
      return 'somebody did this on the router: ask who runs it, or look at its neighbor for "shutdown" or "disabled"';
    case CeaseSubcode.ConnectionCollision:
      return 'the router holds on to another connection with this node, perhaps of a speaker before this one: it goes with its hold time';
    default:
      return 'look into the log and the neighbor configuration of the router';
  }
}

/** RFC 4486 section 4: AFI, SAFI and the limit may come as data. */
function limitOf({ data }: Notification): string {
  if (data.length !== 7) return '';
  return ` than ${new DataView(data.buffer, data.byteOffset).getUint32(3)}`;
}

/** We ended the session, or did not let it come up. */
export function sentCause(notification: Notification, detail: string, state: State, facts: SessionFacts): SessionCause {
  const { peerAddress, peerASN, myASN, maxPrefixes } = facts;
  if (is(notification, ErrorCode.OpenMessage, OpenSubcode.BadPeerAs))
    return cause(
      'asMismatch',
      `${peerAddress} is not in the AS of the BGPPeer${peerASN === null ? '' : `, ${peerASN}`}: ${detail}`,
      "set peerASN of the BGPPeer to the router's AS, or peerAddress to the router that is meant",
    );
  if (is(notification, ErrorCode.OpenMessage, OpenSubcode.UnacceptableHoldTime))
    return cause(
      'holdTimeRefused',
      `the hold time that ${peerAddress} proposes is not acceptable: ${detail}`,
      "set the router's hold time for this node to 0 or at least 3 s",
    );
  if (is(notification, ErrorCode.OpenMessage, OpenSubcode.BadBgpIdentifier))
    return cause(
      'routerIDClash',
      `the router ID of ${peerAddress} is not acceptable: ${detail}`,
      'give the router and the speakers router IDs that differ',
    );
  if (is(notification, ErrorCode.OpenMessage, OpenSubcode.UnsupportedCapability))
    return cause(
      'capabilityMismatch',
      `the address families or capabilities of ${peerAddress} do not suffice: ${detail}`,
      'activate for this node, on the router, the address family of the session; dualStackAddressFamily of the BGPPeer offers both',
    );
  if (is(notification, ErrorCode.Cease, CeaseSubcode.MaximumPrefixes))
    return cause(
      'maxPrefixes',
      `${peerAddress} announced more than ${maxPrefixes} prefixes, and we ended the session`,
      'let the router announce to this node only what it needs (often nothing), or raise maxPrefixes of the BGPPeer',
    );
  if (is(notification, ErrorCode.Cease, CeaseSubcode.BfdDown))
    return cause(
      'bfdDown',
      `BFD with ${peerAddress} went down: ${detail}`,
      'check the path to the router and whether the router runs; the session is tried again with pauses, and at once when BFD is Up',
    );
  if (notification.code === ErrorCode.HoldTimerExpired)
    return state === 'OpenSent'
      ? cause(
          'noOpen',
          `${peerAddress} took the connection and never sent its OPEN`,
          `check that BGP is what listens there; a router with TTL security drops our OPEN like this, and so may one that does not expect AS ${myASN}`,
        )
      : cause(
          'holdTimerExpired',
          `nothing came from ${peerAddress} for the hold time`,
          'check the path to the router and its load; if it comes back after each hold time, the router may have TTL security for this node, which ttlSecurityHops of the BGPPeer answers',
        );
  if (notification.code === ErrorCode.SendHoldTimerExpired)
    return cause(
      'sendHoldTimerExpired',
      `${peerAddress} took nothing of what we sent for too long, and we ended the session`,
      'the router, or something on the path to it, no longer reads: check its load and log',
    );
  return cause(
    'notificationSent',
    `we ended the session with ${peerAddress}: ${formatNotification(notification)}: ${detail}`,
    'the router sent something that BGP does not allow: look into its version and log',
  );
}
